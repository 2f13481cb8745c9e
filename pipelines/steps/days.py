"""The steps that fetch an endpoint day by day: racecards and results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pipelines.api.answers import DayAnswer
from pipelines.api.endpoints import Endpoint
from pipelines.errors import ApiError
from pipelines.loading.days import load_days, read_answers
from pipelines.loading.unchanged import loaded_responses
from pipelines.mapping.days import DaysRead
from pipelines.plan.border import Border
from pipelines.plan.coverage import Coverage, Days
from pipelines.steps import Part, Run, Step
from pipelines.steps.asking import Asking, FetchedDays
from pipelines.tables import models_of, tables_from

DAYS_AT_THE_END: Final = 10
"""Days of the last chunk: nothing is asked for any more while it is loaded."""
MONTH: Final = 20
"""Days from which a chunk is long enough to be cut."""


class Chunk(Part):
    """Some days of an endpoint: being fetched, then read."""

    step: DaysStep

    def __init__(self, step: DaysStep, chunks: list[Days], asking: Asking) -> None:
        super().__init__(step)
        self.chunks, self.asking = chunks, asking
        """The days of this chunk, and those of the chunks after it."""
        self.asked: FetchedDays
        self.days: DaysRead

    @property
    def is_last(self) -> bool:
        """Tell whether it is the last of its step."""
        return len(self.chunks) == 1

    def read(self) -> None:
        """Read the days as their answers come."""
        step, answers = self.step, self.asking.answers()
        self.days = read_answers(step.run, step.endpoint, answers, step.loaded)
        self.asked = self.asking.result()

    @property
    def beyond(self) -> Days:
        """Days of the plan that lie beyond its border and were not asked for."""
        edge, days = self.asked.edge, self.asked.days
        if edge is None:
            return []
        return [day for chunk in self.chunks for day in chunk if day <= edge and day not in days]


class DaysStep(Step[Chunk]):
    """Fetches the days of one endpoint and loads them, newest chunk first.

    Before the last chunk is loaded, `before_last` is called by the thread that loads.
    """

    def __init__(
        self,
        run: Run,
        endpoint: Endpoint,
        coverage: Coverage,
        before_last: Callable[[], None] = lambda: None,
    ) -> None:
        self.run, self.endpoint, self.coverage = run, endpoint, coverage
        self.name = endpoint.name
        self.tables = [*(tables := tables_from(endpoint)), *models_of(tables)]
        self._error: ApiError | None = None
        self.loaded = loaded_responses(run, endpoint, coverage.statuses)
        self._before_last = before_last
        self._chunks = with_a_short_end([c for c in run.plan.chunks.get(endpoint, []) if c])
        self._border = Border(
            run.fetcher.api, endpoint, run.options.today, coverage.oldest_delivered
        )

    def fetch(self) -> Iterator[Chunk]:
        """Fetch chunk after chunk, until the border of the plan or an error that ends the step.

        The next chunk, or step, begins as soon as every day of this one has been requested: waiting
        for the last responses would cost a call or two. It does wait if anything is odd, or if the
        border may lie in this chunk. Days received before an error are loaded, then it is raised.
        """
        if self._chunks:
            self.run.progress.start(self.name, sum(map(len, self._chunks)))
        following: Chunk | None = None
        answers: list[DayAnswer] = []
        for number in range(len(self._chunks)):
            if self.is_over:
                return
            chunk = following or self._begin(number)
            yield chunk
            answers = chunk.asking.wait_until_all_taken() or answers  # a few are taken at once
            looks_well = _look_well(answers)
            following = self._begin_after(chunk, answers) if looks_well else None
            chunk.asking.precede(following.asking if following else None)
            if chunk.is_last and looks_well:
                return
            asked = chunk.asking.result()
            if asked.error:
                if following:
                    following.asking.stop(asked.error)
                    yield following
                raise asked.error
            if asked.edge:
                if following:
                    following.asking.drop()
                return

    def load(self, part: Chunk) -> Mapping[str, int]:
        """Load a chunk; raises PipelineError."""
        run = self.run
        if part.is_last and not part.asked.error:
            self._before_last()
        is_newest = len(part.chunks) == len(self._chunks)
        read = load_days(
            run,
            part.days,
            self.coverage,
            edge=part.asked.edge,
            beyond=part.beyond,
            moves_cursor=is_newest and run.options.mode != "manual",
        )
        run.fetcher.loaded(part.asked.batch)
        self._error = self._error or part.asked.error
        if not part.is_last:
            run.database.release()
        return read

    def end(self) -> None:
        """Raise what went wrong, now that the days received are loaded."""
        if self._error and not self.is_over:
            raise self._error

    def _begin(self, number: int) -> Chunk:
        chunks = self._chunks[number:]
        return Chunk(self, chunks, Asking(self.run, self.endpoint, chunks[0], self._border))

    def _begin_after(self, chunk: Chunk, answers: list[DayAnswer]) -> Chunk | None:
        """Begin to ask for the next chunk, if the border cannot lie in this one."""
        if chunk.is_last or not self._border.is_out_of_reach(chunk.chunks[0], answers):
            return None
        return self._begin(len(self._chunks) - len(chunk.chunks) + 1)


def _look_well(answers: list[DayAnswer]) -> bool:
    """Tell whether nothing is odd about the answers so far.

    An empty day is well where an older one has races: there is no racing at Christmas.
    """
    has_failed = any(answer.error for answer in answers)
    return not has_failed and bool(answers) and bool(answers[-1].received)


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
