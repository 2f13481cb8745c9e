"""`pace`: a backfill at the rate that is allowed: neither slower nor ever faster, nothing twice.

Everything is read from the server's own record. The vendor allows two calls a second for racecards,
so the pipeline keeps to the limits of the paths at 2 a second; at 5 it would never get there, and
goes without. Then it goes at 5 a second with the limits of the paths: cards and results are
requested side by side, and that is compared with the time of one after the other. Profiles of
horses are left out: how many are missing depends on the days. The course list is asked for in
every run; it counts as needed, and not among the calls of a second run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from benchmarks.bench import Bench, backfill, last_days
from benchmarks.errors import NotMeasuredError
from benchmarks.processes import Installation, Outcome
from benchmarks.report import MEMORY, Finding, always, at_least, at_most, never_above
from pipelines.api.endpoints import COURSES, DATED
from pipelines.plan.coverage import days_between
from pipelines.sandbox import Call

RATES: Final = (2, 5)
LATENCY: Final = 0.6
WINDOW: Final = 1.0

Question = tuple[str, str, int]
"""A path, a day, and the first row of a page."""


@dataclass(frozen=True)
class Paced:
    """What one backfill did, as the server has seen it."""

    rate: int
    calls: list[Call]
    needed: int
    outcome: Outcome
    again: Counter[str]
    """Calls of a second run, by path."""

    @property
    def achieved(self) -> float:
        """Calls a second, as a part of those allowed."""
        elapsed = self.calls[-1].started - self.calls[0].started
        return (len(self.calls) - 1) / elapsed / self.rate

    @property
    def one_after_the_other(self) -> float:
        """Seconds that the calls would take, each endpoint at its own limit."""
        calls = Counter(call.path for call in self.calls)
        return sum(calls[one.path] / min(one.ceiling, self.rate) for one in (COURSES, *DATED))

    @property
    def details(self) -> dict[str, Any]:
        """Everything that the ratios were reckoned from."""
        return {
            "seconds": self.outcome.seconds,
            "peak_bytes": self.outcome.peak_bytes,
            "calls": len(self.calls),
            "calls_needed": self.needed,
            "different_calls": len({(call.path, call.params) for call in self.calls}),
            "statuses": Counter(str(call.status) for call in self.calls),
            "calls_of_the_second_run": self.again,
        }


def measure(bench: Bench, destination: str) -> Iterator[Finding]:
    """Measure at each rate."""
    for rate in RATES:
        about = f"pace {destination} at {rate}/s"
        limited = rate <= min(endpoint.ceiling for endpoint in DATED)
        runs = [
            _paced(bench, destination, rate, path_limits=limited) for _ in bench.repetitions(about)
        ]
        yield from _findings(runs, rate, f"backfill of {bench.size.days} days")
    rate = max(RATES)
    about = f"pace {destination} at {rate}/s, side by side"
    runs = [_paced(bench, destination, rate, path_limits=True) for _ in bench.repetitions(about)]
    yield Finding(
        f"{rate}/s, cards at 2/s: wall time / one after the other",
        at_most(0.7),
        [run.outcome.seconds / run.one_after_the_other for run in runs],
        f"backfill of {bench.size.days} days",
        [run.details for run in runs],
    )


def _paced(bench: Bench, destination: str, rate: int, *, path_limits: bool) -> Paced:
    first, last = last_days(bench.size.days)
    place = bench.installation(destination, rate=rate, path_limits=path_limits)
    wanted = needed(bench, days_between(first, last))
    outcome, calls = _seen(bench, place, backfill(first, last))
    _, calls_again = _seen(bench, place, backfill(first, last))
    place.remove()
    missing = wanted - {_question(call) for call in calls}
    if missing:
        raise NotMeasuredError(f"never asked for: {sorted(missing)}")
    again = Counter(call.path for call in calls_again)
    return Paced(rate, calls, len(wanted), outcome, again)


def _seen(
    bench: Bench, place: Installation, arguments: Sequence[str]
) -> tuple[Outcome, list[Call]]:
    """Run the pipeline, and return how it ended and what the server has seen of it."""
    bench.server.begin(LATENCY)
    return place.run(*arguments), bench.server.calls()


def needed(bench: Bench, days: Sequence[date]) -> set[Question]:
    """Return what the days cannot be had without: their pages, and the list of courses.

    That is asked of the server itself, which has its answers ready from then on.
    """
    bench.server.begin()
    pages = {
        (endpoint.path, day.isoformat(), skip)
        for endpoint in DATED
        for day in days
        for skip in bench.server.prepare(endpoint, day)
    }
    return {(COURSES.path, "", 0), *pages}


def _question(call: Call) -> Question:
    query = dict(call.params)
    return call.path, query.get("date") or query.get("start_date", ""), int(query.get("skip", 0))


def most_in_a_window(calls: Sequence[Call]) -> int:
    """Return the largest number of arrivals in any second."""
    most = first = 0
    for number, call in enumerate(calls):
        while call.started - calls[first].started >= WINDOW:
            first += 1
        most = max(most, number - first + 1)
    return most


def _findings(runs: Sequence[Paced], rate: int, ran: str) -> Iterator[Finding]:
    ratios = {
        "calls a second / allowed": (at_least(0.97), [run.achieved for run in runs]),
        "most calls in any second": (
            never_above(rate),
            [float(most_in_a_window(run.calls)) for run in runs],
        ),
        "wall time / (calls / rate)": (
            at_most(1.05),
            [run.outcome.seconds / (len(run.calls) / rate) for run in runs],
        ),
        "peak in MB": (MEMORY, [run.outcome.peak_megabytes for run in runs]),
        "calls made / needed": (always(1.0), [len(run.calls) / run.needed for run in runs]),
        "calls for days, second run": (always(0), [_calls_for_days(run) for run in runs]),
    }
    for what, (target, values) in ratios.items():
        details = [run.details for run in runs]
        yield Finding(f"{rate}/s: {what}", target, values, ran, details)


def _calls_for_days(run: Paced) -> float:
    others = run.again[COURSES.path]
    return float(run.again.total() - others)
