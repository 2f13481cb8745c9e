"""One row for each key, and the same one in whatever order its versions come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.mapping import Row, Rows

RECORD: Final = "_record"
NUMBER: Final = "_number"


def unique_in_records(rows: Rows, key: Iterable[str]) -> Rows:
    """Decide between the rows of one record, whose order says nothing, by what they say."""
    table, in_record = rows.table.append_column(RECORD, rows.records), [*key, RECORD]
    if _is_unique(table, in_record):
        return rows
    different = table.group_by(table.column_names, use_threads=False).aggregate([])
    table = unique(_best_first(different, in_record), in_record)
    records = table[RECORD].combine_chunks()
    return Rows(table.drop_columns(RECORD).cast(rows.table.schema), records)


def unique(table: pa.Table, key: list[str]) -> pa.Table:
    """Keep the first row of each key, and fill its blanks from those that follow."""
    if _is_unique(table, key):
        return table
    numbers = _numbers(table)
    # In place of each value the number of its row, which can be compared whatever the type.
    said = {
        f"{NUMBER}{place}": pc.if_else(column.is_valid(), numbers, None)
        for place, column in enumerate(table.columns)
    }
    keyed = pa.table({name: table[name] for name in key} | said)
    first = keyed.group_by(key, use_threads=False).aggregate([(name, "min") for name in said])
    columns = [
        column.take(first[f"{name}_min"].combine_chunks())
        for name, column in zip(said, table.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _is_unique(table: pa.Table, key: list[str]) -> bool:
    return bool(table.group_by(key).aggregate([]).num_rows == table.num_rows)


def _best_first(table: pa.Table, key: list[str]) -> pa.Table:
    """Bring rows of one key into an order that only they decide."""
    numbered = table.select(key).append_column(NUMBER, _numbers(table))
    groups = numbered.group_by(key).aggregate([(NUMBER, "list")])[f"{NUMBER}_list"].to_pylist()
    order = list(range(table.num_rows))
    for group in groups:
        if len(group) > 1:
            rows = dict(zip(group, table.take(group).to_pylist(), strict=True))
            best_first = sorted(rows, key=lambda number: _precedence(rows[number]), reverse=True)
            for place, number in zip(sorted(group), best_first, strict=True):
                order[place] = number
    return table.take(order)


def _numbers(table: pa.Table) -> pa.Array:
    return pa.array(range(table.num_rows), pa.int32())


def _precedence(row: Row) -> tuple[str, str]:
    """Order of different rows with one key: the latest instant in it, such as a price's."""
    instants = (value.isoformat() for value in row.values() if isinstance(value, datetime))
    return max(instants, default=""), repr(row)
