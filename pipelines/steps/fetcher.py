"""Responses for a run: from the API, or left over from a crashed run."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar, cast

from pipelines.api.answers import Answer, DayAnswer, ListAnswer, RecordAnswer
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import Endpoint
from pipelines.archive.store import Archive, Batch, Entry, Question, question_of
from pipelines.errors import ArchiveError, DamagedError, FaultError

logger = logging.getLogger(__name__)

AnyAnswer = TypeVar("AnyAnswer", bound=Answer)
Result = TypeVar("Result")

Leftovers = Callable[[Archive], Mapping[Question, Entry]]
"""Finds the leftovers in an archive that a run may use."""


def no_leftovers(archive: Archive) -> Mapping[Question, Entry]:
    """Use no leftovers."""
    return {}


class Fetcher:
    """Makes requests, saves every usable response, and reuses those that a crashed run left."""

    def __init__(
        self,
        api: RacingApi,
        archive: Archive | None,
        today: date,
        leftovers: Leftovers = no_leftovers,
    ) -> None:
        self.api, self.archive, self.today = api, archive, today
        self.errors: set[str] = set()
        """Why responses could not be saved."""
        self._saved, self._counting = 0, threading.Lock()
        self._left = dict(self._do(leftovers) or {})

    @property
    def saved(self) -> int:
        """Number of responses saved so far."""
        return self._saved

    def batch(self) -> Batch | None:
        """Begin a batch of responses to be loaded together; None if there is no archive."""
        return self._do(lambda archive: archive.begin(self.today))

    def loaded(self, batch: Batch | None) -> None:
        """Note that a batch is loaded."""
        if batch:
            self._do(lambda archive: archive.end(batch))

    def listing(self, endpoint: Endpoint, batch: Batch | None) -> ListAnswer:
        """Return the whole list of an endpoint; raises ApiError."""
        return self._kept(self.api.listing(endpoint), batch)

    def day(self, endpoint: Endpoint, day: date, batch: Batch | None) -> DayAnswer:
        """Return what an endpoint has for a day; an error is part of the answer."""
        left = self._left_behind(endpoint, day, batch)
        if left:
            return cast(DayAnswer, left)
        ask = self.api.past_day if day < self.today else self.api.day
        return self._kept(ask(endpoint, day), batch)

    def record(self, endpoint: Endpoint, record_id: str, batch: Batch | None) -> RecordAnswer:
        """Return the record of an id; raises ApiError."""
        left = self._left_behind(endpoint, record_id, batch)
        if left:
            return cast(RecordAnswer, left)
        return self._kept(self.api.record(endpoint, record_id), batch)

    def forget(self, answer: Answer, batch: Batch | None) -> None:
        """Delete a saved answer that turned out to be incomplete."""
        if batch:
            self._do(lambda archive: archive.forget(answer, batch))

    def _kept(self, answer: AnyAnswer, batch: Batch | None) -> AnyAnswer:
        if batch and answer.is_worth_keeping:
            self._do(lambda archive: archive.keep(answer, batch))
            with self._counting:
                self._saved += len(answer.pages)
        return answer

    def _left_behind(
        self, endpoint: Endpoint, about: date | str, batch: Batch | None
    ) -> Answer | None:
        """Take over a leftover, if there is one that is as good as a new response."""
        entry = self._left.pop(question_of(endpoint, about), None)
        if batch is None or entry is None:
            return None
        return self._do(lambda archive: self._take(archive, entry, batch))

    def _take(self, archive: Archive, entry: Entry, batch: Batch) -> Answer | None:
        try:
            answer, _ = archive.read(entry)
        except DamagedError as error:
            logger.warning("%s It is fetched again", error)
            return None
        if not answer.is_as_good_as_new(self.today):
            return None
        archive.move(entry, answer, batch)
        if all(other.time != entry.time for other in [*self._left.values()]):
            archive.end(Batch(entry.time, self.today))
        return answer

    def _do(self, action: Callable[[Archive], Result]) -> Result | None:
        """Use the archive; an error there is reported, and does not stop the run."""
        if self.archive is None:
            return None
        try:
            return action(self.archive)
        except ArchiveError as error:
            logger.warning("%s", error)
            self.errors.add(str(error))
        except Exception as error:
            logger.exception("The archive")
            self.errors.add(f"archive: {FaultError(error)}")
        return None
