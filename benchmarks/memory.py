"""`memory`: what a backfill holds at most, however long it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from benchmarks.bench import Bench, backfill, last_days
from benchmarks.processes import Outcome
from benchmarks.report import SMALL, Finding, at_most

MONTHS_IN_A_YEAR: Final = 12


def measure(bench: Bench, destination: str) -> Iterator[Finding]:
    """Measure the year and a twelfth of it."""
    year = bench.size.days
    month = max(1, year // MONTHS_IN_A_YEAR)
    about = f"memory {destination}"
    runs = [
        (_backfill(bench, destination, month), _backfill(bench, destination, year))
        for _ in bench.repetitions(about)
    ]
    details = [{"month": _details(short), "year": _details(long)} for short, long in runs]
    ran = f"backfills of {year} and of {month} days"
    ratios = [long.peak_bytes / short.peak_bytes for short, long in runs]
    yield Finding("peak of a year / of a month", at_most(1.1), ratios, ran, details)
    together = [long.together_bytes / 1e6 for _, long in runs]
    yield Finding("peak of a year in MB", SMALL, together, ran)


def _backfill(bench: Bench, destination: str, days: int) -> Outcome:
    bench.server.begin()
    place = bench.installation(destination)
    outcome = place.run(*backfill(*last_days(days)))
    place.remove()
    return outcome


def _details(outcome: Outcome) -> dict[str, Any]:
    return {
        "seconds": outcome.seconds,
        "peak_bytes": outcome.peak_bytes,
        "together_bytes": outcome.together_bytes,
    }
