"""From declarations to dlt: schemas, hints and contracts."""

from __future__ import annotations

from typing import Any, Final

from dlt.common.schema import Schema
from dlt.common.schema.typing import TColumnSchema, TSchemaContractDict
from dlt.common.schema.utils import new_table

from pipelines.settings import PIPELINE
from pipelines.tables import TABLES, Column, Table

FROZEN: Final[TSchemaContractDict] = {
    "tables": "freeze",
    "columns": "freeze",
    "data_type": "freeze",
}
LOAD_ID: Final[TColumnSchema] = {"name": "_dlt_load_id", "data_type": "text", "nullable": False}


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


def resource_hints(table: Table, disposition: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of dlt.resource for one table.

    Only keys are NOT NULL here. What else must not be is so in the tables; dlt's staging tables
    are shared by the sources and could not take such a column from the second one.
    """
    return {
        "name": table.name,
        "primary_key": list(table.key),
        "write_disposition": disposition,
        "columns": {
            column.name: column_schema(column, is_key=column.name in table.key, nullable=True)
            for column in table.loaded
        },
    }
