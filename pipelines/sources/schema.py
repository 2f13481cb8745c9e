"""From declarations to dlt: schemas, hints, contracts and Arrow tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import pyarrow as pa
from dlt.common.schema import Schema
from dlt.common.schema.typing import TColumnSchema, TSchemaContractDict
from dlt.common.schema.utils import new_table

from pipelines.errors import PipelineError
from pipelines.mapping import Row
from pipelines.settings import PIPELINE
from pipelines.sources.writes import ORDINARY, Absence, Write
from pipelines.tables import TABLES, Column, Table

FROZEN: Final[TSchemaContractDict] = {
    "tables": "freeze",
    "columns": "freeze",
    "data_type": "freeze",
}
LOAD_ID: Final[TColumnSchema] = {"name": "_dlt_load_id", "data_type": "text", "nullable": False}

_ARROW: Final = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
}


class ContractError(PipelineError):
    """A row does not have the columns and types that its table declares."""


def declared_schema() -> Schema:
    """Return the schema of every table with every column, whoever writes it.

    It creates the tables before the first row arrives: no source ever has to add a column, and a
    contract is in force from the first row of a fresh database on.
    """
    schema = Schema(PIPELINE)
    for table in TABLES.values():
        columns = [
            column_schema(column, is_key=column.name in table.key, nullable=not column.required)
            for column in table.columns
        ]
        declared = new_table(
            table.name,
            write_disposition="merge",
            columns=[*columns, LOAD_ID],
            schema_contract=FROZEN,
        )
        schema.update_table(declared | {"description": table.grain})
    return schema


def column_schema(column: Column, *, is_key: bool, nullable: bool) -> TColumnSchema:
    """Return dlt's hints for a column."""
    hints: TColumnSchema = {
        "name": column.name,
        "data_type": column.type.name,  # type: ignore[typeddict-item]
        "nullable": nullable and not is_key,
        "description": column.meaning,
    }
    if column.type.precision:
        hints |= {"precision": column.type.precision, "scale": column.type.scale}
    return hints | {"primary_key": True} if is_key else hints


def resource_hints(write: Write, absence: Absence = ORDINARY) -> dict[str, Any]:
    """Return the arguments of dlt.resource for one table of one source.

    Only keys are NOT NULL here. What else must not be is so in the tables; dlt's staging tables
    are shared by the sources and could not take such a column from the second one.
    """
    key = write.table.key
    return {
        "name": write.table.name,
        "primary_key": list(key),
        "write_disposition": write.disposition_for(absence),
        "columns": {
            column.name: column_schema(column, is_key=column.name in key, nullable=True)
            for column in write.columns
        },
    }


def to_arrow(table: Table, columns: Sequence[Column], rows: Iterable[Row]) -> pa.Table:
    """Return the rows as an Arrow table of the declared types; raises ContractError."""
    schema = pa.schema(
        [
            pa.field(column.name, _arrow_type(column), nullable=column.name not in table.key)
            for column in columns
        ]
    )
    rows = list(rows)
    names = set(schema.names)
    undeclared = {name for row in rows if row.keys() != names for name in row.keys() ^ names}
    if undeclared:
        raise ContractError(f"{table} does not declare these columns so: {sorted(undeclared)}")
    try:
        return pa.Table.from_pylist(rows, schema=schema)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ContractError(f"{table} refuses a value of the wrong type: {error}") from error


def _arrow_type(column: Column) -> pa.DataType:
    if column.type.precision:
        return pa.decimal128(column.type.precision, column.type.scale)
    return _ARROW[column.type.name]
