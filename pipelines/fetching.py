"""The fetching half: what was asked is answered by the API, or by what a dead run has left."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar

from pipelines.api import RacingApi
from pipelines.api.answers import Answer, CoursesAnswer, DayAnswer, ProfileAnswer
from pipelines.archive import Archive, Batch
from pipelines.endpoints import HORSE_PRO, HORSE_STANDARD, RESULTS, SURE_DAYS, Endpoint
from pipelines.errors import ArchiveError
from pipelines.settings import REPEAT_AFTER_DAYS

logger = logging.getLogger(__name__)

FRESH: Final = timedelta(hours=1)
"""Age up to which an answer about a day that may change is as good as a new one."""
SETTLED_AFTER: Final = timedelta(days=14)
"""A day does not change any more: late ratings and prices are there."""
SURE: Final = timedelta(days=SURE_DAYS)

AnyAnswer = TypeVar("AnyAnswer", bound=Answer)
Result = TypeVar("Result")


class Fetcher:
    """Asks the API, keeps every usable answer, and asks nothing that a dead run has asked."""

    def __init__(self, api: RacingApi, archive: Archive | None, today: date) -> None:
        self.api, self.archive, self.today = api, archive, today
        self.errors: set[str] = set()
        """Why answers could not be kept."""
        self._left = self._do(lambda archive: archive.unloaded()) or frozenset()

    def batch(self) -> Batch | None:
        """Begin to ask for what will be loaded together; None where nothing is kept."""
        return self._do(lambda archive: archive.begin(self.today))

    def loaded(self, batch: Batch | None) -> None:
        """Note that a batch is in the database."""
        if batch:
            self._do(lambda archive: archive.end(batch))

    def courses(self, batch: Batch | None) -> CoursesAnswer:
        """Return the course list; raises ApiError."""
        return self._kept(self.api.courses(), batch)

    def day(self, endpoint: Endpoint, day: date, batch: Batch | None) -> DayAnswer:
        """Return what an endpoint has for a day; an error is part of the answer."""
        left = self._left_behind((endpoint,), day, batch)
        if isinstance(left, DayAnswer):
            return left
        return self._kept(self.api.day(endpoint, day), batch)

    def profile(self, horse_id: str, batch: Batch | None) -> ProfileAnswer:
        """Return a horse's profile; raises ApiError."""
        left = self._left_behind((HORSE_PRO, HORSE_STANDARD), horse_id, batch)
        if isinstance(left, ProfileAnswer):
            return left
        return self._kept(self.api.profile(horse_id), batch)

    def forget(self, answer: Answer, batch: Batch | None) -> None:
        """Keep an answer no longer: it says less than it seems to."""
        if batch:
            self._do(lambda archive: archive.forget(answer, batch))

    def _kept(self, answer: AnyAnswer, batch: Batch | None) -> AnyAnswer:
        if batch and (answer.pages or isinstance(answer, ProfileAnswer)):
            self._do(lambda archive: archive.keep(answer, batch))
        return answer

    def _left_behind(
        self, endpoints: tuple[Endpoint, ...], about: date | str, batch: Batch | None
    ) -> Answer | None:
        """Take over what a dead run has asked and not loaded, if it is as good as a new answer."""
        if batch is None or not self._left:
            return None
        return self._do(lambda archive: self._take(archive, endpoints, about, batch))

    def _take(
        self, archive: Archive, endpoints: tuple[Endpoint, ...], about: date | str, batch: Batch
    ) -> Answer | None:
        entries = (entry for endpoint in endpoints for entry in archive.versions(endpoint, about))
        for entry in entries:
            if entry.time in self._left:
                answer, _ = archive.read(entry)
                if self._is_good(answer):
                    archive.move(entry, answer, batch)
                    return answer
        return None

    def _is_good(self, answer: Answer) -> bool:
        age = datetime.now(UTC) - answer.asked_at
        if isinstance(answer, ProfileAnswer):
            return age < timedelta(days=REPEAT_AFTER_DAYS)
        assert isinstance(answer, DayAnswer)
        is_settled = answer.asked_at.date() - answer.day >= SETTLED_AFTER
        may_be_beyond = answer.endpoint is RESULTS and answer.day < self.today - SURE
        is_certain = answer.is_whole and (answer.received > 0 or not may_be_beyond)
        return is_certain and (is_settled or age < FRESH)

    def _do(self, action: Callable[[Archive], Result]) -> Result | None:
        """Do something with the archive; what goes wrong there stops no run, and is reported."""
        if self.archive is None:
            return None
        try:
            return action(self.archive)
        except ArchiveError as error:
            logger.warning("%s", error)
            self.errors.add(str(error))
            return None
