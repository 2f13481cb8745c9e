"""One row for each key, and the same one in whatever order its versions come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import reduce

from pipelines.mapping import Row

Key = tuple[object, ...]


class UniqueRows:
    """Rows of one table: of several with one key the best wins, and the others fill its blanks."""

    def __init__(self, key: tuple[str, ...]) -> None:
        self.key = key
        self.by_key: dict[Key, Row] = {}

    def add(self, rows: Iterable[Row]) -> None:
        """Take the rows of one record; those that are there already come from a newer one."""
        for key, row in self._without_doubles(rows).items():
            kept = self.by_key.get(key)
            self.by_key[key] = row if kept is None else _filled(kept, row)

    def _without_doubles(self, rows: Iterable[Row]) -> dict[Key, Row]:
        """Decide between the rows of one record, whose order says nothing, by what they say."""
        single: dict[Key, Row] = {}
        versions: dict[Key, list[Row]] = {}
        for row in rows:
            key: Key = tuple(row[name] for name in self.key)
            first = single.setdefault(key, row)
            if first is not row and first != row:
                versions.setdefault(key, [first]).append(row)
        for clash, differing in versions.items():
            single[clash] = reduce(_filled, sorted(differing, key=_precedence, reverse=True))
        return single


def _filled(kept: Row, row: Row) -> Row:
    if kept == row:
        return kept
    return {name: row[name] if value is None else value for name, value in kept.items()}


def _precedence(row: Row) -> tuple[str, str]:
    """Order of different rows with one key: the latest instant in it, such as a price's."""
    instants = (value.isoformat() for value in row.values() if isinstance(value, datetime))
    return max(instants, default=""), repr(row)
