"""What a run did, for the user and for machines: counted while it runs, written as JSON."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from enum import IntEnum
from pathlib import Path
from typing import Any

import orjson

from pipelines.files import remove_unfinished, whole
from pipelines.mapping import Inspection, Issue
from pipelines.plain import plain


class ExitCode(IntEnum):
    """How a run ends; one that cannot begin ends with 2 before there is a report."""

    COMPLETE = 0
    INCOMPLETE = 1
    LOCKED = 3
    INTERRUPTED = 130
    TERMINATED = 143


@dataclass
class TableCount:
    """Rows of one table that this run's loads have added, changed, and found as they were."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
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
    horses: dict[str, int] = field(default_factory=dict)
    issues: Counter[str] = field(default_factory=Counter)
    """Values and rows set aside in ra_issues, by table, field and problem."""
    unknown_fields: Counter[str] = field(default_factory=Counter)
    other_regions: Counter[str] = field(default_factory=Counter)
    """Races sent though their region was not asked for, and left out, by endpoint."""
    incomplete: list[Incomplete] = field(default_factory=list)
    undeliverable: list[str] = field(default_factory=list)
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
        """0 where everything asked for is there, 1 where something is missing, or why it ended."""
        if self.ended_by is not None:
            return self.ended_by
        return ExitCode.INCOMPLETE if self.missing else ExitCode.COMPLETE

    def finish(self) -> None:
        """Note that the run has ended."""
        self.finished_at = datetime.now(UTC)
        self.seconds = round(time.monotonic() - self._begun, 1)

    def add_found(self, found: Inspection) -> None:
        """Count what was found in a chunk."""
        self.unknown_fields.update(found.unknown)
        self.add_issues(found.issues)

    def add_issues(self, issues: Iterable[Issue]) -> None:
        """Count values and rows that were set aside."""
        for issue in issues:
            self.issues[" ".join(filter(None, (issue.table, issue.field, issue.problem)))] += 1

    def forget_incomplete(self, endpoint: str, day: date) -> None:
        """Say no more that a day is missing: it has been read again."""
        for entry in self.incomplete:
            if entry.endpoint == endpoint and day in entry.days:
                entry.days.remove(day)
        self.incomplete = [entry for entry in self.incomplete if entry.days]

    def add_incomplete(self, endpoint: str, status: str, reason: str, day: date) -> None:
        """Note a day that is missing, beside others missing for the same reason."""
        reason = plain(reason)
        for entry in self.incomplete:
            if (entry.endpoint, entry.status, entry.reason) == (endpoint, status, reason):
                entry.days.append(day)
                return
        self.incomplete.append(Incomplete(endpoint, status, reason, [day]))

    @property
    def run_id(self) -> str:
        """Name of the run: its mode and the moment it began."""
        return f"run_{self.mode}_{self.started_at:%Y%m%dT%H%M%S_%fZ}"

    @property
    def missing(self) -> list[str]:
        """What leaves the run incomplete, a sentence each, fit to be printed, sent and noted."""
        return [*map(plain, (*self.errors, *map(str, self.incomplete), *self.undeliverable))]

    def as_json(self) -> bytes:
        """Return the report as JSON."""
        figures = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        figures["exit_code"] = self.exit_code
        return orjson.dumps(figures, option=orjson.OPT_INDENT_2)

    def write(self, folder: Path) -> None:
        """Write the report as JSON; on a full disk what the terminal says has to do."""
        path = folder / f"{self.run_id}.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            remove_unfinished(folder, "run_*.json")
            with whole(path) as content:
                content.write(self.as_json())
        except OSError as error:
            self.errors.append(f"the report cannot be written to {folder}: {error.strerror}")
        else:
            self.path = path
