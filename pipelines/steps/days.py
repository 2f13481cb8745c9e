"""The step that fetches an endpoint day by day, chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from pipelines.api.answers import DayAnswer
from pipelines.api.endpoints import Endpoint
from pipelines.errors import ApiError
from pipelines.loading.days import load_days, read_answers
from pipelines.plan.border import Border
from pipelines.plan.coverage import Coverage, Days
from pipelines.sources.days import DaysRead
from pipelines.steps import Run
from pipelines.steps.asking import Asking, FetchedDays
from pipelines.system.threads import Ahead
from pipelines.tables import models_of, tables_from

MOST_AHEAD: Final = 3
"""Chunks asked for before they are read and loaded; a month of cards takes 5 MB."""
DAYS_AT_THE_END: Final = 10
"""Days of the last chunk: nothing is asked for any more while it is loaded."""
MONTH: Final = 20
"""Days from which a chunk is long enough to be cut."""


class DaysStep:
    """Asks for the days of one endpoint and loads them, newest chunk first.

    While one chunk is loaded, the next is read as its answers come, and those after it are asked
    for. When the last one comes, `then` is called by the thread that asks, and `before_last`,
    before it is loaded, by the one that loads.
    """

    def __init__(
        self,
        run: Run,
        endpoint: Endpoint,
        coverage: Coverage,
        *,
        then: Callable[[], None] = lambda: None,
        before_last: Callable[[], None] = lambda: None,
    ) -> None:
        self.run, self.endpoint, self.coverage = run, endpoint, coverage
        self._then, self._before_last = then, before_last
        self.chunks = with_a_short_end([c for c in run.plan.chunks.get(endpoint, []) if c])
        self._border = Border(
            run.fetcher.api, endpoint, run.options.today, coverage.oldest_delivered
        )
        self._asked = Ahead(self._ask_all(), MOST_AHEAD)
        self._read = Ahead(self._read_all(), most=1)

    def begin(self) -> None:
        """Ask for the first chunk before it is wanted."""
        self._read.begin()

    def load(self) -> None:
        """Load chunk after chunk; raises PipelineError when what was answered is loaded."""
        run, endpoint = self.run, self.endpoint
        error: ApiError | None = None
        tables = tables_from(endpoint)
        with run.counted(endpoint.name, [*tables, *models_of(tables)]) as rows:
            for number, (asked, days) in enumerate(self._read):
                if number == len(self.chunks) - 1 and not asked.error:
                    self._before_last()
                loaded = load_days(
                    run,
                    days,
                    self.coverage,
                    edge=asked.edge,
                    beyond=_beyond(self.chunks[number:], asked),
                    moves_cursor=number == 0 and run.options.mode != "manual",
                )
                rows.update(loaded)
                run.fetcher.loaded(asked.batch)
                error = error or asked.error
            if error:
                raise error

    def _read_all(self) -> Iterator[tuple[FetchedDays, DaysRead]]:
        """Read chunk after chunk as they come."""
        for asking in self._asked:
            read = read_answers(self.run, self.endpoint, asking.answers())
            yield asking.result(), read

    def _ask_all(self) -> Iterator[Asking]:
        """Ask for chunk after chunk, until the border of the plan or an error that ends it.

        The next one, or step, begins when nothing is left of one that is not being asked: to wait
        for the last answers would cost a turn or two. If anything is odd, or the border may lie
        among them, it does wait. What was answered is loaded, whatever ends the step.
        """
        if self.chunks:
            self.run.progress.start(self.endpoint.name, sum(map(len, self.chunks)))
        following: Asking | None = None
        answers: list[DayAnswer] = []
        for number, days in enumerate(self.chunks):
            asking = following or Asking(self.run, self.endpoint, days, self._border)
            yield asking
            answers = asking.wait_until_all_taken() or answers  # a few days are taken at once
            following = self._begin_after(number, answers)
            asking.precede(following)
            asked = asking.result()
            if asked.error:
                if following:
                    following.stop(asked.error)
                    yield following
                return
            if asked.edge:
                if following:
                    following.drop()
                break
        self._then()

    def _begin_after(self, number: int, answers: list[DayAnswer]) -> Asking | None:
        """Begin to ask for the next chunk, or let the next step begin, if all looks well so far.

        An empty day is well where an older one has races: there is no racing at Christmas.
        """
        is_odd = any(answer.error for answer in answers)
        if is_odd or not answers or not answers[-1].received:
            return None
        if number + 1 == len(self.chunks):
            self._then()
            return None
        if not self._border.is_out_of_reach(self.chunks[number], answers):
            return None
        return Asking(self.run, self.endpoint, self.chunks[number + 1], self._border)


def with_a_short_end(chunks: list[Days]) -> list[Days]:
    """Let the last chunk have some days, not a month: the run ends so much sooner.

    Nor one or two, which would be asked for while what comes before them is still loaded.
    """
    if not chunks:
        return []
    *others, last = chunks
    if others and len(last) < DAYS_AT_THE_END:
        last = [*others.pop(), *last]
    if len(last) < MONTH:
        return [*others, last]
    return [*others, last[:-DAYS_AT_THE_END], last[-DAYS_AT_THE_END:]]


def _beyond(chunks: list[Days], asked: FetchedDays) -> Days:
    """Days of the plan that lie beyond its border and were not asked for."""
    edge = asked.edge
    if edge is None:
        return []
    return [day for days in chunks for day in days if day <= edge and day not in asked.days]
