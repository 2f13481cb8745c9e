"""The report of a run, for the user and for machines: counted as it runs, written as JSON."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

import orjson

from pipelines.mapping import Inspection, Issue
from pipelines.system.files import remove_unfinished, whole
from pipelines.text import plain

logger = logging.getLogger(__name__)

FEWEST_UNREADABLE: Final = 3
"""Unreadable values of a field from which they can be an error: one in three proves nothing."""


class ExitCode(IntEnum):
    """How a run ends; one that cannot begin ends with 2 and has no report."""

    COMPLETE = 0
    INCOMPLETE = 1
    LOCKED = 3
    INTERRUPTED = 130
    TERMINATED = 143


STOPPED: Final = frozenset({ExitCode.INTERRUPTED, ExitCode.TERMINATED})
"""Somebody ended the run: nothing is known to be wrong."""


@dataclass
class TableCount:
    """Rows of one table that this run's loads added, changed, and left unchanged."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    """Rows fewer than before, such as of horses that have left a card."""
    rows: int = 0
    """Rows in the table at the end."""
    seconds: float = 0.0
    """Time the destination took to load it."""


@dataclass
class Incomplete:
    """Days of one endpoint that are missing for one reason."""

    endpoint: str
    status: str
    reason: str
    days: list[date]

    def __str__(self) -> str:
        first, last = min(self.days).isoformat(), max(self.days).isoformat()
        span = first if first == last else f"{len(self.days)} days, {first} to {last}"
        return f"{self.endpoint} {span}: {self.status.replace('_', ' ')}, {self.reason}"


@dataclass(frozen=True)
class Unreadable:
    """Values of one field that its columns could not hold."""

    field: str
    columns: list[str]
    values: int
    """Values that were not blank, the unreadable ones among them."""
    unreadable: int

    def __str__(self) -> str:
        columns = ", ".join(self.columns)
        return f"{self.field}: {self.unreadable:,} of {self.values:,} values unreadable ({columns})"

    def is_too_much(self, share: float) -> bool:
        """Return whether more than a share of them is unreadable, and not just one or two."""
        return self.unreadable >= FEWEST_UNREADABLE and self.unreadable > share * self.values


def unreadable_fields(values: Mapping[str, int], unreadable: Mapping[str, int]) -> list[Unreadable]:
    """Return the fields with unreadable values and their columns, the worst first."""
    columns: defaultdict[tuple[str, int, int], list[str]] = defaultdict(list)
    for name, count in unreadable.items():
        field, _, column = name.partition(" -> ")
        if count:
            columns[field, values[name], count].append(column)
    found = [
        Unreadable(field, sorted(those), *counts) for (field, *counts), those in columns.items()
    ]
    return sorted(found, key=lambda one: (-one.unreadable, one.field))


@dataclass
class Report:
    """One run."""

    mode: str
    destination: str
    test: bool = False
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    finished_at: datetime | None = None
    seconds: float = 0.0
    """Seconds from start to end, whatever the clock on the wall does meanwhile."""
    windows: dict[str, dict[str, Any]] = field(default_factory=dict)
    tables: dict[str, TableCount] = field(default_factory=dict)
    calls: int = 0
    retries: int = 0
    saved: int = 0
    """Responses saved in the archive, which need not be fetched again."""
    unchanged: int = 0
    """Responses that say what is loaded already, and were not loaded again."""
    captured: int = 0
    """Responses of a race day that were loaded; their rows are not counted."""
    horses: dict[str, int] = field(default_factory=dict)
    prices: dict[str, int] = field(default_factory=dict)
    """Price histories by what became of them."""
    issues: Counter[str] = field(default_factory=Counter)
    """Values and rows set aside in ra_issues, by table, field and problem."""
    values: Counter[str] = field(default_factory=Counter)
    """Values that were read and not blank, by field and column."""
    unreadable: Counter[str] = field(default_factory=Counter)
    """Those of them that the column could not hold, which are NULL."""
    unknown_fields: Counter[str] = field(default_factory=Counter)
    other_regions: Counter[str] = field(default_factory=Counter)
    """Races of regions that were not requested, which are left out, by endpoint."""
    incomplete: list[Incomplete] = field(default_factory=list)
    not_in_plan: list[Incomplete] = field(default_factory=list)
    """Days found to be beyond the plan: not available, and not a failure."""
    errors: list[str] = field(default_factory=list)
    ended_by: ExitCode | None = None
    """Why the run came to no end of its own: another run's lock, or a signal."""
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._begun = time.monotonic()
        self.path: Path | None = None
        """Where it was written to."""

    @property
    def exit_code(self) -> ExitCode:
        """0 if everything is there, 1 if something is missing, or the code of what ended it."""
        if self.ended_by is not None:
            return self.ended_by
        return ExitCode.INCOMPLETE if self.missing else ExitCode.COMPLETE

    def finish(self, unreadable_share: float) -> None:
        """Note that the run has ended; a larger share of unreadable values is an error."""
        self.finished_at = datetime.now(UTC)
        self.seconds = round(time.monotonic() - self._begun, 1)
        self.errors += (
            str(field)
            for field in unreadable_fields(self.values, self.unreadable)
            if field.is_too_much(unreadable_share)
        )

    def add_found(self, found: Inspection) -> None:
        """Count what was found in a chunk."""
        self.unknown_fields.update(found.unknown)
        self.values.update(+found.values)
        self.unreadable.update(+found.unreadable)
        self.add_issues(found.issues)

    def add_issues(self, issues: Iterable[Issue]) -> None:
        """Count values and rows that were set aside."""
        for issue in issues:
            self.issues[" ".join(filter(None, (issue.table, issue.field, issue.problem)))] += 1

    def forget_errors(self, errors: Iterable[str]) -> None:
        """Remove errors about what the plan does not include, and the days affected."""
        self.errors = [error for error in self.errors if error not in {*errors}]
        self.incomplete = []

    def forget_incomplete(self, endpoint: str, day: date) -> None:
        """Remove a missing day that has been loaded since."""
        for entry in self.incomplete:
            if entry.endpoint == endpoint and day in entry.days:
                entry.days.remove(day)
        self.incomplete = [entry for entry in self.incomplete if entry.days]

    def add_incomplete(self, endpoint: str, status: str, reason: str, day: date) -> None:
        """Note a missing day, together with others missing for the same reason."""
        _add(self.incomplete, Incomplete(endpoint, status, plain(reason), [day]))

    def add_not_in_plan(self, endpoint: str, status: str, reason: str, day: date) -> None:
        """Note a day beyond the plan."""
        _add(self.not_in_plan, Incomplete(endpoint, status, plain(reason), [day]))

    @property
    def run_id(self) -> str:
        """Name of the run: its mode and the moment it began."""
        return f"run_{self.mode}_{self.started_at:%Y%m%dT%H%M%S_%fZ}"

    @property
    def missing(self) -> list[str]:
        """What makes the run incomplete, one printable sentence each."""
        return [*map(plain, (*self.errors, *map(str, self.incomplete)))]

    def as_json(self) -> bytes:
        """Return the report as JSON."""
        figures = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        figures["exit_code"] = self.exit_code
        return orjson.dumps(figures, option=orjson.OPT_INDENT_2)

    def write(self, folder: Path) -> None:
        """Write the report as JSON; if that fails, ra_runs and the log still have it."""
        path = folder / f"{self.run_id}.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            remove_unfinished(folder, "run_*.json")
            with whole(path) as content:
                content.write(self.as_json())
        except (OSError, ValueError) as error:
            logger.warning("The report cannot be written to %s: %s", folder, error)
        else:
            self.path = path


def _add(entries: list[Incomplete], new: Incomplete) -> None:
    """Add a day to those that are missing for the same reason."""
    for entry in entries:
        if (entry.endpoint, entry.status, entry.reason) == (new.endpoint, new.status, new.reason):
            entry.days += new.days
            return
    entries.append(new)
