"""Inspecting a record before it is read: what is unknown in it, and what no table could read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import accumulate
from typing import Any, Final

from pipelines.endpoints import Endpoint
from pipelines.mapping.issues import NO_KEY, NOT_A_LIST, Issue, printable
from pipelines.parsing.values import identifier, key_reader
from pipelines.tables import API_TABLES, tables_from

Record = dict[str, Any]

MOST_UNKNOWN: Final = 1_000
OTHER_FIELDS: Final = "other fields"

as_identity = key_reader(identifier)
"""Reads what identifies a race, a runner, a course: part of a key wherever it is stored."""


@dataclass
class Inspection:
    """What was found while inspecting records."""

    issues: list[Issue] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    """Fields that no declaration knows, counted."""
    doubtful: set[date] = field(default_factory=set)
    """Days of which a record, or a runner of one, cannot be used: what they lack may be in it."""

    def note_unknown(self, path: str, names: Iterable[str]) -> None:
        """Count fields that no declaration knows; a response of nothing else has no end."""
        for name in names:
            shown = path + printable(name)
            is_listed = shown in self.unknown or len(self.unknown) < MOST_UNKNOWN
            self.unknown[shown if is_listed else OTHER_FIELDS] += 1


Known = dict[str, "Known"]


@cache
def _known_paths(endpoint: Endpoint) -> tuple[str, ...]:
    """Every field of a record that is declared or deliberately dropped."""
    declared = [
        path
        for table in API_TABLES
        for column in table.columns_from(endpoint.name)
        for path in column.origins[endpoint.name].paths
    ]
    dropped = [path for path, _ in endpoint.dropped if endpoint.root and endpoint.root in path]
    return (*declared, *(path.removeprefix(endpoint.root) for path in dropped))


@cache
def known_fields(endpoint: Endpoint) -> Known:
    """Tree of the known fields of a record by name."""
    tree: Known = {}
    for path in _known_paths(endpoint):
        branch = tree
        for part in path.replace("[]", "").split("."):
            branch = branch.setdefault(part, {})
    return tree


@cache
def known_lists(endpoint: Endpoint) -> frozenset[str]:
    """Lists of objects inside a record, such as runners and runners.odds."""
    return frozenset(
        prefix.replace("[]", "")
        for path in _known_paths(endpoint)
        for prefix in accumulate(path.split("."), "{}.{}".format)
        if prefix.endswith("[]")
    )


def inspect(endpoint: Endpoint, record: Any, day: date | None, found: Inspection) -> Record | None:
    """Return the record without its unusable parts, or None if nothing of it can be used."""
    return _Inspector(endpoint, day, found).record(record)


class _Inspector:
    """Walks down one record, setting aside what no table could read."""

    def __init__(self, endpoint: Endpoint, day: date | None, found: Inspection) -> None:
        self.endpoint, self.day, self.found = endpoint, day, found
        self.identity = dict(endpoint.levels)
        self.lists = known_lists(endpoint)
        self.tables = {
            table.rows_from[endpoint.name].replace("[]", ""): table.name
            for table in reversed(tables_from(endpoint))
            if not table.sparse
        }
        self.within: list[str] = []

    def record(self, record: Any) -> Record | None:
        return self._entry(record, known_fields(self.endpoint), "", self.endpoint.root)

    def _entry(self, entry: Any, known: Known, level: str, path: str) -> Record | None:
        if not isinstance(entry, dict):
            self._set_aside(level, path.rstrip("."), NOT_A_LIST, entry)
            return None
        self.found.note_unknown(path, entry.keys() - known.keys())
        identity = self.identity.get(level)
        own = as_identity(entry.get(identity)) if identity else ""
        if not isinstance(own, str):
            self._set_aside(level, "", NO_KEY, entry)
            return None
        self.within.append(own)
        nested = {
            name: self._branch(entry[name], tree, f"{level}.{name}".lstrip("."), path + name)
            for name, tree in known.items()
            if tree and name in entry
        }
        self.within.pop()
        return entry | nested if nested else entry

    def _branch(self, value: Any, known: Known, level: str, path: str) -> Any:
        if level not in self.lists:
            return {} if value is None else self._entry(value, known, level, path + ".") or {}
        if value is None:
            return []
        if not isinstance(value, list) or (value and not any(map(_is_object, value))):
            self._set_aside(level, path, NOT_A_LIST, value)
            return []
        entries = (self._entry(entry, known, level, path + "[].") for entry in value)
        return [entry for entry in entries if entry is not None]

    def _set_aside(self, level: str, path: str, problem: str, raw: Any) -> None:
        if level in self.identity and self.day:
            self.found.doubtful.add(self.day)
        while level not in self.tables:
            level = level.rpartition(".")[0]
        within = "/".join(self.within)
        table = self.tables[level]
        self.found.issues.append(
            Issue(self.endpoint.name, table, "", path, problem, raw, self.day, within)
        )


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)
