"""Inspecting a record before it is read: what is unknown in it, and what no table could read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import accumulate
from typing import Any

from pipelines.endpoints import Endpoint
from pipelines.mapping.issues import NO_KEY, NOT_A_LIST, Issue
from pipelines.parsing.values import text
from pipelines.tables import API_TABLES, tables_from

Record = dict[str, Any]


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
