"""Parsing the rows of a table from inspected records, as its columns declare.

One column at a time: a field of an outer record is parsed once for all rows inside it, and only
rows with a problem become Python objects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.api.endpoints import Endpoint
from pipelines.mapping.arrow import arrow_array, arrow_schema
from pipelines.mapping.encoded import together
from pipelines.mapping.inspection import Inspection, Record
from pipelines.mapping.issues import MISSING_VALUE, NO_KEY, UNREADABLE_VALUE, Issue, Row
from pipelines.mapping.levels import Level, Levels, value_in
from pipelines.mapping.memo import Memo, memo_of
from pipelines.mapping.versions import SECOND_ROW
from pipelines.parsing import Reading, Unreadable, ValueReader
from pipelines.parsing.values import key_reader
from pipelines.system.compression import Packed
from pipelines.tables import Column, Table
from pipelines.tables.model import TEXT

_TEXTS: Final = frozenset({str, type(None)})


@dataclass(frozen=True)
class Rows:
    """Rows of one table, in the order of their records."""

    table: pa.Table
    records: pa.Array
    """For each row the number of the record that it is from."""

    def of(self, records: Collection[int]) -> Rows:
        """Return only the rows of some records."""
        wanted = pc.is_in(self.records, pa.array(records, pa.int32()))
        return Rows(self.table.filter(wanted), self.records.filter(wanted))

    def unpacked(self) -> Rows:
        """Return them, as PackedRows do."""
        return self

    def packed(self) -> PackedRows:
        """Compress them: a month of cards takes a sixth of the memory."""
        return PackedRows(Packed((self.table, self.records)))


@dataclass(frozen=True)
class PackedRows:
    """Compressed rows, for later use."""

    _rows: Packed[tuple[pa.Table, pa.Array]]

    def unpacked(self) -> Rows:
        """Return the rows."""
        return Rows(*self._rows.unpacked())


@dataclass(frozen=True)
class _Cell:
    """One column's way from the nested records to its values."""

    column: Column
    read: ValueReader
    memo: Memo
    fields: tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...]
    """For each field: depth of the record that holds it, lists to gather through, keys."""
    path: str
    """The first of the fields, as issues name it."""
    name: str
    """Field and column, as counts of values name them."""

    @property
    def depth(self) -> int:
        """Depth of the innermost record that it is read from."""
        return max(depth for depth, _, _ in self.fields)

    def column_of(self, level: Level) -> tuple[pa.Array, list[int]]:
        """Return the values at the level that contains their fields, and which are unreadable."""
        fields = [level.texts(*field) for field in self.fields]
        if None in fields:
            return arrow_array(self.column, self.values(level))
        several = [one for one in fields if one is not None]
        said = several[0] if len(several) == 1 else together(several)
        read, unreadable = arrow_array(self.column, [self.memo[text] for text in said.texts])
        if unreadable:
            unreadable = _rows_where(pc.is_in(said.codes, pa.array(unreadable, pa.int32())))
        return read.take(said.codes), unreadable

    def values(self, level: Level) -> list[Reading]:
        """Parse the values one by one."""
        read, memo = self.read, self.memo
        raws, *others = (level.values(*field) for field in self.fields)
        if not others:  # as nearly all: millions
            return [memo[raw] if raw.__class__ in _TEXTS else read(raw) for raw in raws]
        return [
            memo[several] if _TEXTS.issuperset(map(type, several)) else read(*several)
            for several in zip(raws, *others, strict=True)
        ]

    def raw(self, context: Sequence[Record]) -> Any:
        """Return what one value was read from: a list for several fields."""
        raw = self._raws(context)
        return raw[0] if len(raw) == 1 else raw

    def problem(self, context: Sequence[Record]) -> str:
        """Say what is wrong with one value that could not be read."""
        read = self.read(*self._raws(context))
        return read.value if isinstance(read, Unreadable) else UNREADABLE_VALUE

    def _raws(self, context: Sequence[Record]) -> list[Any]:
        return [value_in(context[depth], lists, keys) for depth, lists, keys in self.fields]


@dataclass(frozen=True)
class _Wrong:
    """What is wrong with one row."""

    unreadable: list[_Cell] = field(default_factory=list)
    missing: list[_Cell] = field(default_factory=list)
    """Required and NULL."""


class RowReader:
    """Reads the rows of one table, or some columns of it, out of one endpoint's records."""

    def __init__(self, table: Table, endpoint: Endpoint, columns: Sequence[Column]) -> None:
        self.table, self.endpoint = table, endpoint
        self.known_as = table.part_of or table.name
        self.lists = _lists(table.rows_from[endpoint.name] + ".")
        self._schema = arrow_schema(table, columns)
        self._cells = [self._cell(column) for column in columns]

    def _cell(self, column: Column) -> _Cell:
        origin = column.origins[self.endpoint.name]
        read = key_reader(origin.read) if column.name in self.table.key else origin.read
        fields = tuple(self._field(path) for path in origin.paths)
        path = self.endpoint.root + origin.paths[0]
        name = f"{path} -> {self.known_as}.{column.name}"
        return _Cell(column, read, memo_of(read), fields, path, name)

    def _field(self, path: str) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
        lists, keys = _lists(path), tuple(path.rpartition("[].")[2].split("."))
        depth = min(len(lists), len(self.lists))
        if lists[:depth] != self.lists[:depth]:
            raise ValueError(f"{self.table}: {path} lies outside {self.lists}")
        return depth, lists[depth:], keys

    def read(self, records: Levels, day: date | None, found: Inspection) -> Rows:
        """Return the rows of some records; what cannot be stored becomes an issue in `found`."""
        level = records.at(self.lists)
        wrong = defaultdict[int, _Wrong](_Wrong)
        columns = [self._column(cell, level, wrong, found) for cell in self._cells]
        rows = Rows(pa.Table.from_arrays(columns, names=self._schema.names), level.numbers[0])
        if not wrong:
            return self._declared(rows)
        kept, issues = self._judged(rows, level, wrong, day)
        found.issues += issues
        return kept

    def _column(
        self, cell: _Cell, level: Level, wrong: defaultdict[int, _Wrong], found: Inspection
    ) -> pa.Array:
        """Return a column, one value per object of a level, and note what is wrong with it."""
        decides = level.levels[cell.depth]
        column, unreadable = cell.column_of(decides)
        is_needed = self._is_indispensable(cell) and not self.table.sparse
        lost = column.null_count if is_needed else len(unreadable)
        found.count(cell.name, len(column) - column.null_count + lost, lost)
        places = level.numbers[cell.depth]
        if unreadable:
            for row in _rows_where(pc.is_in(places, pa.array(unreadable, pa.int32()))):
                wrong[row].unreadable.append(cell)
        column = column if decides is level else column.take(places)
        if cell.column.required and column.null_count:
            for row in _rows_where(column.is_null()):
                wrong[row].missing.append(cell)
        return column

    def _declared(self, rows: Rows) -> Rows:
        """Give the rows the declared schema."""
        # A row is worth more than its one blank text, and the column is NOT NULL.
        columns = [
            pc.fill_null(column, "")
            if cell.column.required and column.null_count and cell.column.type == TEXT
            else column
            for cell, column in zip(self._cells, rows.table.columns, strict=True)
        ]
        return replace(rows, table=pa.Table.from_arrays(columns, schema=self._schema))

    def _judged(
        self, rows: Rows, level: Level, wrong: dict[int, _Wrong], day: date | None
    ) -> tuple[Rows, list[Issue]]:
        """Leave out rows that cannot be stored, and report the problems of all rows."""
        stays = [True] * rows.table.num_rows
        issues: list[Issue] = []
        for number, cells in sorted(wrong.items()):
            if self._is_lost(cells):
                stays[number] = False
                if self.table.sparse and not cells.unreadable:
                    continue  # there is nothing to store
                issues.append(self._why_lost(cells, level.context(number), day))
            else:
                key = "/".join(str(rows.table[name][number]) for name in self.table.key)
                issues += self._why_blank(cells, key, level.context(number), day)
        mask = pa.array(stays)
        return self._declared(Rows(rows.table.filter(mask), rows.records.filter(mask))), issues

    def _is_lost(self, wrong: _Wrong) -> bool:
        """Return whether a row cannot be stored."""
        return bool(self._indispensable(wrong) or (wrong.missing and self.table.sparse))

    def _indispensable(self, wrong: _Wrong) -> list[_Cell]:
        return [cell for cell in wrong.missing if self._is_indispensable(cell)]

    def _is_indispensable(self, cell: _Cell) -> bool:
        """Return whether a row cannot be stored without it, not even with a blank text."""
        column = cell.column
        return column.required and (column.name in self.table.key or column.type != TEXT)

    def _why_lost(self, wrong: _Wrong, context: list[Record], day: date | None) -> Issue:
        lost = self._indispensable(wrong)
        problem = NO_KEY if lost and lost[0].column.name in self.table.key else MISSING_VALUE
        within = "/".join(
            str(outer.get(name))
            for outer, (_, identity) in zip(context, self.endpoint.levels, strict=False)
            for name in identity
        )
        return replace(self._issue("", "", problem, context[-1], day), within=within)

    def second_row(self, row: Row, day: date | None) -> Issue:
        """Return the issue for a row left out in favour of another one with its key."""
        key = "/".join(str(row[name]) for name in self.table.key)
        return self._issue(key, "", SECOND_ROW, row, day)

    def _why_blank(
        self, wrong: _Wrong, key: str, context: list[Record], day: date | None
    ) -> Iterator[Issue]:
        for cell in wrong.unreadable:
            yield self._issue(key, cell.path, cell.problem(context), cell.raw(context), day)
        for cell in wrong.missing:
            if cell not in wrong.unreadable and not self._is_not_in_free(cell, context[0]):
                yield self._issue(key, cell.path, MISSING_VALUE, cell.raw(context), day)

    def _is_not_in_free(self, cell: _Cell, record: Record) -> bool:
        """Return whether a record is of the vendor's free edition, which lacks the field."""
        lacks = self.endpoint.not_in_free
        return cell.path.removeprefix(self.endpoint.root) in lacks and lacks.isdisjoint(record)

    def _issue(self, key: str, path: str, problem: str, raw: Any, day: date | None) -> Issue:
        return Issue(self.endpoint.name, self.known_as, key, path, problem, raw, day)


def _rows_where(mask: pa.Array) -> list[int]:
    numbers: list[int] = pc.indices_nonzero(mask).to_pylist()
    return numbers


def _lists(path: str) -> tuple[str, ...]:
    return tuple(part.removesuffix("[]") for part in path.split(".") if part.endswith("[]"))
