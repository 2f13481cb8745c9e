"""The step that reads an endpoint day by day, chunk by chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

from pipelines import sources
from pipelines.api import DayAnswer
from pipelines.api.parallel import one_ahead
from pipelines.coverage import (
    LOADED,
    Coverage,
    Days,
    Status,
    coverage_row,
    newest_cards,
    status_of,
)
from pipelines.endpoints import RACECARDS, Endpoint
from pipelines.errors import ApiError
from pipelines.mapping import Row
from pipelines.sources.chunk import Chunk
from pipelines.steps import Run
from pipelines.steps.border import Border
from pipelines.steps.known import known_races
from pipelines.tables import COVERAGE, Kind, tables_from

Asked = tuple[list[DayAnswer], date | None, ApiError | None]
"""Answers, the newest day beyond the plan, and what ends the step."""

BEYOND = Status.BEYOND_PLAN
CURSOR_MARGIN = timedelta(days=366)
"""No cursor is further ahead of today, even where the clock was once set wrong."""


def load_days(run: Run, endpoint: Endpoint, coverage: Coverage) -> None:
    """Ask for every day of the plan and load it, newest chunk first; raises PipelineError.

    While one chunk is loaded, the next is asked for.
    """
    chunks = [chunk for chunk in run.plan.chunks.get(endpoint, []) if chunk]
    with run.counted(endpoint.name, sum(map(len, chunks))) as read:
        for number, (answers, edge, error) in enumerate(one_ahead(_asked(run, endpoint, chunks))):
            beyond = [] if edge is None else _beyond(chunks[number:], answers, edge)
            chunk = _chunk(run, endpoint, answers, coverage, edge)
            chunk.coverage.extend(_beyond_row(endpoint, day) for day in beyond)
            chunk.moves_cursor = number == 0 and run.plan.options.mode != "manual"
            read.update(_load(run, chunk))
            _note(run, chunk, coverage)
            if error:
                raise error


def _asked(run: Run, endpoint: Endpoint, chunks: list[Days]) -> Iterator[Asked]:
    """Ask for chunk after chunk, until the border of the plan or an error that ends the step."""
    border = Border(run.api, endpoint, run.plan.options.today)
    for days in chunks:
        answers, edge, error = _ask(run, endpoint, days, border)
        yield answers, edge, error
        if error or edge:
            return


def _ask(run: Run, endpoint: Endpoint, days: Days, border: Border) -> Asked:
    """Ask for the days until the border of the plan, if it lies among them.

    An error that ends the step is returned, not raised: what was answered is to be loaded, and
    the days that were not asked for have the error as their answer.
    """
    answers: list[DayAnswer] = []
    left, edge = days, None
    while left and edge is None:
        answers += _ask_until_refused(run, endpoint, left)
        answered = {answer.day for answer in answers}
        left = [day for day in days if day not in answered]
        try:
            edge = border.find(answers)
        except ApiError as error:
            unknown = {*left, *border.suspects(answers)}  # empty, and nobody knows why
            known = [answer for answer in answers if answer.day not in unknown]
            failed = [DayAnswer(endpoint, day, error=error) for day in days if day in unknown]
            return [*known, *failed], None, error
    return answers, edge, run.api.given_up(endpoint)


def _ask_until_refused(run: Run, endpoint: Endpoint, days: Days) -> list[DayAnswer]:
    answers: list[DayAnswer] = []
    asked = run.api.ask_all(
        lambda day: run.api.day(endpoint, day), days, is_final=lambda answer: answer.is_refused
    )
    with closing(asked):
        for day, answer in asked:
            answers.append(answer)
            run.progress.advance(day.isoformat())
    return answers


def _beyond(chunks: list[Days], answers: list[DayAnswer], edge: date) -> Days:
    """Days of the plan that lie beyond its border and were not asked for."""
    asked = {answer.day for answer in answers}
    return [day for days in chunks for day in days if day <= edge and day not in asked]


def _chunk(
    run: Run, endpoint: Endpoint, answers: list[DayAnswer], coverage: Coverage, edge: date | None
) -> Chunk:
    options, regions = run.plan.options, run.settings.regions
    chunk = Chunk(endpoint, answers, regions, horizon=options.today + CURSOR_MARGIN)
    whole: set[date] = set()
    for answer in answers:
        before = coverage.loaded.get(answer.day, 0)
        status, reason = status_of(answer, options.today, regions, before)
        if edge and answer.day <= edge and not answer.received:
            status = BEYOND
            reason = str(answer.error or "the API sends no races this far back")
        if status in (Status.FAILED, BEYOND) and coverage.statuses.get(answer.day) in LOADED:
            chunk.kept.add(answer.day)
        if status in (Status.COMPLETE, Status.OPEN):
            whole.add(answer.day)
        # What a day without any race had before is still in the tables.
        loaded = chunk.days[answer.day].different or before
        chunk.coverage.append(coverage_row(answer, status, reason, loaded))
    chunk.known = known_races(run.database, chunk, whole)
    if endpoint is RACECARDS:
        chunk.ahead = {day for day in whole if day >= options.today}
    oldest = min(chunk.days)
    if endpoint is RACECARDS and coverage.has_newer(oldest):
        chunk.newest = {
            table: newest_cards(run.database, table, oldest)
            for table in tables_from(RACECARDS)
            if table.kind is Kind.PERSON_OR_HORSE and table in run.tables
        }
    return chunk


def _beyond_row(endpoint: Endpoint, day: date) -> Row:
    nothing = DayAnswer(endpoint, day, asked_at=datetime.now(UTC))
    return coverage_row(nothing, BEYOND, "not asked for: the plan ends after it", 0)


def _load(run: Run, chunk: Chunk) -> Counter[str]:
    """Load a chunk, in one package for each source, and note the days when all of it is there.

    A package of its own, since the tables of one package become true one after the other.
    """
    tables = run.tables_of(chunk.endpoint)
    rows = tables - {COVERAGE}
    if chunk.endpoint is RACECARDS:
        source, packages = sources.racecards, [sources.racecards(chunk, rows)]
    else:
        source = sources.results
        packages = [sources.result_entries(chunk, rows), sources.results(chunk, rows)]
    if COVERAGE in tables:
        packages.append(source(chunk, {COVERAGE}))
    read = run.database.load(*packages)
    run.database.run_sql("after_load")
    return read


def _note(run: Run, chunk: Chunk, coverage: Coverage) -> None:
    """Put what the chunk was like into the report, and what it covers into coverage."""
    run.report.add_found(chunk.found)
    for row in chunk.coverage:
        day, status = row["date"], Status(str(row["status"]))
        assert isinstance(day, date)
        if status not in (Status.COMPLETE, Status.OPEN):
            reason = "the plan does not reach back" if status is BEYOND else str(row["reason"])
            run.report.add_incomplete(chunk.endpoint.name, status.value, reason, day)
        if COVERAGE in run.tables_of(chunk.endpoint) and day not in chunk.kept:
            coverage.statuses[day] = status
    if chunk.elsewhere:
        run.report.other_regions[chunk.endpoint.name] += chunk.elsewhere
