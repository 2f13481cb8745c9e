"""Filling empty tables from Parquet, and making their keys and indexes afterwards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from dlt.common.storages.load_package import create_load_id

from pipelines.database.database import Database
from pipelines.database.definitions import apply_to_new
from pipelines.database.kinds import Driver
from pipelines.database.postgres import copy
from pipelines.database.shape import add_keys, add_triggers, drop_keys, drop_triggers
from pipelines.mapping.arrow import arrow_schema, arrow_type
from pipelines.tables import Table
from pipelines.tables.ddl import DATED, filled

Fill = Callable[[Table, Sequence[Path]], None]
"""Fills a table from files."""


@contextmanager
def filling(database: Database, tables: Collection[Table]) -> Iterator[Fill]:
    """Yield what fills these tables, which have keys, indexes and triggers again at the end.

    It is one load of dlt's: its id is that of every row. Raises DestinationError.
    """
    load_id = create_load_id()
    drop_keys(database, tables)
    drop_triggers(database, tables)
    if database.kind.is_file:  # to keep the order of the rows takes DuckDB memory and time
        database.run_all(["SET preserve_insertion_order = false"])
    with database.pipeline.destination_client() as client:
        sql: Any = client
        sql.complete_load(load_id)
    database.load_ids.append(load_id)

    def fill(table: Table, files: Sequence[Path]) -> None:
        if database.kind.driver is Driver.POSTGRES:
            _copy(database, table, files, load_id)
            database.run(f"ANALYZE {table}")
        else:
            names = [column.name for column in table.loaded]
            places = ", ".join(f"'{file}'" for file in files)
            query = f"SELECT *, '{load_id}' AS _dlt_load_id FROM read_parquet([{places}])"
            database.run(filled(table, names, query))

    yield fill
    if database.kind.is_file:
        database.run_all(["RESET preserve_insertion_order"])
        database.run_all(["CHECKPOINT"])  # what is not written yet would take the keys' memory
    add_keys(database, tables)
    add_triggers(database, tables)
    apply_to_new(database)


def _copy(database: Database, table: Table, files: Sequence[Path], load_id: str) -> None:
    """Copy files into a table of Postgres; raises DestinationError."""
    columns: dict[str, pa.Scalar] = {"_dlt_load_id": pa.scalar(load_id)}
    if table in DATED:
        at = datetime.fromtimestamp(float(load_id), UTC)
        columns["updated_at"] = pa.scalar(at, arrow_type(table.by_name["updated_at"]))

    schema = arrow_schema(table, table.loaded)
    for name, value in columns.items():
        schema = schema.append(pa.field(name, value.type))

    def batches() -> Iterator[pa.RecordBatch]:
        for file in files:
            for batch in pq.ParquetFile(file).iter_batches():
                for name, value in columns.items():
                    batch = batch.append_column(name, pa.repeat(value, len(batch)))
                yield batch.cast(schema)

    def rows() -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(schema, batches())

    database.use(lambda client: copy(client, database.dataset, table.name, rows()))
