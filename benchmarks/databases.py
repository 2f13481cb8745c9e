"""A database as anybody finds it: plain SQL, nothing of the pipeline's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import duckdb
import psycopg2

SCHEMA: Final = "racing"
FILE: Final = "racing_data.duckdb"

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Database:
    """A DuckDB file or a database of Postgres; the credentials are its path or its address."""

    destination: str
    credentials: str

    @property
    def is_postgres(self) -> bool:
        """Tell which of the two it is."""
        return self.destination == "postgres"

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """Open it, each statement a transaction of its own."""
        connection: Any
        if self.is_postgres:
            connection = psycopg2.connect(self.credentials)
            connection.autocommit = True
        else:
            connection = duckdb.connect(self.credentials)
        try:
            yield connection
        finally:
            connection.close()

    def rows(self, sql: str) -> list[Row]:
        """Return the rows of a query."""
        with self.connected() as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

    def execute(self, *statements: str) -> None:
        """Run statements, one after the other."""
        with self.connected() as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)

    def count(self, tables: Iterable[str], schema: str = SCHEMA) -> dict[str, int]:
        """Return how many rows each table has."""
        counts = (f"SELECT '{table}', count(*) FROM {schema}.{table}" for table in tables)
        return dict(self.rows(" UNION ALL ".join(counts)))

    def columns(self, table: str) -> list[str]:
        """Return the columns of a table, in their order."""
        sql = (
            "SELECT column_name FROM information_schema.columns "
            f"WHERE table_schema = '{SCHEMA}' AND table_name = '{table}' ORDER BY ordinal_position"
        )
        return [name for (name,) in self.rows(sql)]

    def settle(self) -> None:
        """Let nothing be left to write of what was done before, and its size be known."""
        self.execute(*(["VACUUM ANALYZE"] if self.is_postgres else []), "CHECKPOINT")

    def copy(self, folder: Path) -> Database:
        """Copy it: a file into the folder, or a database of the folder's name."""
        if not self.is_postgres:
            shutil.copyfile(self.credentials, folder / FILE)
            return Database(self.destination, str(folder / FILE))
        # As files, with nothing in the log that would be left to write while a run is measured.
        self._server().execute(
            f'CREATE DATABASE "{folder.name}" TEMPLATE "{self._name}" STRATEGY file_copy'
        )
        return self._named(folder.name)

    def remove(self) -> None:
        """Drop a database; a file goes with its folder."""
        if self.is_postgres:
            self._server().execute(f'DROP DATABASE "{self._name}" WITH (FORCE)')

    @property
    def _name(self) -> str:
        return urlsplit(self.credentials).path.removeprefix("/")

    def _named(self, name: str) -> Database:
        return Database(self.destination, self.credentials.replace(f"/{self._name}?", f"/{name}?"))

    def _server(self) -> Database:
        return self._named("postgres")
