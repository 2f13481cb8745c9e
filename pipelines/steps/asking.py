"""Asking for a chunk of days: what was answered, where the plan ends, what went wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date

from pipelines.api import DayAnswer
from pipelines.archive import Batch
from pipelines.coverage import Days
from pipelines.endpoints import Endpoint
from pipelines.errors import ApiError
from pipelines.steps import Run
from pipelines.steps.border import Border


@dataclass
class Asked:
    """A chunk of days that is asked for, or has been."""

    batch: Batch | None
    answers: list[DayAnswer] = field(default_factory=list)
    edge: date | None = None
    """The newest day beyond the plan."""
    error: ApiError | None = None
    """What ends the step."""
    is_dropped: bool = False
    """Whether nobody wants the answers any more."""

    @property
    def days(self) -> set[date]:
        """Days that were asked for."""
        return {answer.day for answer in self.answers}


class Asking:
    """A chunk that is asked for in a thread of its own."""

    def __init__(self, run: Run, endpoint: Endpoint, days: Days, border: Border) -> None:
        self._run, self._endpoint, self._days, self._border = run, endpoint, days, border
        self._asked = Asked(run.fetcher.batch())
        self._all_taken = threading.Event()
        self._is_done = Future[None]()
        threading.Thread(target=self._work, daemon=True).start()

    def wait_until_all_taken(self) -> list[DayAnswer]:
        """Wait until no day is left that is not being asked; returns the answers so far."""
        self._all_taken.wait()
        return [*self._asked.answers]

    def result(self) -> Asked:
        """Wait for the last answer."""
        self._is_done.result()
        return self._asked

    def drop(self) -> None:
        """Ask no further day, and keep no answer."""
        self._asked.is_dropped = True
        for answer in self.result().answers:
            self._run.fetcher.forget(answer, self._asked.batch)

    def _work(self) -> None:
        try:
            _ask(
                self._run,
                self._endpoint,
                self._days,
                self._border,
                self._asked,
                self._all_taken.set,
            )
            self._is_done.set_result(None)
        except BaseException as error:  # noqa: BLE001 - handed over to whoever takes the result
            self._is_done.set_exception(error)
        finally:
            self._all_taken.set()


def _ask(
    run: Run,
    endpoint: Endpoint,
    days: Days,
    border: Border,
    asked: Asked,
    when_taken: Callable[[], object],
) -> None:
    """Ask for the days until the border of the plan, if it lies among them.

    An error that ends the step is noted, not raised: what was answered is to be loaded, and the
    days that were not asked for have the error as their answer.
    """
    left = days
    while left and asked.edge is None:
        _ask_until_refused(run, endpoint, left, asked, when_taken)
        if asked.is_dropped:
            return
        left = [day for day in days if day not in asked.days]
        try:
            asked.edge = border.find(asked.answers)
        except ApiError as error:
            unknown = {*left, *border.suspects(asked.answers)}  # empty, and nobody knows why
            _give_up(run, endpoint, asked, [day for day in days if day in unknown], error)
            return
    _forget_beyond(run, asked)
    asked.error = run.fetcher.api.given_up(endpoint)


def _give_up(run: Run, endpoint: Endpoint, asked: Asked, days: Days, error: ApiError) -> None:
    """Let days of which nobody knows whether they were delivered have an error as their answer."""
    for answer in asked.answers:
        if answer.day in days:
            run.fetcher.forget(answer, asked.batch)
    known = [answer for answer in asked.answers if answer.day not in days]
    asked.answers = [*known, *(DayAnswer(endpoint, day, error=error) for day in days)]
    asked.error = error


def _forget_beyond(run: Run, asked: Asked) -> None:
    """Keep no empty answers for days that the plan does not reach."""
    for answer in asked.answers:
        if asked.edge and answer.day <= asked.edge and not answer.received:
            run.fetcher.forget(answer, asked.batch)


def _ask_until_refused(
    run: Run, endpoint: Endpoint, days: Days, asked: Asked, when_taken: Callable[[], object]
) -> None:
    answered = run.fetcher.api.ask_all(
        lambda day: run.fetcher.day(endpoint, day, asked.batch),
        days,
        is_final=lambda answer: answer.is_refused or asked.is_dropped,
        when_taken=when_taken,
    )
    with closing(answered):
        for day, answer in answered:
            asked.answers.append(answer)
            run.progress.advance(endpoint.name, day.isoformat())
