"""Whether somebody should look: last run, freshness, gaps and checks, against thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pipelines.checks import Check, findings
from pipelines.destination import DUCKDB_LOCKED
from pipelines.endpoints import RACECARDS, RESULTS
from pipelines.errors import DestinationError
from pipelines.lock import holder_of
from pipelines.reader import Reader
from pipelines.report import ExitCode
from pipelines.settings import Settings
from pipelines.state import RunState, State


@dataclass(frozen=True)
class Health:
    """What is wrong, a sentence each, and what is good to know."""

    faults: list[str]
    facts: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    """What each check has found."""

    @property
    def is_good(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.faults

    def __str__(self) -> str:
        return f"OK: {'; '.join(self.facts)}" if self.is_good else f"FAIL: {'; '.join(self.faults)}"


def health_of(reader: Reader, state: State, settings: Settings) -> Health:
    """Judge a database; raises DestinationError if it cannot be read."""
    if state.is_empty:
        return Health(["nothing has been loaded yet; run `make daily`"])
    found = list(findings(reader))
    grave = [str(one) for one in found if _is_grave(one.check, settings)]
    faults = [
        *(f"{rebuild} is not finished" for rebuild in state.rebuilds),
        *_of_the_last_run(state, settings),
        *_of_the_days(state, settings),
        *grave,
    ]
    facts = [*_facts(state), _count(len(found) - len(grave), "warning")]
    return Health(faults, facts, [f"{one.check.name}: {one}" for one in found])


def health_unread(reader: Reader, error: DestinationError, settings: Settings) -> Health:
    """Judge a database that cannot be read: a run at work keeps others out of a DuckDB file."""
    is_held = DUCKDB_LOCKED in str(error)
    holder = holder_of(reader.file) if reader.file and is_held else None
    if holder is None:
        return Health([str(error)])
    run, since = holder
    hours = (datetime.now(UTC) - since) / timedelta(hours=1)
    if hours > settings.health_run_hours:
        return Health([f"a run is at work for {hours:.0f} hours ({run})"])
    return Health([], [f"a run is at work ({run})"])


def _is_grave(check: Check, settings: Settings) -> bool:
    return check.name not in settings.health_known and (check.is_error or settings.health_warnings)


def _of_the_last_run(state: State, settings: Settings) -> Iterator[str]:
    run = _last_run(state)
    if run is None:
        yield "no run is noted"
        return
    hours = (datetime.now(UTC) - run.finished_at) / timedelta(hours=1)
    if hours > settings.health_run_hours:
        yield f"the last run ended {hours:.0f} hours ago"
    if run.exit_code != ExitCode.COMPLETE:
        first = run.missing[0] if run.missing else "no reason noted"
        yield f"the last run ({run.mode}) ended with {run.exit_code}: {first}"


def _last_run(state: State) -> RunState | None:
    """Return the last run that was no test."""
    return next((run for run in state.runs if not run.is_test), None)


def _of_the_days(state: State, settings: Settings) -> Iterator[str]:
    results, racecards = state.endpoints[RESULTS.name], state.endpoints[RACECARDS.name]
    oldest = state.today - timedelta(days=settings.health_days_behind)
    if results.newest_complete is None or results.newest_complete < oldest:
        yield f"the newest complete results are of {results.newest_complete or 'no day'}"
    if racecards.last is None or racecards.last < state.today:
        yield f"the newest racecards are of {racecards.last or 'no day'}"
    # Yesterday is not missing before the run that reads it as a day that is over.
    gaps = [
        (name, gap)
        for name, endpoint in state.endpoints.items()
        for gap in endpoint.gaps
        if gap.first < oldest
    ]
    days = sum((min(gap.last, oldest) - gap.first).days + 1 for _, gap in gaps)
    if days > settings.health_gaps:
        name, gap = gaps[0]
        yield f"{_count(days, 'day')} missing, such as {name} {gap}"


def _facts(state: State) -> Iterator[str]:
    run = _last_run(state)
    if run:
        yield f"last run {run.mode} at {run.finished_at:%Y-%m-%d %H:%M}Z"
    yield f"results complete to {state.endpoints[RESULTS.name].newest_complete}"
    yield f"racecards to {state.endpoints[RACECARDS.name].last}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
