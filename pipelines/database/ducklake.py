"""DuckLake for dlt: opened to read without changing it, and laid out for questions by day.

A lake is a folder or bucket of Parquet files, and a catalog that says which of them are the tables:
a DuckDB or SQLite file, or a schema of a Postgres.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import dlt
import duckdb
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.schema.typing import TColumnSchema
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient
from dlt.destinations.impl.ducklake.ducklake import DuckLakeClient, DuckLakeMergeFollowupJob
from dlt.destinations.impl.ducklake.sql_client import DuckLakeSqlClient
from duckdb import DuckDBPyConnection

from pipelines.database.duckdb import MergingClient, OncePerKey
from pipelines.database.named import NamedAsDlts
from pipelines.errors import UsageError
from pipelines.models import day_of
from pipelines.settings import PIPELINE
from pipelines.tables import TABLES

FILES: Final = ("duckdb", "sqlite")
SERVERS: Final = ("postgres", "postgresql")


class SqlClient(DuckLakeSqlClient):
    """dlt's, but a lake that is only read is not created, and never changed."""

    is_read_only = False

    def open_connection(self) -> DuckDBPyConnection:
        """Open the lake once for all connections: to read its catalog again takes a second."""
        pool: Any = self.credentials.conn_pool
        pool.always_open_connection = False
        connection = super().open_connection()
        if not self.is_read_only:
            # A MERGE that reads its target in a bucket would fail (duckdb/duckdb#24186).
            connection.execute("SET disable_parquet_prefetching = true")
        return connection

    def close_connection(self) -> None:
        """Leave the lake attached for the other connections; the last one detaches it."""
        pool: Any = self.credentials.conn_pool
        if self._conn and pool._conn_borrows > 1:
            with suppress(duckdb.TransactionException):
                self._conn.execute("ROLLBACK")
            DuckDbSqlClient.close_connection(self)
        else:
            super().close_connection()

    @property
    def attach_statement(self) -> str:
        """Return the statement that opens the lake."""
        statement = super().attach_statement
        return f"{statement[:-1]}, READ_ONLY)" if self.is_read_only else statement


class Merge(OncePerKey, DuckLakeMergeFollowupJob):  # type: ignore[misc]
    """dlt's merge for a lake, which has no unique index, of one row of each key."""


class Client(MergingClient, DuckLakeClient):
    """dlt's, with our merge, but tables are in files by year, and in a file by day."""

    merge = Merge

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        theirs = self.sql_client
        self.sql_client = SqlClient(
            theirs.dataset_name,
            theirs.staging_dataset_name,
            theirs.credentials,
            theirs.capabilities,
            theirs.override_data_path,
            theirs.automatic_migration,
        )

    def _get_table_update_sql(
        self, table_name: str, new_columns: Sequence[TColumnSchema], generate_alter: bool
    ) -> list[str]:
        statements = super()._get_table_update_sql(table_name, new_columns, generate_alter)
        table = TABLES.get(table_name)
        if table is None or generate_alter:
            return statements
        day = day_of(table)
        named = self.sql_client.make_qualified_table_name(table_name)
        keys = ", ".join(name for name in table.key if name != day)
        if day not in table.by_name:
            return [*statements, f"ALTER TABLE {named} SET SORTED BY ({keys})"]
        return [
            *statements,
            f"ALTER TABLE {named} SET PARTITIONED BY (year({day}))",
            f"ALTER TABLE {named} SET SORTED BY ({day}, {keys})",
        ]


class DuckLake(NamedAsDlts, dlt.destinations.ducklake):
    """dlt's own destination by name, with our client."""

    name = "ducklake"

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.is_read_only = False

    @property
    def client_class(self) -> type[DuckLakeClient]:
        """Return our client."""
        return Client

    def client(self, *given: Any, **named: Any) -> DuckLakeClient:
        """Return a client, which may only read."""
        client: DuckLakeClient = super().client(*given, **named)
        sql_client: Any = client.sql_client
        sql_client.is_read_only = self.is_read_only
        return client


@contextmanager
def opened_to_read(credentials: Any, dataset: str) -> Iterator[DuckDBPyConnection]:
    """Open a lake of its own for one reader, who can reach nothing but its files."""
    own = credentials.copy()
    own.on_resolved()
    capabilities = DuckLake(own).capabilities()
    client = SqlClient(dataset, dataset, own, capabilities)
    client.is_read_only = True
    connection = client.open_connection()
    try:
        connection.execute("SET allowed_directories = ?", [[own.storage_url]])
        yield connection
    finally:
        client.close_connection()


def catalog_file(credentials: Any) -> Path | None:
    """Return the file of a lake's catalog; None if it is in a Postgres."""
    if credentials.catalog.drivername in FILES:
        return Path(credentials.catalog.database).resolve()
    return None


def catalog_address(credentials: Any) -> str | None:
    """Return the address of the Postgres with a lake's catalog; None if it is a file."""
    if credentials.catalog.drivername in SERVERS:
        address = credentials.catalog.to_url().render_as_string(hide_password=False)
        return str(address).replace("postgres://", "postgresql://", 1)
    return None


def check(credentials: Any) -> None:
    """Raise an error if this DuckDB, the kind of catalog or the lake's name will not do."""
    if not duckdb.__version__.startswith("1."):
        raise UsageError(
            f"DuckLake needs DuckDB 1.5, and {duckdb.__version__} is installed: "
            "run pip install 'duckdb>=1.5,<2'."
        )
    driver, name = credentials.catalog.drivername, credentials.ducklake_name
    if driver not in (*FILES, *SERVERS):
        raise ConfigurationValueError(
            f"the catalog of a lake is a DuckDB or SQLite file or a Postgres, not {driver}"
        )
    if name == PIPELINE:
        raise ConfigurationValueError(f"a lake is not called {name}, like the dataset in it")
