"""Inspecting a record before it is parsed: new fields, and parts that no table could read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from itertools import accumulate, chain
from typing import Any, Final

from pipelines.api.endpoints import Endpoint
from pipelines.mapping.issues import NO_KEY, NOT_A_LIST, Issue, printable
from pipelines.mapping.memo import memo_of
from pipelines.mapping.versions import SECOND_ROW, best_first
from pipelines.parsing import Reading
from pipelines.parsing.values import identifier, key_reader
from pipelines.tables import API_TABLES, Table, tables_from

Record = dict[str, Any]

MOST_UNKNOWN: Final = 1_000
OTHER_FIELDS: Final = "other fields"

_identity = key_reader(identifier)
_identities = memo_of(_identity)


def as_identity(raw: Any) -> Reading:
    """Read what identifies a race, a runner, a course: part of a key wherever it is stored."""
    return _identities[raw] if raw.__class__ is str else _identity(raw)


def identity_in(entry: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """Return what identifies an object, of one field or several; None if one cannot be read."""
    if len(names) == 1:  # as nearly always
        own = as_identity(entry.get(names[0]))
        return own if isinstance(own, str) else None
    read = [as_identity(entry.get(name)) for name in names]
    known = [own for own in read if isinstance(own, str)]
    return "/".join(known) if len(known) == len(names) else None


@dataclass
class Inspection:
    """What was found while inspecting records."""

    issues: list[Issue] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    """Fields that no declaration knows, counted."""
    values: Counter[str] = field(default_factory=Counter)
    """Values that were not blank, and blank ones that are needed, by field and column."""
    unreadable: Counter[str] = field(default_factory=Counter)
    """Those of them that could not be stored."""
    doubtful: set[date] = field(default_factory=set)
    """Days of which a record, or a runner of one, cannot be used: what they lack may be in it."""

    def add(self, other: Inspection) -> None:
        """Add the findings of another inspection."""
        self.issues += other.issues
        for shown, count in other.unknown.items():
            self._note(shown, count)
        self.values += other.values
        self.unreadable += other.unreadable
        self.doubtful |= other.doubtful

    def count(self, name: str, values: int, unreadable: int = 0) -> None:
        """Count values of a field, and those of them that cannot be stored."""
        self.values[name] += values
        if unreadable:
            self.unreadable[name] += unreadable

    def note_unknown(self, path: str, names: Iterable[str]) -> None:
        """Count undeclared fields, up to a limit."""
        for name in names:
            self._note(path + printable(name), 1)

    def _note(self, shown: str, count: int) -> None:
        is_listed = shown in self.unknown or len(self.unknown) < MOST_UNKNOWN
        self.unknown[shown if is_listed else OTHER_FIELDS] += count


FieldTree = dict[str, "FieldTree"]


@cache
def _known_paths(endpoint: Endpoint) -> tuple[str, ...]:
    """Every field of a record that is declared or deliberately dropped."""
    declared = [path for table in API_TABLES for path in _paths(table, endpoint)]
    dropped = [path for path, _ in endpoint.dropped if path.startswith(endpoint.root)]
    return (*declared, *(path.removeprefix(endpoint.root) for path in dropped))


def _paths(table: Table, endpoint: Endpoint) -> list[str]:
    return [
        path
        for column in table.columns_from(endpoint.name)
        for path in column.origins[endpoint.name].paths
    ]


@cache
def known_fields(endpoint: Endpoint) -> FieldTree:
    """Tree of the known fields of a record by name."""
    tree: FieldTree = {}
    for path in _known_paths(endpoint):
        branch = tree
        for part in path.replace("[]", "").split("."):
            branch = branch.setdefault(part, {})
    return tree


@cache
def known_lists(endpoint: Endpoint) -> frozenset[str]:
    """Lists of objects inside a record, such as runners and runners.odds."""
    return _lists_on(_known_paths(endpoint))


@cache
def unread_lists(endpoint: Endpoint, tables: frozenset[Table]) -> frozenset[str]:
    """Lists of objects that none of these tables is read from."""
    read = [
        path
        for table in tables.intersection(tables_from(endpoint))
        for path in (f"{table.rows_from[endpoint.name]}.", *_paths(table, endpoint))
    ]
    return known_lists(endpoint) - _lists_on(read)


def _lists_on(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(
        prefix.replace("[]", "")
        for path in paths
        for prefix in accumulate(path.split("."), "{}.{}".format)
        if prefix.endswith("[]")
    )


def inspect(
    endpoint: Endpoint,
    records: Iterable[Any],
    day: date | None,
    found: Inspection,
    unread: frozenset[str] = frozenset(),
) -> list[Record]:
    """Return the records without their unusable parts, and without those of no use at all.

    There is one per identity. Lists that are not read stay unmodified.
    """
    inspector, level = _Inspector(endpoint, day, found), known_level(endpoint, unread)
    inspected = (inspector.record(entry, level) for entry in inspector.distinct(records, level))
    return [record for record in inspected if record is not None]


@dataclass(frozen=True)
class KnownLevel:
    """What is known about the objects at one place of a record."""

    path: str
    """Prefix of its fields in the documents: racecards[].runners[]. for runners."""
    identity: tuple[str, ...]
    """Fields that identify an object together; none where nothing does."""
    table: str
    """The table that loses a row where something here is set aside."""
    fields: frozenset[str]
    inside: tuple[tuple[str, KnownLevel], ...]
    """Fields that hold objects themselves."""
    is_list: bool

    @cached_property
    def whole(self) -> str:
        """The field that holds all of it, as counts of values name it."""
        return f"{self.path.removesuffix('.').removesuffix('[]')} -> {self.table}"

    @cached_property
    def key(self) -> str:
        """The field that identifies an object, as counts of values name it."""
        return f"{self.path}{'/'.join(self.identity)} -> {self.table}"


@cache
def known_level(endpoint: Endpoint, unread: frozenset[str]) -> KnownLevel:
    """The record of an endpoint, and what lies inside it and is read."""
    identities, lists, tables = dict(endpoint.levels), known_lists(endpoint), _tables_at(endpoint)

    def table_at(name: str) -> str:
        return tables[name] if name in tables else table_at(name.rpartition(".")[0])

    def level(known: FieldTree, name: str, path: str) -> KnownLevel:
        inside = (
            (field, level(tree, inner, path + field))
            for field, tree in known.items()
            if tree and (inner := f"{name}.{field}".lstrip(".")) not in unread
        )
        is_list = name in lists
        path += ("[]." if is_list else ".") if name else ""
        identity, table = identities.get(name, ()), table_at(name)
        return KnownLevel(path, identity, table, frozenset(known), tuple(inside), is_list)

    return level(known_fields(endpoint), "", endpoint.root)


@cache
def _tables_at(endpoint: Endpoint) -> dict[str, str]:
    """The table that loses a row where something at a level is set aside."""
    return {
        table.rows_from[endpoint.name].replace("[]", ""): table.part_of or table.name
        for table in reversed(API_TABLES)  # the main one last: a race, a runner
        if endpoint.name in table.rows_from and not (table.sparse or table.named_as)
    }


class _Inspector:
    """Walks down one record, setting aside what no table could read."""

    def __init__(self, endpoint: Endpoint, day: date | None, found: Inspection) -> None:
        self.endpoint, self.day, self.found = endpoint, day, found
        self.within: list[str] = []

    def record(self, entry: Any, level: KnownLevel) -> Record | None:
        if not isinstance(entry, dict):
            self._set_aside(level, level.path.rstrip("."), NOT_A_LIST, entry)
            self.found.count(level.whole, 1, 1)
            return None
        if not entry.keys() <= level.fields:
            self.found.note_unknown(level.path, entry.keys() - level.fields)
        own = identity_in(entry, level.identity)
        if level.identity:
            self.found.count(level.key, 1, 1 if own is None else 0)
        if own is None:
            self._set_aside(level, "", NO_KEY, entry)
            return None
        if not level.inside:
            return entry
        self.within.append(own)
        nested = {
            name: self._branch(entry[name], inner) for name, inner in level.inside if name in entry
        }
        self.within.pop()
        return entry | nested

    def _branch(self, value: Any, level: KnownLevel) -> Any:
        if value and isinstance(value, list if level.is_list else dict):
            self.found.count(level.whole, 1)
        if not level.is_list:
            return {} if value is None else self.record(value, level) or {}
        if value is None:
            return []
        if not isinstance(value, list) or (value and not any(map(_is_object, value))):
            self._set_aside(level, level.path.removesuffix("[]."), NOT_A_LIST, value)
            self.found.count(level.whole, 0 if isinstance(value, list) else 1, 1)
            return []
        if self._are_plain(value, level):
            return value
        entries = (self.record(entry, level) for entry in self.distinct(value, level))
        return [entry for entry in entries if entry is not None]

    def _are_plain(self, entries: list[Any], level: KnownLevel) -> bool:
        """Return whether every object of a list is usable as it is: a look at all of them at once.

        Nearly all lists are: prices by the thousand, each with what is declared, and one of each.
        """
        if level.inside or not all(map(_is_object, entries)):
            return False
        if not level.fields.issuperset(chain.from_iterable(entries)):
            return False
        if level.identity:
            own = {identity_in(entry, level.identity) for entry in entries}
            if len(own) < len(entries) or None in own:
                return False
            self.found.count(level.key, len(entries))
        return True

    def distinct(self, entries: Iterable[Any], level: KnownLevel) -> list[Any]:
        """Keep one whole object per identity, whatever their order; others become issues."""
        entries = list(entries)
        versions: dict[str, list[int]] = {}
        for place, entry in enumerate(entries):
            own = identity_in(entry, level.identity) if _is_object(entry) else None
            if own:
                versions.setdefault(own, []).append(place)
        left_out = {
            place
            for own, places in versions.items()
            if len(places) > 1
            for place in self._left_out(own, {place: entries[place] for place in places}, level)
        }
        return [entry for place, entry in enumerate(entries) if place not in left_out]

    def _left_out(self, own: str, versions: dict[int, Record], level: KnownLevel) -> list[int]:
        """Return the places of all versions but the best one, and record them as issues."""
        places, said = [*versions], [*versions.values()]
        order = best_first(said)
        different: list[Record] = []
        for number in order:
            if said[number] not in different:
                different.append(said[number])
        if len(different) > 1:
            raw = different[1] if len(different) == 2 else different[1:]
            key = "/".join([*self.within, own])
            self.found.issues.append(
                Issue(self.endpoint.name, level.table, key, "", SECOND_ROW, raw, self.day)
            )
        return [places[number] for number in order[1:]]

    def _set_aside(self, level: KnownLevel, path: str, problem: str, raw: Any) -> None:
        if level.identity and self.day:
            self.found.doubtful.add(self.day)
        within = "/".join(self.within)
        self.found.issues.append(
            Issue(self.endpoint.name, level.table, "", path, problem, raw, self.day, within)
        )


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)
