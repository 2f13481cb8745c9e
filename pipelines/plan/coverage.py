"""Which days of each endpoint are loaded, according to ra_coverage, and which are still to do.

complete      the day was over when it was requested, and everything it has is loaded
open          loaded, but the day was not over yet: it is fetched again
partial       less arrived than the API says it has, or nothing for a day that had racing
failed        no usable response
beyond_plan   the plan does not go back to this day: only a manual run requests it again
not_in_plan   the plan does not include the endpoint that has this day: requested once it does
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from pipelines.api.access import EVERY_DAY, Reach
from pipelines.api.answers import DayAnswer
from pipelines.api.endpoints import Endpoint
from pipelines.database.database import Database
from pipelines.mapping import Row
from pipelines.text import plain

Days = list[date]


class Status(StrEnum):
    """Status of one day of one endpoint."""

    COMPLETE = "complete"
    OPEN = "open"
    PARTIAL = "partial"
    FAILED = "failed"
    BEYOND_PLAN = "beyond_plan"
    NOT_IN_PLAN = "not_in_plan"


SETTLED = frozenset({Status.COMPLETE, Status.BEYOND_PLAN})
"""A day with one of these is not requested again automatically."""
LOADED = frozenset({Status.COMPLETE, Status.OPEN, Status.PARTIAL})
REFUTED: Final = "marked as beyond the plan, but an older day has been delivered"


class Queried(Protocol):
    """Anything that can be queried: a database in use by a run, or one opened for reading."""

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query with %s parameters."""


class Nothing:
    """Stands in for a database before the first run: it has no rows."""

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return no row, whatever the query."""
        return []


class Coverage:
    """The days of one endpoint, as the database has them when the run starts."""

    reach: Reach = EVERY_DAY
    """The days that the plan includes."""
    wanted_since: date = date.min
    """The first day that is kept complete."""

    def __init__(
        self,
        database: Queried,
        endpoint: Endpoint,
        today: date | None = None,
        reach: Reach = EVERY_DAY,
        wanted_since: date = date.min,
    ) -> None:
        """Read them; if today is given, ignore days recorded while the clock was ahead."""
        self.endpoint, self.reach, self.wanted_since = endpoint, reach, wanted_since
        columns = "date, status, total, received, loaded, reason, loaded_at"
        query = f"SELECT {columns} FROM ra_coverage WHERE endpoint = %s"
        rows = database.rows(query, endpoint.name)
        self.ahead: Days = []
        """The days left out."""
        if today:
            ahead = {day for day, status, *_ in rows if _is_ahead(endpoint, today, day, status)}
            rows = [row for row in rows if row[0] not in ahead]
            self.ahead = sorted(ahead)
        self.statuses = {day: Status(status) for day, status, *_ in rows}
        self.totals: dict[date, int] = {day: total or 0 for day, _, total, *_ in rows}
        """Races that the API said it has."""
        self.loaded: dict[date, int] = {day: loaded or 0 for day, *_, loaded, _, _ in rows}
        """Races that were loaded when the day was last noted."""
        self.reasons: dict[date, str | None] = {
            day: reason and plain(reason) for day, *_, reason, _ in rows
        }
        self.loaded_at: dict[date, datetime] = {
            day: at for day, status, *_, at in rows if status in LOADED
        }
        """When the loaded days were requested."""
        delivered = (day for day, status, _, received, *_ in rows if received and status in LOADED)
        self.oldest_delivered = min(delivered, default=None)
        """The oldest day that races were received for: the plan reaches back to it."""
        self._refuted: set[date] = set()
        if self.oldest_delivered:
            self._refute(self.oldest_delivered)

    def unsettled(self, days: Iterable[date]) -> Days:
        """Those of these days that are still to be requested, and that the plan includes."""
        return [
            day for day in days if self.statuses.get(day) not in SETTLED and self.reach.has(day)
        ]

    def not_in_plan(self, days: Iterable[date]) -> Days:
        """Those of these days that the plan does not include, and that are not recorded yet."""
        return [day for day in days if day not in self.statuses and not self.reach.has(day)]

    def beyond_plan(self, days: Iterable[date]) -> Days:
        """Those of these days that are known to be beyond the plan."""
        return [day for day in days if self.statuses.get(day) is Status.BEYOND_PLAN]

    def note_delivered(self, days: Iterable[date]) -> set[date]:
        """Note delivered days: no newer day can be beyond the plan.

        Returns the days that were recorded as beyond the plan, and must become failed.
        """
        oldest = min(days, default=None)
        if oldest:
            self._refute(oldest)
        refuted, self._refuted = self._refuted, set()
        return refuted

    def _refute(self, delivered: date) -> None:
        for day in self.beyond_plan(self.statuses):
            if day > delivered:
                self.statuses[day], self.reasons[day] = Status.FAILED, REFUTED
                self._refuted.add(day)

    def gaps_before(self, start: date) -> Days:
        """Days before a window that a daily run has to repair.

        Unsettled days, and days between the newest recorded day and the window, if they are
        wanted. Days before the oldest recorded one were never wanted.
        """
        noted = sorted(day for day in self.statuses if day < start)
        if not noted:
            return []
        first = max(noted[-1] + timedelta(days=1), self.wanted_since)
        missed = days_between(first, start - timedelta(days=1))
        return self.unsettled([*noted, *missed])

    def missing_until(self, last: date) -> Days:
        """Days that should be loaded and are not, recorded or not, since the oldest wanted day."""
        noted = {day for day in self.statuses if day <= last}
        wanted = min((day for day in noted if day >= self.wanted_since), default=None)
        expected = noted.union(days_between(wanted, last) if wanted else ())
        return self.unsettled(sorted(expected))


def _is_ahead(endpoint: Endpoint, today: date, day: date, status: str) -> bool:
    """Return whether a day cannot have been requested yet, or cannot be complete."""
    is_over = day < today
    is_too_late = day > today + timedelta(days=endpoint.days_ahead)
    return is_too_late or (status == Status.COMPLETE and not is_over)


def days_between(first: date, last: date) -> Days:
    """Every day from the first to the last, inclusive; none if they are in the wrong order."""
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def status_of(
    answer: DayAnswer, today: date, regions: list[str], before: int = 0
) -> tuple[Status, str | None]:
    """Return the status of a response, and why it is not complete; before: races loaded earlier."""
    if answer.is_failed:
        return Status.FAILED, str(answer.error)
    missing = _missing(answer, regions, before)
    if missing:
        return Status.PARTIAL, missing
    if answer.day >= today:
        return Status.OPEN, "the day was not over yet"
    return Status.COMPLETE, None


def _missing(answer: DayAnswer, regions: list[str], before: int) -> str | None:
    """Say why a response does not have the whole day, if it does not."""
    misread = str(answer.error) if answer.error else answer.misread(regions)
    if misread:
        return misread
    if answer.of_other_days:
        return f"{answer.of_other_days} races of other days were sent"
    if before and not answer.received:
        return f"there were {before} races before, and now there are none"
    if answer.total is None:
        return "the API did not say how many races the day has"
    if answer.received != answer.total:
        counted = f"{answer.received} of {answer.total} races received"
        return f"{counted}: {answer.doubt}" if answer.doubt else counted
    return answer.doubt


def coverage_row(answer: DayAnswer, status: Status, reason: str | None, loaded: int | None) -> Row:
    """Row of ra_coverage for one response."""
    return {
        "endpoint": answer.endpoint.name,
        "date": answer.day,
        "status": status.value,
        "total": answer.total,
        "received": None if answer.is_failed else answer.received,
        "loaded": None if answer.is_failed else loaded,
        "reason": reason and plain(reason),
        "loaded_at": answer.asked_at,
    }


def forget_ahead(database: Database, endpoint: Endpoint, today: date) -> int:
    """Delete days recorded while the clock was ahead, and return how many.

    Otherwise they would not be requested when their time comes. Raises DestinationError.
    """
    days = Coverage(database, endpoint, today).ahead
    if days:
        named = ", ".join(f"'{day}'" for day in days)
        database.run(
            f"DELETE FROM ra_coverage WHERE endpoint = '{endpoint.name}' AND date IN ({named})"
        )
    return len(days)
