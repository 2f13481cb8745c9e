"""The state of a database: what is loaded, how fresh it is, what is missing, how runs ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

import orjson

from pipelines.api.access import UNKNOWN
from pipelines.api.endpoints import DATED, HORSE_PRO
from pipelines.clock import latest_now
from pipelines.database.reader import Reader
from pipelines.plan.access import stored_access
from pipelines.plan.coverage import Coverage, Status
from pipelines.plan.horses import Waiting, waiting_horses
from pipelines.plan.wanted import known_wanted
from pipelines.rebuild.unfinished import unfinished
from pipelines.report import STOPPED, Unreadable, unreadable_fields
from pipelines.tables import ACCESS, REBUILDS, RUNS, TABLES
from pipelines.text import plain

RUNS_SHOWN: Final = 10
WITHOUT_PROFILE: Final = ("pending", "racecard")
"""What is known of a horse that waits for its profile: nothing, or what its racecard says."""
HORSES_QUERY: Final = "SELECT enrichment_status, count(*) FROM ra_mst_horses GROUP BY 1"
ISSUES_QUERY: Final = (
    "SELECT table_name || ' ' || field || ' ' || problem, count(*) FROM ra_issues GROUP BY 1"
)


@dataclass
class TableState:
    """One table: its rows, and when one of them last changed (None for bookkeeping)."""

    rows: int
    changed_at: datetime | None = None


@dataclass
class Gap:
    """Consecutive days that should be loaded and are not, for one reason."""

    first: date
    last: date
    status: str
    reason: str | None = None

    def __str__(self) -> str:
        span = f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"
        return f"{span} {self.status}" + (f": {self.reason}" if self.reason else "")


@dataclass
class EndpointState:
    """The days of one endpoint."""

    first: date | None = None
    last: date | None = None
    newest_complete: date | None = None
    days: dict[str, int] = field(default_factory=dict)
    """Number of days by status."""
    gaps: list[Gap] = field(default_factory=list)
    ahead: int = 0
    """Number of days that a run noted whose clock was ahead; they are left out."""
    is_included: bool = True
    """Whether the plan includes any day of it."""
    has_past: bool = True
    """Whether the plan includes days that are over: only these can become complete."""

    @property
    def missing_days(self) -> int:
        """Number of days in the gaps."""
        return sum((gap.last - gap.first).days + 1 for gap in self.gaps)


@dataclass
class RunState:
    """One run, as ra_runs has it."""

    run_id: str
    mode: str
    is_test: bool
    started_at: datetime
    finished_at: datetime
    exit_code: int
    calls: int
    missing: list[str]
    unknown_fields: dict[str, int]


@dataclass
class ArchiveState:
    """The archive: where it is, and its compressed size."""

    place: str
    answers: int
    bytes: int


@dataclass
class State:
    """Everything that `pipeline status` shows."""

    destination: str
    today: date
    place: str = ""
    """Which database it is, in words."""
    absence: str | None = None
    """Why there is nothing; None where there are tables."""
    tables: dict[str, TableState] = field(default_factory=dict)
    endpoints: dict[str, EndpointState] = field(default_factory=dict)
    horses: dict[str, int] = field(default_factory=dict)
    """Horses by what is known of them, as enrichment_status says."""
    waiting: Waiting = field(default_factory=Waiting)
    """Horses that wait for their profile, by what it would add."""
    issues: dict[str, int] = field(default_factory=dict)
    """Values and rows set aside, by table, field and problem."""
    rebuilds: list[str] = field(default_factory=list)
    """Rebuilds that have not come to their end: the next run finishes them."""
    runs: list[RunState] = field(default_factory=list)
    """The last runs, the newest first."""
    last_run: RunState | None = None
    """The last run that was no test."""
    last_end: RunState | None = None
    """The last of these that was not stopped."""
    runs_ahead: int = 0
    """Number of runs that begin in the future, as their clock said; they are left out."""
    unreadable: list[Unreadable] = field(default_factory=list)
    """Fields with unreadable values, as the last run says that read them."""
    archive: ArchiveState | None = None
    """None where none is kept."""
    plan: str | None = None
    """Your plan at the vendor, and what it lacks; None if not checked yet."""

    @property
    def ahead(self) -> list[str]:
        """What was recorded while a clock was ahead, and is ignored."""
        told = [
            f"{name}: {found.ahead:,} {'day' if found.ahead == 1 else 'days'} recorded too early"
            for name, found in self.endpoints.items()
            if found.ahead
        ]
        if self.runs_ahead:
            runs = "run" if self.runs_ahead == 1 else "runs"
            told.append(f"{self.runs_ahead:,} {runs} in the future")
        return [f"{sentence}, ignored because a clock was ahead" for sentence in told]

    @property
    def is_empty(self) -> bool:
        """Return whether there has been no run in this database yet."""
        return self.absence is not None

    def as_json(self) -> bytes:
        """Return it as JSON: dates as 2025-10-13, times with their offset."""
        return orjson.dumps(self, option=orjson.OPT_INDENT_2)


def state_of(reader: Reader, today: date) -> State:
    """Return the state of a database on a UK day; raises DestinationError if it cannot be read."""
    state = State(reader.name, today, reader.place)
    there = [name for name in TABLES if name in reader.tables]
    if "ra_coverage" not in there:
        state.absence = reader.absence
        return state
    state.tables = _tables(reader, there)
    access = stored_access(reader) if ACCESS.name in there else UNKNOWN
    state.plan = str(access) if access.checked_at else None
    wanted = known_wanted(reader)
    for endpoint in DATED:
        coverage = Coverage(
            reader, endpoint, today, access.reach(endpoint, today), wanted[endpoint.name]
        )
        state.endpoints[endpoint.name] = endpoint_state(coverage, today)
    state.horses = _counted(reader, HORSES_QUERY)
    if access.editions(HORSE_PRO):
        state.waiting = waiting_horses(reader, access)
    state.issues = _counted(reader, ISSUES_QUERY)
    if REBUILDS.name in there:
        state.rebuilds = [str(rebuild) for rebuild in unfinished(reader)]
    if RUNS.name in there:
        _add_runs(state, reader)
    return state


def _counted(reader: Reader, query: str) -> dict[str, int]:
    counts = Counter({plain(name): count for name, count in reader.rows(query)})
    return dict(counts.most_common())


def _tables(reader: Reader, names: Iterable[str]) -> dict[str, TableState]:
    dated = {name for name, table in TABLES.items() if "updated_at" in table.by_name}
    queries = (
        f"SELECT '{name}', count(*), {'max(updated_at)' if name in dated else 'NULL'} FROM {name}"
        for name in names
    )
    return {
        name: TableState(rows, changed_at)
        for name, rows, changed_at in reader.rows(" UNION ALL ".join(queries))
    }


def endpoint_state(coverage: Coverage, today: date) -> EndpointState:
    """Return which days of an endpoint are loaded, and which are missing up to yesterday.

    Days before the oldest recorded one were never wanted; days beyond the plan are not gaps,
    since they cannot be filled.
    """
    statuses, reach = coverage.statuses, coverage.reach
    is_included, has_past = reach.first <= reach.last, reach.has_past(today)
    if not statuses:
        return EndpointState(ahead=len(coverage.ahead), is_included=is_included, has_past=has_past)
    complete = [day for day, status in statuses.items() if status is Status.COMPLETE]
    noted = [day for day, status in statuses.items() if status is not Status.NOT_IN_PLAN]
    missing = coverage.missing_until(today - timedelta(days=1))
    counts = Counter(statuses.values())
    return EndpointState(
        first=min(noted, default=None),
        last=max(noted, default=None),
        newest_complete=max(complete, default=None),
        days={str(status): counts[status] for status in Status if status in counts},
        gaps=list(_gaps(missing, coverage)),
        ahead=len(coverage.ahead),
        is_included=is_included,
        has_past=has_past,
    )


def _gaps(days: list[date], coverage: Coverage) -> Iterator[Gap]:
    """Join consecutive days that are missing for the same reason."""

    def kind(numbered: tuple[int, date]) -> tuple[int, str, str | None]:
        number, day = numbered
        status = coverage.statuses.get(day)
        return day.toordinal() - number, status or "not loaded", coverage.reasons.get(day)

    for (_, status, reason), found in groupby(enumerate(days), kind):
        span = [day for _, day in found]
        yield Gap(span[0], span[-1], status, reason)


def _add_runs(state: State, reader: Reader) -> None:
    """Add the last runs; one with a start in the future does not hide later ones."""
    now = latest_now()
    state.runs = [_run(record) for record in _last_runs(reader, "started_at <= %s", now)]
    (state.runs_ahead,) = reader.rows(f"SELECT count(*) FROM {RUNS} WHERE started_at > %s", now)[0]
    records = _last_runs(reader, "started_at <= %s AND NOT is_test", now)
    values, unreadable = Counter[str](), Counter[str]()
    for record in records:
        figures = orjson.loads(record["report"] or "{}")
        read = figures.get("values", {})
        new = read.keys() - values.keys()
        values.update({name: read[name] for name in new})
        unreadable.update({n: c for n, c in figures.get("unreadable", {}).items() if n in new})
    state.unreadable = unreadable_fields(values, unreadable)
    judged = [_run(record) for record in records]
    state.last_run = judged[0] if judged else None
    state.last_end = next((run for run in judged if run.exit_code not in STOPPED), None)


def _last_runs(reader: Reader, condition: str, now: datetime) -> list[dict[str, Any]]:
    """Return the last runs that meet a condition, newest first."""
    columns = "run_id, mode, is_test, started_at, finished_at, exit_code, calls, missing, report"
    return reader.records(
        f"SELECT {columns} FROM {RUNS} WHERE {condition} "
        f"ORDER BY started_at DESC LIMIT {RUNS_SHOWN}",
        now,
    )


def _run(record: dict[str, Any]) -> RunState:
    figures = orjson.loads(record["report"] or "{}")
    named = {name: value for name, value in record.items() if name not in ("missing", "report")}
    return RunState(
        **named,
        missing=[plain(line) for line in (record["missing"] or "").split("\n") if line],
        unknown_fields=figures.get("unknown_fields", {}),
    )
