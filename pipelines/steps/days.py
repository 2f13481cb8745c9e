"""The step that reads an endpoint day by day, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date

from pipelines.api import DayAnswer
from pipelines.api.parallel import one_ahead
from pipelines.archive import Batch
from pipelines.coverage import Coverage, Days
from pipelines.endpoints import Endpoint
from pipelines.errors import ApiError
from pipelines.loading import days as loading
from pipelines.steps import Run
from pipelines.steps.border import Border


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


def load_days(run: Run, endpoint: Endpoint, coverage: Coverage) -> None:
    """Ask for every day of the plan and load it, newest chunk first; raises PipelineError.

    While one chunk is loaded, the next is asked for.
    """
    chunks = [chunk for chunk in run.plan.chunks.get(endpoint, []) if chunk]
    with run.counted(endpoint.name, sum(map(len, chunks))) as read:
        for number, asked in enumerate(one_ahead(_asked(run, endpoint, chunks))):
            rows = loading.load_days(
                run,
                endpoint,
                asked.answers,
                coverage,
                edge=asked.edge,
                beyond=_beyond(chunks[number:], asked),
                moves_cursor=number == 0 and run.options.mode != "manual",
            )
            read.update(rows)
            run.fetcher.loaded(asked.batch)
            if asked.error:
                raise asked.error


def _asked(run: Run, endpoint: Endpoint, chunks: list[Days]) -> Iterator[Asked]:
    """Ask for chunk after chunk, until the border of the plan or an error that ends the step."""
    border = Border(run.fetcher.api, endpoint, run.options.today)
    for days in chunks:
        asked = _ask(run, endpoint, days, border)
        yield asked
        if asked.error or asked.edge:
            return


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
            run.progress.advance(day.isoformat())
    return answers


def _beyond(chunks: list[Days], asked: Asked) -> Days:
    """Days of the plan that lie beyond its border and were not asked for."""
    edge = asked.edge
    if edge is None:
        return []
    return [day for days in chunks for day in days if day <= edge and day not in asked.days]
