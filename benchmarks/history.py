"""`history`: a rebuild from the archive, against the plainest way into the same tables.

The archive holds whole years of cards and results, as a backfill leaves them, but no profiles of
horses, which are loaded 200 at a time whatever is measured. It is rebuilt into an empty database,
start-up included, once without the tables that prices fill and once with all. The peer, in the same
run, gets the rows that came out of it, ready to be read, and the same keys and indexes: see
benchmarks/peers.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.archive import fill_archive
from benchmarks.bench import Bench, last_days
from benchmarks.peers import seconds_of_the_peer
from benchmarks.processes import Outcome
from benchmarks.report import SMALL, Finding, at_least
from pipelines.tables import API_TABLES

DAYS_IN_A_YEAR: Final = 365.25
ALL: Final = tuple(table.name for table in API_TABLES)
WITHOUT_ODDS: Final = tuple(
    table.name
    for table in API_TABLES
    if not any("odds" in place for place in table.rows_from.values())
)
WITH_ODDS: Final = {"duckdb": 0.5, "postgres": 0.4}
OTHERWISE: Final = 0.3
"""Rows a second, as a part of the peer's, that a rebuild is to reach."""


@dataclass(frozen=True)
class Rebuilt:
    """One rebuild and its peer."""

    rows: dict[str, int]
    outcome: Outcome
    peer_seconds: float

    @property
    def ratio(self) -> float:
        """Rows a second, as a part of the peer's; the rows are the same."""
        return self.peer_seconds / self.outcome.seconds

    @property
    def details(self) -> dict[str, Any]:
        """Everything that the ratio was reckoned from."""
        return {
            "rows": sum(self.rows.values()),
            "seconds": self.outcome.seconds,
            "cpu_seconds": self.outcome.cpu_seconds,
            "peak_bytes": self.outcome.peak_bytes,
            "together_bytes": self.outcome.together_bytes,
            "peer_seconds": self.peer_seconds,
            "rows_by_table": self.rows,
        }


def measure(bench: Bench, destination: str) -> Iterator[Finding]:
    """Measure both choices of tables."""
    days = max(1, round(bench.size.years * DAYS_IN_A_YEAR))
    archive = _archive(bench, days)
    for what, tables in (("odds left out", WITHOUT_ODDS), ("with odds", ALL)):
        about = f"history {destination}, {what}"
        runs = [_rebuilt(bench, destination, archive, tables) for _ in bench.repetitions(about)]
        target = WITH_ODDS[destination] if tables is ALL else OTHERWISE
        ran = f"rebuild of {days} days, {sum(runs[-1].rows.values()):,} rows"
        ratios, details = [run.ratio for run in runs], [run.details for run in runs]
        yield Finding(f"rows a second / the peer's, {what}", at_least(target), ratios, ran, details)
        memory = [run.outcome.together_bytes / 1e6 for run in runs]
        yield Finding(f"memory of all processes in MB, {what}", SMALL, memory, ran)


def _archive(bench: Bench, days: int) -> Path:
    """Fill the archive, unless another database has had it filled."""
    archive = bench.folder / "archive"
    if not archive.exists():
        bench.tell(f"history: the responses of {days} days fill the archive")
        bench.server.begin()
        fill_archive(archive, bench.server.url, *last_days(days))
    return archive


def _rebuilt(bench: Bench, destination: str, archive: Path, tables: Sequence[str]) -> Rebuilt:
    place = bench.installation(destination, archive=str(archive))
    outcome = place.run("rebuild", "--table", ",".join(tables))
    rows = place.database.count(tables)
    peer_seconds = seconds_of_the_peer(place.database, tables, place.folder)
    place.remove()
    return Rebuilt(rows, outcome, peer_seconds)
