"""The step that reads an endpoint day by day, chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from pipelines.api import DayAnswer
from pipelines.api.parallel import Ahead
from pipelines.archive import Batch
from pipelines.coverage import Coverage, Days
from pipelines.endpoints import Endpoint
from pipelines.errors import ApiError
from pipelines.loading.days import load_days
from pipelines.steps import Run
from pipelines.steps.border import Border
from pipelines.tables import tables_from

MOST_AHEAD: Final = 6
"""Chunks asked for before they are loaded: cards take longer to load than to ask for, results less;
a month of cards takes 5 MB."""


@dataclass
class Asked:
    """A chunk of days that has been asked for."""

    batch: Batch | None
    answers: list[DayAnswer] = field(default_factory=list)
    edge: date | None = None
    """The newest day beyond the plan."""
    error: ApiError | None = None
    """What ends the step."""

    @property
    def days(self) -> set[date]:
        """Days that were asked for."""
        return {answer.day for answer in self.answers}


class DaysStep:
    """Asks for the days of one endpoint and loads them, newest chunk first.

    While one chunk is loaded, the next ones are asked for. When the last one has come, `then` is
    called by the thread that asks, and `before_last`, before it is loaded, by the one that loads.
    """

    def __init__(
        self,
        run: Run,
        endpoint: Endpoint,
        *,
        then: Callable[[], None] = lambda: None,
        before_last: Callable[[], None] = lambda: None,
    ) -> None:
        self.run, self.endpoint, self._then, self._before_last = run, endpoint, then, before_last
        self.chunks = [chunk for chunk in run.plan.chunks.get(endpoint, []) if chunk]
        self._asked = Ahead(self._ask_all(), MOST_AHEAD)

    def begin(self) -> None:
        """Ask for the first chunk before it is wanted."""
        self._asked.begin()

    def load(self, coverage: Coverage) -> None:
        """Load chunk after chunk; raises PipelineError."""
        run, endpoint = self.run, self.endpoint
        with run.counted(endpoint.name, tables_from(endpoint)) as read:
            for number, asked in enumerate(self._asked):
                if number == len(self.chunks) - 1 and not asked.error:
                    self._before_last()
                rows = load_days(
                    run,
                    endpoint,
                    asked.answers,
                    coverage,
                    edge=asked.edge,
                    beyond=_beyond(self.chunks[number:], asked),
                    moves_cursor=number == 0 and run.options.mode != "manual",
                )
                read.update(rows)
                run.fetcher.loaded(asked.batch)
                if asked.error:
                    raise asked.error

    def _ask_all(self) -> Iterator[Asked]:
        """Ask for chunk after chunk, until the border of the plan or an error that ends it."""
        border = Border(self.run.fetcher.api, self.endpoint, self.run.options.today)
        if self.chunks:
            self.run.progress.start(self.endpoint.name, sum(map(len, self.chunks)))
        for days in self.chunks:
            asked = _ask(self.run, self.endpoint, days, border)
            yield asked
            if asked.error:
                return
            if asked.edge:
                break
        self._then()


def _ask(run: Run, endpoint: Endpoint, days: Days, border: Border) -> Asked:
    """Ask for the days until the border of the plan, if it lies among them.

    An error that ends the step is returned, not raised: what was answered is to be loaded, and
    the days that were not asked for have the error as their answer.
    """
    asked = Asked(run.fetcher.batch())
    left = days
    while left and asked.edge is None:
        asked.answers += _ask_until_refused(run, endpoint, left, asked.batch)
        left = [day for day in days if day not in asked.days]
        try:
            asked.edge = border.find(asked.answers)
        except ApiError as error:
            unknown = {*left, *border.suspects(asked.answers)}  # empty, and nobody knows why
            _give_up(run, endpoint, asked, [day for day in days if day in unknown], error)
            return asked
    _forget_beyond(run, asked)
    asked.error = run.fetcher.api.given_up(endpoint)
    return asked


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
    run: Run, endpoint: Endpoint, days: Days, batch: Batch | None
) -> list[DayAnswer]:
    answers: list[DayAnswer] = []
    asked = run.fetcher.api.ask_all(
        lambda day: run.fetcher.day(endpoint, day, batch),
        days,
        is_final=lambda answer: answer.is_refused,
    )
    with closing(asked):
        for day, answer in asked:
            answers.append(answer)
            run.progress.advance(endpoint.name, day.isoformat())
    return answers


def _beyond(chunks: list[Days], asked: Asked) -> Days:
    """Days of the plan that lie beyond its border and were not asked for."""
    edge = asked.edge
    if edge is None:
        return []
    return [day for days in chunks for day in days if day <= edge and day not in asked.days]
