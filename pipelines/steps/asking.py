"""Fetching a chunk of days: the responses, where the plan ends, what went wrong."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from queue import SimpleQueue

from pipelines.api.answers import DayAnswer
from pipelines.api.endpoints import Endpoint
from pipelines.archive.store import Batch
from pipelines.errors import ApiError, UnavailableError
from pipelines.plan.border import Border
from pipelines.plan.coverage import Days
from pipelines.steps import Run


@dataclass
class FetchedDays:
    """A chunk of days that is being fetched, or has been."""

    batch: Batch | None
    answers: list[DayAnswer] = field(default_factory=list)
    edge: date | None = None
    """The newest day beyond the plan."""
    error: ApiError | None = None
    """What ends the step."""

    @property
    def days(self) -> set[date]:
        """Days that were requested."""
        return {answer.day for answer in self.answers}


class Asking:
    """A chunk that is fetched in a thread of its own.

    An error that ends the step is noted, not raised: what was answered is loaded, and the days that
    were not requested have the error as their answer.
    """

    def __init__(self, run: Run, endpoint: Endpoint, days: Days, border: Border) -> None:
        self._run, self._endpoint, self._days, self._border = run, endpoint, days, border
        self._asked = FetchedDays(run.fetcher.batch())
        self._coming = SimpleQueue[DayAnswer | None]()
        self._stopped_by: ApiError | None = None
        self._all_taken, self._all_answered = threading.Event(), threading.Event()
        self._next = Future[Asking | None]()
        self._is_done = Future[None]()
        threading.Thread(target=self._work, daemon=True).start()

    def wait_until_all_taken(self) -> list[DayAnswer]:
        """Wait until every remaining day is being fetched; returns the answers so far."""
        self._all_taken.wait()
        return [*self._asked.answers]

    def answers(self) -> Iterator[DayAnswer]:
        """Yield the answers as they come, to one caller.

        A later answer for a day replaces an earlier one.
        """
        return iter(self._coming.get, None)

    def result(self) -> FetchedDays:
        """Wait for the last answer."""
        self._is_done.result()
        return self._asked

    def precede(self, following: Asking | None) -> None:
        """Note the next chunk, already being fetched: its answers may show that no border is here.

        Called once for each chunk: one that may have the border among its days waits for it.
        """
        self._next.set_result(following)

    def stop(self, error: ApiError) -> None:
        """Request no more days; the error is the answer for the remaining ones."""
        self._stopped_by = error
        self.precede(None)

    def drop(self) -> None:
        """Request no more days, and discard all answers: all are beyond the border."""
        self.stop(UnavailableError("beyond the border of the plan"))
        self._forget(self.result().days)

    def _work(self) -> None:
        try:
            self._ask()
            self._is_done.set_result(None)
        except BaseException as error:  # noqa: BLE001 - raised where the result is taken
            self._is_done.set_exception(error)
        finally:
            self._coming.put(None)
            self._all_taken.set()
            self._all_answered.set()

    def _ask(self) -> None:
        """Fetch the days until the border of the plan, if it is among them."""
        asked, left = self._asked, self._days
        while left and asked.edge is None:
            self._ask_until_refused(left)
            self._all_answered.set()
            left = [day for day in self._days if day not in asked.days]
            try:
                self._raise_if_stopped()
                asked.edge = self._border.find(asked.answers, self._answers_ahead)
            except ApiError as error:
                # What is empty may be so because of the error.
                suspects = self._border.suspects(asked.answers)
                self._give_up({*left, *(answer.day for answer in suspects)}, error)
                return
        empty = [answer for answer in asked.answers if not answer.received]
        edge = asked.edge or date.min
        self._forget(answer.day for answer in empty if answer.doubt or answer.day <= edge)
        asked.error = self._run.fetcher.api.given_up(self._endpoint)

    def _answers_ahead(self) -> list[DayAnswer]:
        """Return the answers of the next chunk, once all have come."""
        following = self._next.result()
        self._raise_if_stopped()
        if following is None:
            return []
        following._all_answered.wait()
        return [*following._asked.answers]

    def _raise_if_stopped(self) -> None:
        if self._stopped_by:
            raise self._stopped_by

    def _ask_until_refused(self, days: Days) -> None:
        fetcher = self._run.fetcher
        answered = fetcher.api.ask_all(
            lambda day: fetcher.day(self._endpoint, day, self._asked.batch),
            days,
            is_final=lambda answer: answer.is_refused or self._stopped_by is not None,
            when_taken=self._all_taken.set,
        )
        with closing(answered):
            for day, answer in answered:
                self._asked.answers.append(answer)
                self._coming.put(answer)
                self._run.progress.advance(self._endpoint.name, day.isoformat())

    def _give_up(self, unknown: Collection[date], error: ApiError) -> None:
        """Give an error as the answer to days that may or may not have been delivered."""
        self._forget(unknown)
        known = [answer for answer in self._asked.answers if answer.day not in unknown]
        failed = [DayAnswer(self._endpoint, d, error=error) for d in self._days if d in unknown]
        self._asked.answers = [*known, *failed]
        for answer in failed:
            self._coming.put(answer)
        self._asked.error = error

    def _forget(self, days: Iterable[date]) -> None:
        """Delete the saved answers for these days from the archive."""
        unwanted = set(days)
        for answer in self._asked.answers:
            if answer.day in unwanted:
                self._run.fetcher.forget(answer, self._asked.batch)
