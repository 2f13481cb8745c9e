"""What every figure is measured with: a server, a PostgreSQL, folders, and a size."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Final

from benchmarks.databases import FILE, Database
from benchmarks.errors import NotMeasuredError
from benchmarks.postgres import Postgres, postgres_of_its_own
from benchmarks.processes import PIPELINE, UNLIMITED, Installation
from benchmarks.server import Server, serving
from pipelines.clock import uk_today

DESTINATIONS: Final = ("duckdb", "postgres")


@dataclass(frozen=True)
class Size:
    """How much is run."""

    days: int = 365
    years: float = 1.0
    runners: int = 2_000_000
    repeat: int = 3


@dataclass(frozen=True)
class Bench:
    """Where a figure is measured."""

    size: Size
    folder: Path
    server: Server
    postgres: Postgres
    tell: Callable[[str], object]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def name(self, about: str) -> str:
        """Return a name that nothing here has yet."""
        return f"{about}_{next(self._numbers)}"

    def repetitions(self, about: str) -> Iterator[int]:
        """Count the repetitions, and tell which one begins."""
        for number in range(1, self.size.repeat + 1):
            self.tell(f"{about}: run {number} of {self.size.repeat}")
            yield number

    def installation(
        self,
        destination: str,
        *,
        rate: float = UNLIMITED,
        path_limits: bool = False,
        archive: str = "archive",
    ) -> Installation:
        """Make an empty folder with an empty database."""
        folder = self.folder / self.name(destination)
        folder.mkdir()
        database = (
            self.postgres.new(folder.name)
            if destination == "postgres"
            else Database(destination, str(folder / FILE))
        )
        return Installation(folder, database, self.server.url, rate, path_limits, archive)


@contextmanager
def bench_of(size: Size, tell: Callable[[str], object]) -> Iterator[Bench]:
    """Start everything, and stop and remove it when the block ends."""
    if not Path(PIPELINE).exists():
        raise NotMeasuredError(f"{PIPELINE} is not installed: use `make bench`")
    with (
        tempfile.TemporaryDirectory(prefix="bench", ignore_cleanup_errors=True) as folder,
        postgres_of_its_own() as postgres,
        serving() as server,
    ):
        yield Bench(size, Path(folder), server, postgres, tell)


def last_days(days: int, end: int = 1) -> tuple[date, date]:
    """Return the first and the last of so many days, up to so many days ago."""
    last = uk_today() - timedelta(days=end)
    return last - timedelta(days=days - 1), last


def backfill(first: date, last: date) -> tuple[str, ...]:
    """Return the arguments of a backfill of some days, without profiles of horses."""
    return (
        *("run", "--mode", "backfill", "--max-horses", "0"),
        *("--start-date", first.isoformat(), "--end-date", last.isoformat()),
    )
