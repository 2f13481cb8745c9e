"""Whether anything needs attention: last run, freshness, gaps and checks, against thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from pipelines.api.endpoints import RACECARDS, RESULTS
from pipelines.clock import latest_now
from pipelines.database.errors import DUCKDB_LOCKED
from pipelines.database.lock import holder_of
from pipelines.database.reader import Reader
from pipelines.errors import DestinationError
from pipelines.report import ExitCode
from pipelines.settings import Settings
from pipelines.status.checks import Check, Finding, findings
from pipelines.status.empty_columns import empty_columns
from pipelines.status.state import State
from pipelines.text import count_of

MOST_IN_WORDS: Final = 3
"""Warnings spelt out in the one line; --details has them all."""


@dataclass(frozen=True)
class Health:
    """What is wrong, a sentence each, and what is good to know."""

    faults: list[str]
    facts: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    """What each check has found."""

    @property
    def is_good(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.faults

    def __str__(self) -> str:
        return f"OK: {'; '.join(self.facts)}" if self.is_good else f"FAIL: {'; '.join(self.faults)}"


def health_of(reader: Reader, state: State, settings: Settings) -> Health:
    """Judge a database; raises DestinationError if it cannot be read."""
    if state.absence:
        return Health([state.absence])
    others = list(_findings_beside_checks(reader, state, settings))
    found = [*others, *findings(reader)]
    grave = [one for one in found if _is_grave(one.check, settings)]
    warnings = [one for one in found if one not in grave]
    faults = [
        *(f"{rebuild} is not finished" for rebuild in state.rebuilds),
        *_of_the_last_run(state, settings),
        *_of_the_days(state, settings),
        *map(str, grave),
    ]
    in_words = [str(one) for one in others if one in warnings]
    facts = [*_facts(state), *_shortened(in_words), count_of(len(warnings), "warning")]
    return Health(faults, facts, [f"{one.check.name}: {one}" for one in found])


def health_unread(reader: Reader, error: DestinationError, settings: Settings) -> Health:
    """Judge a database that cannot be read: an active run keeps others out of a DuckDB file."""
    is_held = DUCKDB_LOCKED in str(error)
    holder = holder_of(reader.lock_file) if reader.lock_file and is_held else None
    if holder is None:
        other = ": another program has the file open, and no run is in progress" if is_held else ""
        return Health([f"{error}{other}"])
    run, since = holder
    hours = (datetime.now(UTC) - since) / timedelta(hours=1)
    if hours > settings.health_run_hours:
        return Health([f"a run has been in progress for {hours:.0f} hours ({run})"])
    if since > latest_now():
        return Health([f"a run in progress began in the future ({run}): its clock was ahead"])
    return Health([], [f"a run is in progress ({run})"])


def _is_grave(check: Check, settings: Settings) -> bool:
    return check.name not in settings.health_known and (check.is_error or settings.health_warnings)


def _findings_beside_checks(reader: Reader, state: State, settings: Settings) -> Iterator[Finding]:
    """Yield findings that need more than a query of sql/checks."""
    for values in state.unreadable:
        is_error = values.is_too_much(settings.unreadable_share)
        yield Finding(Check("unreadable", is_error, str(values)))
    for sentence in empty_columns(reader, state.today):
        yield Finding(Check("empty_columns", is_error=False, claim=sentence))
    for sentence in state.ahead:
        yield Finding(Check("clock", is_error=False, claim=sentence))


def _shortened(sentences: list[str]) -> list[str]:
    more = len(sentences) - MOST_IN_WORDS
    return [*sentences[:MOST_IN_WORDS], *([f"{more} more warnings"] if more > 0 else [])]


def _of_the_last_run(state: State, settings: Settings) -> Iterator[str]:
    run = state.last_run
    if run is None:
        yield "no run is recorded yet (test runs do not count)"
        return
    hours = (datetime.now(UTC) - run.finished_at) / timedelta(hours=1)
    if hours > settings.health_run_hours:
        yield f"the last run ended {hours:.0f} hours ago"
    ended = state.last_end  # nothing is known to be wrong where somebody stopped a run
    if ended and ended.exit_code != ExitCode.COMPLETE:
        first = ended.missing[0] if ended.missing else "no reason recorded"
        yield f"the last run ({ended.mode}) ended with {ended.exit_code}: {first}"


def _of_the_days(state: State, settings: Settings) -> Iterator[str]:
    results, racecards = state.endpoints[RESULTS.name], state.endpoints[RACECARDS.name]
    oldest = state.today - timedelta(days=settings.health_days_behind)
    is_stale = results.newest_complete is None or results.newest_complete < oldest
    if results.has_past and is_stale:
        yield f"the latest complete results are from {results.newest_complete or 'no day'}"
    if racecards.is_included and (racecards.last is None or racecards.last < state.today):
        yield f"the latest racecards are from {racecards.last or 'no day'}"
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
        yield f"{count_of(days, 'day')} missing, such as {name} {gap}"


def _facts(state: State) -> Iterator[str]:
    run = state.last_run
    if run:
        yield f"last run {run.mode} at {run.finished_at:%Y-%m-%d %H:%M}Z"
    results, racecards = state.endpoints[RESULTS.name], state.endpoints[RACECARDS.name]
    if results.has_past:
        yield f"results complete to {results.newest_complete}"
    if racecards.is_included:
        yield f"racecards to {racecards.last}"
