"""Postgres for dlt, except that every wait for the server has a limit.

A server can stop responding without closing the connection: a process that is paused, a proxy or a
firewall that acknowledges and forwards nothing. Neither keep-alives nor the server's own limits end
that. So each connection of psycopg2 has a time limit that its client keeps, and a COPY, which ADBC
does in C, runs in a thread that is left behind when its time is over.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import dlt
import psycopg2
from dlt.common.destination.client import LoadJob
from dlt.common.libs.pyarrow import pq_stream_with_new_columns
from dlt.destinations.impl.postgres.factory import get_adbc_driver_location
from dlt.destinations.impl.postgres.postgres import PostgresClient, PostgresParquetCopyJob
from dlt.destinations.impl.postgres.sql_client import Psycopg2SqlClient
from dlt.destinations.sql_client import DBApiCursorImpl, raise_database_error
from psycopg2.extensions import POLL_OK, POLL_READ, connection, make_dsn, set_wait_callback

from pipelines.database.named import NamedAsDlts
from pipelines.settings import PIPELINE
from pipelines.sources.dispositions import in_dataset
from pipelines.system.readiness import is_ready

logger = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 10.0
"""Seconds to connect and to be ready for the first statement."""
STATEMENT_SECONDS: Final = 15 * 60.0 + 15.0
"""Seconds for a statement, where nobody sets a shorter time: a little more than the server's own
limit, which says more."""
ENDING_SECONDS: Final = 2.0
"""Seconds to have the server end a session that was given up; a stop has no more to give."""
LONGEST_NAME: Final = 63
"""Bytes of application_name that Postgres keeps."""


@dataclass
class Limits:
    """Seconds until a server that does not respond is given up."""

    connecting: float = CONNECT_SECONDS
    statement: float = STATEMENT_SECONDS

    @contextmanager
    def allowing(self, statement: float) -> Iterator[None]:
        """Give statements another time limit for a while."""
        before, self.statement = self.statement, statement
        try:
            yield
        finally:
            self.statement = before


class Session(connection):
    """A connection with a time limit and a name that the server shows."""

    def __init__(self, address: str, limits: Limits) -> None:
        self.limits, self.is_ready = limits, False
        super().__init__(address)

    @property
    def seconds(self) -> float:
        """Time limit of what it is waiting for now, in seconds."""
        return self.limits.statement if self.is_ready else self.limits.connecting

    def end(self) -> None:
        """Have the server end this session, over another connection."""
        known = self.info.dsn_parameters | {"password": self.info.password}
        end_session(make_dsn(**known), known["application_name"])


def connect(address: str, limits: Limits, **parameters: Any) -> Session:
    """Connect within the limits, for statements that are transactions; raises psycopg2.Error."""
    set_wait_callback(wait)
    session: Session = psycopg2.connect(
        address, connection_factory=lambda dsn: Session(dsn, limits), **parameters
    )
    session.autocommit = session.is_ready = True
    return session


def wait(waiting: connection) -> None:
    """Wait for the server, no longer than the connection may, and where signals are heard.

    psycopg2 itself waits in C, where Python receives no signals. It closes the connection when this
    raises: the server, which may still be running the statement, is told to end the session.
    """
    seconds = waiting.seconds if isinstance(waiting, Session) else STATEMENT_SECONDS
    deadline = time.monotonic() + seconds
    while (state := waiting.poll()) != POLL_OK:
        left = max(0.0, deadline - time.monotonic())
        try:
            if not is_ready(waiting.fileno(), left, to_read=state == POLL_READ):
                raise psycopg2.OperationalError(_silent(seconds))
        except BaseException:
            if isinstance(waiting, Session) and waiting.is_ready:
                waiting.end()
            raise


def session_name(what: str = "") -> str:
    """Return an application_name that no other session of this machine has."""
    name = f"{what or 'racing'} {os.getpid()}.{next(_NUMBERS)} on {socket.gethostname()}"
    return name.encode()[:LONGEST_NAME].decode(errors="ignore")


_NUMBERS: Final = count(1)


def end_session(address: str, name: str, pid: int | None = None) -> None:
    """End a lost session, which would keep its locks, or commit work that has been repeated since.

    If the server does not respond to that either, it is logged.
    """
    limits = Limits(ENDING_SECONDS, ENDING_SECONDS)
    try:
        with closing(connect(address, limits, application_name=session_name())) as session:
            session.cursor().execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = %s AND pid = coalesce(%s, pid)",
                (name, pid),
            )
    except psycopg2.Error:
        logger.debug("The session %s cannot be ended", name, exc_info=True)


class SqlClient(Psycopg2SqlClient):
    """dlt's client over sessions with limits, which never reconnects during a transaction."""

    limits = Limits()
    dataset = PIPELINE
    """Where the tables are, whatever is staged."""

    def open_connection(self) -> Session:
        """Connect within the limits; raises psycopg2.Error."""
        query = self.credentials.get_query()
        path = f"-csearch_path={self.fully_qualified_dataset_name()},public"
        session = self._conn = connect(
            self.credentials.to_native_representation(),
            self.limits,
            options=f"{query.get('options', '')} {path}",
            application_name=session_name(query.get("application_name", "")),
        )
        return session

    @contextmanager
    @raise_database_error
    def execute_query(self, query: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Run a statement; one that fails ends its transaction."""
        with self._conn.cursor() as cursor:
            try:
                query = in_dataset(query, self.dataset) if isinstance(query, str) else query
                cursor.execute(query, args or kwargs or None)
                yield DBApiCursorImpl(cursor)
            except psycopg2.Error:
                if not self._conn.closed:
                    self._reset_connection()
                raise

    def rollback_transaction(self) -> None:
        """Roll back; a transaction whose connection is lost is over."""
        if not self._conn.closed:
            super().rollback_transaction()


class CopyJob(PostgresParquetCopyJob):
    """dlt's COPY; when its time is up, it is abandoned and can no longer commit."""

    def run(self) -> None:
        """Copy a file; raises psycopg2.OperationalError if the server does not respond."""
        _, schema = self._set_catalog_and_schema()
        tables = pq_stream_with_new_columns(self._file_path, ())
        batches = (batch for table in tables for batch in table.to_batches())
        copy(self._job_client.sql_client, schema, self.load_table_name, batches)


def copy(client: Any, schema: str, table: str, rows: Any) -> None:
    """Copy rows into a table, all or none: an Arrow reader, or batches, which are all held at once.

    Raises psycopg2.OperationalError if the server does not respond within the client's limits.
    """
    limits: Limits = client.limits
    name = session_name(client.credentials.query.get("application_name", ""))
    address = make_dsn(client.credentials.to_native_representation(), application_name=name)
    is_over, copied = threading.Event(), Future[None]()

    def work() -> None:
        try:
            _ingest(address, schema, table, rows, is_over)
            copied.set_result(None)
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            copied.set_exception(error)

    threading.Thread(target=work, name=name, daemon=True).start()
    try:
        copied.result(limits.statement)
    except NotInTime:
        is_over.set()
        end_session(address, name)
        raise psycopg2.OperationalError(_silent(limits.statement)) from None


def _ingest(address: str, schema: str, table: str, rows: Any, is_over: threading.Event) -> None:
    # It imports pandas and polars where they are installed: half a second, for loads alone.
    from adbc_driver_manager import dbapi

    with (
        dbapi.connect(get_adbc_driver_location(), db_kwargs={"uri": address}) as connection,
        connection.cursor() as cursor,
    ):
        cursor.adbc_ingest(table, rows, mode="append", db_schema_name=schema)
        if is_over.is_set():
            raise psycopg2.OperationalError("its time is over")
        connection.commit()


def _silent(seconds: float) -> str:
    return f"the server has not responded for {seconds:g} seconds"


class Client(PostgresClient):
    """Uses our client and our COPY instead of dlt's."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        theirs = self.sql_client
        self.sql_client = SqlClient(
            theirs.dataset_name,
            theirs.staging_dataset_name,
            theirs.credentials,
            theirs.capabilities,
        )
        self.sql_client.dataset = theirs.dataset_name

    def create_load_job(self, table: Any, file_path: str, *given: Any, **named: Any) -> LoadJob:
        """Return the job that loads a file."""
        job = super().create_load_job(table, file_path, *given, **named)
        return CopyJob(file_path) if isinstance(job, PostgresParquetCopyJob) else job


class Postgres(NamedAsDlts, dlt.destinations.postgres):
    """dlt's own destination by name, with our client and its limits."""

    name = "postgres"

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.limits = Limits()

    @property
    def client_class(self) -> type[PostgresClient]:
        """Return our client."""
        return Client

    def client(self, *given: Any, **named: Any) -> PostgresClient:
        """Return a client that keeps to the limits."""
        client: PostgresClient = super().client(*given, **named)
        sql_client: Any = client.sql_client
        sql_client.limits = self.limits
        return client
