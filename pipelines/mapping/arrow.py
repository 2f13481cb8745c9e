"""Values and rows as Arrow: columns of the declared types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import pyarrow as pa

from pipelines.errors import PipelineError
from pipelines.mapping.issues import Row
from pipelines.parsing import Unreadable
from pipelines.tables import Column, Table

_ARROW: Final = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
}


class ContractError(PipelineError):
    """A row does not have the columns and types that its table declares."""


def arrow_schema(table: Table, columns: Sequence[Column]) -> pa.Schema:
    """Return the schema of a table's rows; the key is never NULL."""
    return pa.schema(
        [
            pa.field(column.name, arrow_type(column), nullable=column.name not in table.key)
            for column in columns
        ]
    )


def arrow_type(column: Column) -> pa.DataType:
    """Return the type of a column."""
    if column.type.precision:
        return pa.decimal128(column.type.precision, column.type.scale)
    return _ARROW[column.type.name]


def arrow_array(column: Column, values: list[Any]) -> tuple[pa.Array, list[int]]:
    """Return a column's values, and the numbers of those that are unreadable: NULL in the array.

    Raises ContractError for a value that is not of the column's type.
    """
    kind = arrow_type(column)
    try:
        return pa.array(values, kind), []
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        unreadable = [number for number, value in enumerate(values) if _is_unreadable(value)]
        if not unreadable:
            raise ContractError(f"{column.name} is no {column.type}: {error}") from error
    read, _ = arrow_array(column, [None if _is_unreadable(value) else value for value in values])
    return read, unreadable


def _is_unreadable(value: Any) -> bool:
    return isinstance(value, Unreadable)


def to_arrow(table: Table, columns: Sequence[Column], rows: Iterable[Row]) -> pa.Table:
    """Return the rows as an Arrow table of the declared types; raises ContractError."""
    schema = arrow_schema(table, columns)
    rows = list(rows)
    names = set(schema.names)
    undeclared = {name for row in rows if row.keys() != names for name in row.keys() ^ names}
    if undeclared:
        raise ContractError(f"{table} does not declare these columns so: {sorted(undeclared)}")
    try:
        return pa.Table.from_pylist(rows, schema=schema)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ContractError(f"{table} refuses a value of the wrong type: {error}") from error
