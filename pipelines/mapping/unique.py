"""One row for each key, and the same one in whatever order its versions come.

Within one response a row is stored as it came, whole: two rows with one key are never mixed. What
different days say of a person or a horse belongs together: the newest decides, older ones fill its
blanks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.mapping import Row, Rows, best_first

RECORD: Final = "_record"
NUMBER: Final = "_number"

Rejected = tuple[Row, Row]
"""A row that is not stored, and the one with its key that is."""


def whole(rows: Rows, key: Sequence[str]) -> tuple[Rows, list[Rejected]]:
    """Keep one row of each key, whole; also return the others that say something else."""
    if _is_unique(rows.table, key):
        return rows, []
    names = rows.table.column_names
    table = rows.table.append_column(RECORD, rows.records)
    table = table.group_by(names, use_threads=False).aggregate([(RECORD, "min")])
    numbered = table.select([*key]).append_column(NUMBER, _numbers(table))
    groups = numbered.group_by([*key], use_threads=False).aggregate([(NUMBER, "list")])
    kept: list[int] = []
    rejected: list[Rejected] = []
    for group in groups[f"{NUMBER}_list"].to_pylist():
        if len(group) == 1:
            kept += group
            continue
        versions = table.take(group).to_pylist()
        for version in versions:
            del version[f"{RECORD}_min"]
        best, *others = best_first(versions)
        kept.append(group[best])
        rejected += ((versions[other], versions[best]) for other in others)
    table = table.take(kept)
    records = table[f"{RECORD}_min"].combine_chunks()
    return Rows(table.select(names).cast(rows.table.schema), records), rejected


def filled(table: pa.Table, key: list[str]) -> pa.Table:
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


def first_of(table: pa.Table, key: list[str]) -> pa.Table:
    """Keep the first row of each key, as it is."""
    keyed = table.select(key).append_column(NUMBER, _numbers(table))
    first = keyed.group_by(key, use_threads=False).aggregate([(NUMBER, "min")])
    return table.take(first[f"{NUMBER}_min"])


def _is_unique(table: pa.Table, key: Sequence[str]) -> bool:
    return bool(table.group_by([*key], use_threads=False).aggregate([]).num_rows == table.num_rows)


def _numbers(table: pa.Table) -> pa.Array:
    return pa.array(range(table.num_rows), pa.int32())
