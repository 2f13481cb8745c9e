"""From a response to rows, as the tables declare it.

A record is first inspected once (what no declaration knows, what has no key, what is not the list
it should be), then read once for each table.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from itertools import accumulate
from math import isfinite
from typing import Any

import orjson

from pipelines.endpoints import Endpoint
from pipelines.parsing import UNREADABLE, Reader, Value
from pipelines.parsing.values import text
from pipelines.tables import API_TABLES, ISSUES, Column, Table, tables_from
from pipelines.tables.model import TEXT

Record = dict[str, Any]
Row = dict[str, Value | None]

NO_KEY = "no key"
NOT_A_LIST = "not a list of objects"
UNREADABLE_VALUE = "unreadable"
MISSING_VALUE = "required value missing"

DEEPEST = 100
"""Levels of a nested value that are shown; JSON writers give up at some two hundred."""
PRINTABLE_BITS = 14_000
"""Python refuses to print integers of more than 4,300 digits."""


@dataclass(frozen=True)
class Issue:
    """One value, or one whole row, that could not be stored where it belongs."""

    endpoint: str
    table: str
    key: str
    field: str
    problem: str
    raw: Any
    day: date | None
    within: str = ""
    """Ids of the records around a row without a key: they tell equal ones apart."""

    def row(self) -> Row:
        """Row of ra_issues."""
        raw = orjson.dumps(_storable(self.raw), default=str).decode()
        digest = hashlib.sha256(f"{self.within} {raw}".encode()).hexdigest()[:16]
        values = (self.endpoint, self.table, self.key or digest, self.field, self.problem, raw)
        names = (column.name for column in ISSUES.columns)
        return dict(zip(names, (*values, self.day), strict=True))


def _storable(raw: Any, depth: int = 0) -> Any:
    """Rid a JSON value of what cannot be stored or written as JSON, so that it can be shown."""
    if depth > DEEPEST:
        return "..."
    if isinstance(raw, dict):
        return {_storable(str(key)): _storable(value, depth + 1) for key, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [_storable(value, depth + 1) for value in raw]
    if isinstance(raw, str):
        return raw.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(raw, float) and not isfinite(raw):
        return str(raw)
    if isinstance(raw, int) and raw.bit_length() > 63:
        return str(raw) if raw.bit_length() < PRINTABLE_BITS else "an integer without end"
    return raw


# Inspection


@dataclass
class Inspection:
    """What was found while inspecting records."""

    issues: list[Issue] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    """Fields that no declaration knows, counted."""


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
        for name in entry.keys() - known.keys():
            self.found.unknown[path + _printable(name)] += 1
        identity = self.identity.get(level)
        if identity and not isinstance(text(entry.get(identity)), str):
            self._set_aside(level, "", NO_KEY, entry)
            return None
        self.within.append(str(entry.get(identity or "", "")))
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
        if not isinstance(value, list):
            self._set_aside(level, path, NOT_A_LIST, value)
            return []
        entries = (self._entry(entry, known, level, path + "[].") for entry in value)
        return [entry for entry in entries if entry is not None]

    def _set_aside(self, level: str, path: str, problem: str, raw: Any) -> None:
        while level not in self.tables:
            level = level.rpartition(".")[0]
        within = "/".join(self.within)
        table = self.tables[level]
        self.found.issues.append(
            Issue(self.endpoint.name, table, "", path, problem, raw, self.day, within)
        )


def _printable(name: str) -> str:
    return name.replace("\x00", "\\x00").encode("ascii", "backslashreplace").decode()


# Rows


@dataclass(frozen=True)
class _Cell:
    """One column's way from the nested records to a value."""

    column: Column
    read: Reader
    fields: tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...]
    """For each field: depth of the record that holds it, lists to gather through, keys."""

    def raw(self, context: Sequence[Record]) -> list[Any]:
        return [_value(context[depth], lists, keys) for depth, lists, keys in self.fields]


def _value(record: Record, lists: tuple[str, ...], keys: tuple[str, ...]) -> Any:
    if lists:
        return [_value(entry, lists[1:], keys) for entry in record.get(lists[0]) or ()]
    value: Any = record
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


class RowReader:
    """Reads the rows of one table, or some columns of it, out of one endpoint's records."""

    def __init__(self, table: Table, endpoint: Endpoint, columns: Sequence[Column]) -> None:
        self.table, self.endpoint = table, endpoint
        self.lists = _lists(table.rows_from[endpoint.name] + ".")
        self.cells = [self._cell(column) for column in columns]
        self.names = [column.name for column in columns]

    def _cell(self, column: Column) -> _Cell:
        origin = column.origins[self.endpoint.name]
        return _Cell(column, origin.read, tuple(self._field(path) for path in origin.paths))

    def _field(self, path: str) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
        lists, keys = _lists(path), tuple(path.rpartition("[].")[2].split("."))
        depth = min(len(lists), len(self.lists))
        if lists[:depth] != self.lists[:depth]:
            raise ValueError(f"{self.table}: {path} lies outside {self.lists}")
        return depth, lists[depth:], keys

    def rows(self, record: Record, day: date | None) -> Iterator[tuple[Row | None, list[Issue]]]:
        """Yield each row of a record with its issues; None for a row that cannot be stored."""
        for context in _contexts([record], self.lists):
            yield self._row(context, day)

    def _row(self, context: list[Record], day: date | None) -> tuple[Row | None, list[Issue]]:
        row: Row = {}
        unreadable: list[_Cell] = []
        for cell in self.cells:
            value = cell.read(*cell.raw(context))
            if value is UNREADABLE:
                unreadable.append(cell)
                value = None
            row[cell.column.name] = value
        missing = [
            cell for cell in self.cells if cell.column.required and row[cell.column.name] is None
        ]
        if not unreadable and not missing:
            return row, []
        return self._judged(row, context, unreadable, missing, day)

    def _judged(
        self,
        row: Row,
        context: list[Record],
        unreadable: list[_Cell],
        missing: list[_Cell],
        day: date | None,
    ) -> tuple[Row | None, list[Issue]]:
        """Decide what becomes of a row that is not as it should be."""
        if missing and self.table.sparse and not unreadable:
            return None, []
        lost = [c for c in missing if c.column.name in self.table.key or c.column.type != TEXT]
        if lost or (missing and self.table.sparse):
            problem = NO_KEY if lost and lost[0].column.name in self.table.key else MISSING_VALUE
            within = "/".join(
                str(outer.get(identity))
                for outer, (_, identity) in zip(context, self.endpoint.levels, strict=False)
            )
            lost_row = self._issue("", "", problem, context[-1], day)
            return None, [replace(lost_row, within=within)]
        key = "/".join(str(row[name]) for name in self.table.key)
        issues = [
            self._issue(key, self._path(cell), UNREADABLE_VALUE, _one(cell.raw(context)), day)
            for cell in unreadable
        ]
        for cell in missing:
            # The row is worth more than its one blank text, and the column is NOT NULL.
            row[cell.column.name] = ""
            if cell not in unreadable:
                raw = _one(cell.raw(context))
                issues.append(self._issue(key, self._path(cell), MISSING_VALUE, raw, day))
        return row, issues

    def _path(self, cell: _Cell) -> str:
        return self.endpoint.root + cell.column.origins[self.endpoint.name].paths[0]

    def _issue(self, key: str, path: str, problem: str, raw: Any, day: date | None) -> Issue:
        return Issue(self.endpoint.name, self.table.name, key, path, problem, raw, day)


def _one(raw: list[Any]) -> Any:
    return raw[0] if len(raw) == 1 else raw


def _lists(path: str) -> tuple[str, ...]:
    return tuple(part.removesuffix("[]") for part in path.split(".") if part.endswith("[]"))


def _contexts(outer: list[Record], lists: tuple[str, ...]) -> Iterator[list[Record]]:
    """Yield the chain of records from the outermost to each innermost one."""
    if not lists:
        yield outer
        return
    for entry in outer[-1].get(lists[0]) or ():
        yield from _contexts([*outer, entry], lists[1:])
