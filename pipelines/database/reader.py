"""A database opened for reading: nothing is created, locked or changed, and no call is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final

import dlt
import pyarrow as pa
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.sql_client import SqlClientBase

from pipelines.database.destination import (
    credentials_of,
    duckdb_file,
    lock_file,
    open_destination,
    place_of,
)
from pipelines.database.errors import line_of, patiently
from pipelines.database.kinds import Driver, kind_of
from pipelines.errors import DestinationError, PipelineError, UsageError
from pipelines.mapping import Row
from pipelines.settings import OPENING_PATIENCE, PIPELINE
from pipelines.sources.schema import declared_schema

FIRST_RUN: Final = "pipeline run --mode daily"


class Reader:
    """The tables of a destination, for reading."""

    def __init__(self, destination: str) -> None:
        """Find the destination; raises UsageError if its settings cannot be used."""
        self.name = destination
        opened = open_destination(destination)
        self.place = place_of(opened)
        """Which database it is, in words."""
        self.kind = kind_of(opened)
        self.file = duckdb_file(opened)
        """The DuckDB file; None for another destination."""
        if self.file:
            credentials = credentials_of(opened)
            credentials.read_only = True
            opened = dlt.destinations.duckdb(credentials)
        self.lock_file = lock_file(opened)
        """The file that a run locks: the DuckDB file, or that of a lake's catalog."""
        if hasattr(opened, "is_read_only"):
            opened.is_read_only = True
        self._dataset = dlt.dataset(opened, PIPELINE, schema=declared_schema())
        self._keeps_open = False
        self._client: SqlClientBase[Any] | None = None
        """What is open and not in use."""

    @contextmanager
    def held_open(self) -> Iterator[Reader]:
        """Keep the database open for several queries: to open a DuckDB file may take longer.

        Inside another `held_open` it stays open until that one ends.
        """
        is_outer, self._keeps_open = not self._keeps_open, True
        try:
            yield self
        finally:
            self._keeps_open = not is_outer
            if is_outer and self._client:
                self._client.close_connection()
                self._client = None

    @cached_property
    def tables(self) -> frozenset[str]:
        """Names of existing tables and views; none before the first run."""
        if self.lock_file and not self.lock_file.exists():
            return frozenset()
        query = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = %s"
        return frozenset(str(row["name"]) for row in self.records(query, PIPELINE))

    @property
    def absence(self) -> str:
        """Why there is no table, and what to do: usually it is the wrong folder."""
        if self.file and not self.file.exists():
            return (
                f"No {self.file.name} in {self.file.parent}. Run this where your data is, or set "
                f"RACING_FOLDER to that folder; {FIRST_RUN} starts a new database here"
            )
        return f"No tables of this pipeline in {self.place} yet; {FIRST_RUN} creates them"

    def require(self, tables: Iterable[str]) -> None:
        """Raise UsageError if there are no tables, or if some of these are newer than what is."""
        if not self.tables:
            raise UsageError(f"{self.absence}.")
        if set(tables) - set(self.tables):
            raise UsageError(
                f"{self.place} was made by an earlier version of this software: "
                f"`{FIRST_RUN}` upgrades it."
            )

    def batches(self, name: str, rows: int) -> Iterator[pa.Table]:
        """Yield a table or view in batches of rows; raises DestinationError."""
        query = f"SELECT * FROM {name}"
        with self._own_errors():
            match self.kind.driver:
                case Driver.POSTGRES:
                    yield from self._fetched(query, rows)
                case Driver.DUCKDB:
                    yield from self._read(query, rows)

    def _read(self, query: str, rows: int) -> Iterator[pa.Table]:
        """Read with DuckDB itself: it refuses dlt 1.31's way of reading as wasteful."""
        with self._dataset.sql_client as client:
            for batch in client.native_connection.sql(query).to_arrow_reader(rows):
                yield pa.Table.from_batches([batch])

    def _fetched(self, query: str, rows: int) -> Iterator[pa.Table]:
        """Read with a server-side cursor: psycopg2's own would hold the whole result."""
        with self._dataset.sql_client as client, client.begin_transaction():
            client.execute_sql(f"DECLARE batches NO SCROLL CURSOR FOR {query}")
            while True:
                with client.execute_query(f"FETCH {rows} FROM batches") as cursor:
                    batch = cursor.arrow()
                if not batch:
                    return
                yield batch

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query with %s parameters; raises DestinationError."""
        return [tuple(record.values()) for record in self.records(sql, *parameters)]

    def records(self, sql: str, *parameters: Any) -> list[Row]:
        """Return the rows of a query with %s parameters by column; raises DestinationError."""

        def ask() -> list[Row]:
            with (
                self._connected() as client,
                client.execute_query(sql, *parameters) as cursor,
            ):
                columns = [column[0] for column in cursor.description or ()]
                return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

        with self._own_errors():
            return patiently(ask, OPENING_PATIENCE, is_logged=False)

    @contextmanager
    def _connected(self) -> Iterator[SqlClientBase[Any]]:
        client, self._client = self._client, None
        if client is None:
            client = self._dataset.sql_client
            client.open_connection()
        try:
            yield client
        except BaseException:
            client.close_connection()
            raise
        if self._keeps_open:
            self._client = client
        else:
            client.close_connection()

    @contextmanager
    def _own_errors(self) -> Iterator[None]:
        try:
            yield
        except DatabaseException as error:
            raise DestinationError(f"{self.name} refuses a query: {line_of(error)}") from error
        except (PipelineError, GeneratorExit):
            raise
        except Exception as error:
            raise DestinationError(f"{self.name} cannot be read: {line_of(error)}") from error
