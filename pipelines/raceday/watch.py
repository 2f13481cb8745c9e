"""What a race day asks for, what of it is new, and when the day is over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from pipelines.api.answers import DayAnswer
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import RACECARDS, RESULTS, Endpoint
from pipelines.archive.store import Archive

logger = logging.getLogger(__name__)

LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
INSTANT: Final = timedelta(microseconds=1)
LONGEST_WAIT: Final = timedelta(hours=3)
"""How long after the last off a result is waited for; the daily run fetches it then."""


@dataclass(frozen=True)
class Race:
    """A race of today, as far as it says whether a result is to come."""

    id: str
    course: str
    off: datetime | None
    is_abandoned: bool


@dataclass
class Watch:
    """Asks for the cards of two days and the results of one, and keeps what is new."""

    archive: Archive
    today: date
    now: Callable[[], datetime]
    races: list[Race] | None = None
    """The races of today; None until a card has come."""
    results: set[str] = field(default_factory=set)
    """Races that have a result."""
    repeated: dict[tuple[Endpoint, date], datetime] = field(default_factory=dict)
    """When responses were last the same as those before them: to be noted in the database."""
    saved: int = 0
    failures: list[str] = field(default_factory=list)
    """Why responses of the last round did not come."""
    _last: dict[tuple[Endpoint, date], bytes] = field(default_factory=dict)
    _latest: datetime = LONG_AGO

    def ask(self, api: RacingApi) -> None:
        """Ask for everything once; raises ArchiveError."""
        self.failures = []
        tomorrow = self.today + timedelta(days=1)
        self._keep([self._answer(api, RACECARDS, day) for day in (self.today, tomorrow)])
        self._keep([self._answer(api, RESULTS, self.today)])

    def _answer(self, api: RacingApi, endpoint: Endpoint, day: date) -> DayAnswer:
        # A clock that is set back must not put what comes later before what came earlier.
        self._latest = max(self.now().astimezone(UTC), self._latest + INSTANT)
        asked_at = self._latest
        answer = api.day(endpoint, day)
        answer.asked_at = asked_at
        return answer

    def _keep(self, answers: Iterable[DayAnswer]) -> None:
        new: list[DayAnswer] = []
        for answer in answers:
            if not answer.is_whole:
                why = answer.error or answer.doubt or "it is not whole"
                logger.warning("%s of %s: %s", answer.endpoint.name, answer.day, why)
                self.failures.append(f"{answer.endpoint.name} of {answer.day}: {why}")
            elif self._is_new(answer):
                new.append(answer)
        if new:
            self.archive.capture(new, self.today)
            self.saved += sum(len(answer.pages) for answer in new)

    def _is_new(self, answer: DayAnswer) -> bool:
        """Note what a response says of the day's end, and tell whether it says anything new."""
        question = answer.endpoint, answer.day
        digest = answer.digest
        if self._last.get(question) == digest:
            self.archive.note_same(answer)
            self.repeated[question] = answer.asked_at
            return False
        self._last[question] = digest
        if answer.day == self.today:
            if answer.endpoint is RESULTS:
                self.results = {str(race.get("race_id")) for race in answer.records}
            else:
                self.races = [_race(record) for record in answer.records]
        return True

    def waits_for(self) -> list[Race]:
        """Return the races of today whose result is to come.

        A race that another one has taken the place of, at the same course and time, has none.
        """
        races = self.races or []
        run = {(race.course, race.off) for race in races if race.id in self.results}
        return [
            race
            for race in races
            if race.id not in self.results
            and not race.is_abandoned
            and (race.course, race.off) not in run
        ]

    def is_over(self) -> bool:
        """Return whether nothing more is to come today."""
        if self.races is None:
            return self.now().astimezone(UTC) > _end_of(self.today)
        waiting = self.waits_for()
        last = max((race.off for race in waiting if race.off), default=_end_of(self.today))
        return not waiting or self.now() > last + LONGEST_WAIT


def _race(record: Any) -> Race:
    try:
        off = datetime.fromisoformat(str(record.get("off_dt")))
    except ValueError:
        off = None
    course = str(record.get("course_id") or record.get("course"))
    is_aware = off is not None and off.tzinfo is not None
    return Race(
        str(record.get("race_id")),
        course,
        off if is_aware else None,
        record.get("is_abandoned") is True,
    )


def _end_of(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=1)
