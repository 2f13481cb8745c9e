"""Reading the rows of a table out of inspected records, as its columns declare it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pipelines.endpoints import Endpoint
from pipelines.mapping.inspection import Record
from pipelines.mapping.issues import MISSING_VALUE, NO_KEY, UNREADABLE_VALUE, Issue, Row
from pipelines.mapping.memo import Memo, memo_of
from pipelines.parsing import UNREADABLE, Reader
from pipelines.parsing.values import key_reader
from pipelines.tables import Column, Table
from pipelines.tables.model import TEXT


@dataclass(frozen=True)
class _Cell:
    """One column's way from the nested records to a value."""

    column: Column
    read: Reader
    memo: Memo
    fields: tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...]
    """For each field: depth of the record that holds it, lists to gather through, keys."""

    @property
    def depth(self) -> int:
        """Depth of the innermost record that it is read from."""
        return max(depth for depth, _, _ in self.fields)

    @property
    def way(self) -> _Way:
        """What is needed to read it; the key where it is one field of one record, as nearly all."""
        match self.fields:
            case ((_, (), (key,)),):
                return self, self.column.name, key, self.memo
        return self, self.column.name, None, self.memo

    def raw(self, context: Sequence[Record]) -> list[Any]:
        return [_value(context[depth], lists, keys) for depth, lists, keys in self.fields]


_Way = tuple[_Cell, str, str | None, Memo]


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
        cells = [self._cell(column) for column in columns]
        self.required = [cell for cell in cells if cell.column.required]
        self.levels = [
            [cell.way for cell in cells if cell.depth == depth]
            for depth in range(len(self.lists) + 1)
        ]
        """Cells by the depth of the record that decides them: read once for all rows inside it."""

    def _cell(self, column: Column) -> _Cell:
        origin = column.origins[self.endpoint.name]
        read = key_reader(origin.read) if column.name in self.table.key else origin.read
        fields = tuple(self._field(path) for path in origin.paths)
        return _Cell(column, read, memo_of(column, read), fields)

    def _field(self, path: str) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
        lists, keys = _lists(path), tuple(path.rpartition("[].")[2].split("."))
        depth = min(len(lists), len(self.lists))
        if lists[:depth] != self.lists[:depth]:
            raise ValueError(f"{self.table}: {path} lies outside {self.lists}")
        return depth, lists[depth:], keys

    def rows(self, record: Record, day: date | None) -> Iterator[tuple[Row | None, list[Issue]]]:
        """Yield each row of a record with its issues; None for a row that cannot be stored."""
        yield from self._inside([record], {}, [], day)

    def _inside(
        self, context: list[Record], outer: Row, unreadable: list[_Cell], day: date | None
    ) -> Iterator[tuple[Row | None, list[Issue]]]:
        """Yield the rows inside the innermost record of a context."""
        depth = len(context) - 1
        row, unreadable = self._filled(context, outer, unreadable)
        if depth == len(self.lists):
            missing = [cell for cell in self.required if row[cell.column.name] is None]
            if unreadable or missing:
                yield self._judged(row, context, unreadable, missing, day)
            else:
                yield row, []
            return
        for entry in context[-1].get(self.lists[depth]) or ():
            yield from self._inside([*context, entry], row, unreadable, day)

    def _filled(
        self, context: list[Record], outer: Row, unreadable: list[_Cell]
    ) -> tuple[Row, list[_Cell]]:
        """Add to a row what its innermost record decides."""
        row, record = outer.copy(), context[-1]
        for cell, name, key, memo in self.levels[len(context) - 1]:  # millions: nothing to look up
            if key is None:
                value = cell.read(*cell.raw(context))
            else:
                raw = record.get(key)
                value = memo[raw] if raw.__class__ is str or raw is None else cell.read(raw)
            if value is UNREADABLE:
                unreadable = [*unreadable, cell]
                value = None
            row[name] = value
        return row, unreadable

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
