"""`daily`: the daily run with 75 new horses, within a minute, as far away as the vendor is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.bench import Bench, backfill, last_days
from benchmarks.errors import NotMeasuredError
from benchmarks.processes import Installation
from benchmarks.report import NO_TARGET, Finding, at_most
from pipelines.sandbox import Call
from pipelines.settings import Settings

HORSES: Final = 75
RATE: Final = 2
LATENCY: Final = 0.6
DAYS_BEFORE: Final = Settings.results_days_back
DAILY: Final = ("run", "--mode", "daily", "--max-horses", str(HORSES))


@dataclass(frozen=True)
class Day:
    """One daily run."""

    seconds: float
    calls: int

    @property
    def floor(self) -> float:
        """Seconds that the pace alone asks for."""
        return self.calls / RATE

    @property
    def details(self) -> dict[str, Any]:
        """Everything that the figures were reckoned from."""
        return {"seconds": self.seconds, "calls": self.calls, "calls / rate": self.floor}


def measure(bench: Bench, destination: str) -> Iterator[Finding]:
    """Fill the last days at once, without a profile, then run the day from copies of that."""
    bench.server.begin()
    before = bench.installation(destination)
    before.run(*backfill(*last_days(DAYS_BEFORE)))
    runs = [_day(bench, before) for _ in bench.repetitions(f"daily {destination}")]
    before.remove()
    yield from _findings(runs)


def _day(bench: Bench, before: Installation) -> Day:
    place = before.copy(bench.name("daily"), rate=RATE, path_limits=True)
    bench.server.begin(LATENCY)
    outcome = place.run(*DAILY)
    calls = bench.server.calls()
    place.remove()
    asked = _horses(calls)
    if asked != HORSES:
        raise NotMeasuredError(f"{asked} horses were asked for, not {HORSES}")
    return Day(outcome.seconds, len(calls))


def _horses(calls: Sequence[Call]) -> int:
    """Count the horses that were asked for, whatever path had them."""
    prefix = "/v1/horses/"
    return len({call.path.split("/")[3] for call in calls if call.path.startswith(prefix)})


def _findings(runs: Sequence[Day]) -> Iterator[Finding]:
    ran = f"daily run, {HORSES} new horses, {RATE}/s"
    details = [run.details for run in runs]
    seconds = [run.seconds for run in runs]
    yield Finding("wall time in seconds", at_most(60, " s"), seconds, ran, details)
    yield Finding("seconds of calls / rate", NO_TARGET, [run.floor for run in runs], ran)
    ratios = [run.seconds / run.floor for run in runs]
    yield Finding("wall time / (calls / rate)", NO_TARGET, ratios, ran)
