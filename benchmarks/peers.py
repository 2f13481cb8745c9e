"""The plainest way into a database: its own bulk load, of rows that need no work any more.

The tables are empty and have the same columns, keys and indexes; making them and writing the files
is not counted. Postgres takes COPY FROM STDIN into another schema of the same database, one commit
a table; DuckDB takes INSERT from Parquet into another file, which is written and closed in the end.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import duckdb

from benchmarks.databases import SCHEMA, Database
from benchmarks.errors import NotMeasuredError

PEER: Final = "peer"


def seconds_of_the_peer(database: Database, tables: Sequence[str], folder: Path) -> float:
    """Load what is in the tables a second time, the plain way, and return how long it took."""
    files = {table: folder / f"{table}.rows" for table in tables}
    database.settle()
    load = _postgres if database.is_postgres else _duckdb
    return load(database, files, folder)


# Postgres


def _postgres(database: Database, files: dict[str, Path], folder: Path) -> float:
    database.execute(
        f"CREATE SCHEMA {PEER}",
        *(f"CREATE TABLE {PEER}.{table} (LIKE {SCHEMA}.{table} INCLUDING ALL)" for table in files),
    )
    with database.connected() as connection:
        for table, path in files.items():
            with path.open("wb") as stream:
                connection.cursor().copy_expert(f"COPY {SCHEMA}.{table} TO STDOUT", stream)
    database.settle()
    started = time.monotonic()
    with database.connected() as connection:
        for table, path in files.items():
            with path.open("rb") as stream:
                connection.cursor().copy_expert(f"COPY {PEER}.{table} FROM STDIN", stream)
    seconds = time.monotonic() - started
    _compare(database.count(files), database.count(files, PEER))
    return seconds


# DuckDB


def _duckdb(database: Database, files: dict[str, Path], folder: Path) -> float:
    with database.connected() as connection:
        for table, path in files.items():
            connection.execute(f"COPY {SCHEMA}.{table} TO '{path}' (FORMAT parquet)")
        statements = _definitions(connection, files)
    peer = Database(database.destination, str(folder / "peer.duckdb"))
    peer.execute(f"CREATE SCHEMA {SCHEMA}", *statements, "CHECKPOINT")
    started = time.monotonic()
    with peer.connected() as connection:
        for table, path in files.items():
            connection.execute(f"INSERT INTO {SCHEMA}.{table} SELECT * FROM read_parquet('{path}')")
        connection.execute("CHECKPOINT")
    seconds = time.monotonic() - started
    _compare(database.count(files), peer.count(files))
    return seconds


def _definitions(connection: duckdb.DuckDBPyConnection, files: dict[str, Path]) -> list[str]:
    """Return the statements that make the tables and their indexes, as the catalogue has them."""
    names = ", ".join(f"'{table}'" for table in files)
    found: list[Any] = []
    for catalogue in ("duckdb_tables()", "duckdb_indexes()"):
        found += connection.execute(
            f"SELECT sql FROM {catalogue} "
            f"WHERE schema_name = '{SCHEMA}' AND table_name IN ({names})"
        ).fetchall()
    return [sql for (sql,) in found]


# Both


def _compare(ours: dict[str, int], peers: dict[str, int]) -> None:
    if ours != peers:
        raise NotMeasuredError(f"the peer has {peers}, the pipeline {ours}")
