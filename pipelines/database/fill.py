"""Filling empty tables from Parquet, each by one statement, and their keys afterwards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dlt.common.storages.load_package import create_load_id

from pipelines.database.database import Database
from pipelines.database.shape import add_keys, drop_keys
from pipelines.tables import Table
from pipelines.tables.ddl import filled

Fill = Callable[[Table, Sequence[Path]], None]
"""Fills a table from files."""


@contextmanager
def filling(database: Database, tables: Collection[Table]) -> Iterator[Fill]:
    """Yield what fills these tables, without their keys until the end; raises DestinationError.

    It is one load of dlt's: its id is that of every row.
    """
    load_id = create_load_id()
    drop_keys(database, tables)
    with database.pipeline.destination_client() as client:
        sql: Any = client
        sql.complete_load(load_id)
    database.load_ids.append(load_id)

    def fill(table: Table, files: Sequence[Path]) -> None:
        names = [column.name for column in table.loaded]
        places = ", ".join(f"'{file}'" for file in files)
        query = f"SELECT *, '{load_id}' AS _dlt_load_id FROM read_parquet([{places}])"
        database.run(filled(table, names, query), is_bounded=True)

    yield fill
    add_keys(database, tables)
