"""Loading a chunk of days: what became of each, its rows, and what is known of it then."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from pipelines.api.answers import DayAnswer
from pipelines.api.endpoints import RACECARDS, Endpoint
from pipelines.loading import Loading
from pipelines.loading.changes import note_changes
from pipelines.loading.known import days_to_model, loaded_before, stored_races
from pipelines.loading.models import make_models_of_days, move_runners, note_coverage
from pipelines.loading.reused import RACE_TABLES, count_again, take_out_replaced
from pipelines.mapping import Row
from pipelines.plan.coverage import (
    LOADED,
    REFUTED,
    Coverage,
    Status,
    coverage_row,
    status_of,
)
from pipelines.sources import chosen, racecards, results
from pipelines.sources.chunk import Chunk
from pipelines.sources.days import DaysRead, read_days
from pipelines.sources.differences import differences
from pipelines.sources.known import Known
from pipelines.tables import COVERAGE, Table

BEYOND = Status.BEYOND_PLAN
UNASKED = "not asked for: the plan ends after it"


def read_answers(run: Loading, endpoint: Endpoint, answers: Iterable[DayAnswer]) -> DaysRead:
    """Read the answers for some days, without the database: while others are loaded, perhaps."""
    return read_days(endpoint, answers, run.settings.regions, run.options.written)


def load_days(
    run: Loading,
    read: DaysRead,
    coverage: Coverage,
    *,
    edge: date | None = None,
    beyond: Iterable[date] = (),
    loaded_elsewhere: Collection[date] = (),
    moves_cursor: bool,
) -> Counter[str]:
    """Load some days and return the rows read; raises PipelineError.

    The edge is the newest day that the plan does not reach; days beyond it were not asked for.
    Days whose other tables are loaded are covered even if this run writes a few tables only.
    """
    with run.database.held_open():
        chunk = _chunk(run, read, coverage, edge)
        chunk.coverage.extend(_unasked_row(read.endpoint, day, BEYOND, UNASKED) for day in beyond)
        tables = run.tables_of(read.endpoint)
        chunk.moves_cursor = moves_cursor and COVERAGE in tables
        if loaded_elsewhere and COVERAGE not in tables:
            tables = {*tables, COVERAGE}
            chunk.kept |= chunk.days.keys() - loaded_elsewhere
        if not tables.isdisjoint(RACE_TABLES):
            take_out_replaced(run.database, chunk, tables)
        rows = _load(run, chunk, tables)
        contradicted = run.database.follow_up()
        count_again(run.database, chunk)
    _note(run, chunk, coverage)
    for endpoint, day, reason in contradicted:
        _note_contradicted(run, coverage, endpoint, day, reason)
    read.days.clear()  # whoever holds the answers still, the rows are of no use any more
    gc.collect()  # dlt leaves schemas, sources and caches in circles: some 5 MB for each load
    return rows


def _chunk(run: Loading, read: DaysRead, coverage: Coverage, edge: date | None) -> Chunk:
    options, regions, endpoint = run.options, run.settings.regions, read.endpoint
    chunk = Chunk(read)
    chunk.known = Known(stored_races(run.database, chunk))
    loaded = loaded_before(run.database, chunk)
    whole: set[date] = set()
    judged: list[tuple[DayAnswer, Status, str | None, int]] = []
    for answer in read.answers:
        before = max(0, loaded.get(answer.day, 0) - chunk.moved_on[answer.day])
        status, reason = status_of(answer, options.today, regions, before)
        if edge and answer.day <= edge and not answer.received:
            status = BEYOND
            reason = str(answer.error or "the API sends no races this far back")
        if status in (Status.FAILED, BEYOND) and coverage.statuses.get(answer.day) in LOADED:
            chunk.kept.add(answer.day)
        if status in (Status.COMPLETE, Status.OPEN):
            whole.add(answer.day)
        judged.append((answer, status, reason, before))
    if endpoint is RACECARDS:
        carded = {day for day, status in coverage.statuses.items() if status in LOADED}
        chunk.known = replace(chunk.known, carded_days=frozenset(carded - whole))
        chunk.ahead = {day for day in whole if day >= options.today}
    for answer, status, reason, before in judged:
        # What a day without any race had before is still in the tables.
        has_races = chunk.days[answer.day].races
        races = len(chunk.current[answer.day]) if has_races else before
        chunk.coverage.append(coverage_row(answer, status, reason, races))
    refuted = coverage.note_delivered(answer.day for answer in read.answers if answer.received)
    chunk.coverage += [
        _unasked_row(endpoint, day, Status.FAILED, REFUTED)
        for day in sorted(refuted - chunk.days.keys())
    ]
    chunk.found.issues.extend([*chunk.reused(), *differences(chunk)])
    return chunk


def _unasked_row(endpoint: Endpoint, day: date, status: Status, reason: str) -> Row:
    nothing = DayAnswer(endpoint, day, asked_at=datetime.now(UTC))
    return coverage_row(nothing, status, reason, 0)


def _load(run: Loading, chunk: Chunk, tables: set[Table]) -> Counter[str]:
    """Load what a chunk says, make the models that follow, and then note that its days are loaded.

    One after the other, since the tables of one package become true one after the other.
    """
    said = racecards if chunk.endpoint is RACECARDS else results
    read = run.database.load(chosen(said(chunk, tables), tables))
    move_runners(run.database, chunk)
    read += make_models_of_days(run.database, days_to_model(run.database, chunk), tables)
    note_changes(run.database, chunk, tables)
    if COVERAGE in tables:
        note_coverage(run.database, chunk.noted)
    return read


def _note(run: Loading, chunk: Chunk, coverage: Coverage) -> None:
    """Put what the chunk was like into the report, and what it covers into coverage."""
    run.report.add_found(chunk.found)
    for row in chunk.coverage:
        day, status = row["date"], Status(str(row["status"]))
        assert isinstance(day, date)
        run.report.forget_incomplete(chunk.endpoint.name, day)
        if status is BEYOND:
            reason = "your plan does not go back that far"
            run.report.add_not_in_plan(chunk.endpoint.name, status.value, reason, day)
        elif status not in (Status.COMPLETE, Status.OPEN):
            run.report.add_incomplete(chunk.endpoint.name, status.value, str(row["reason"]), day)
        if COVERAGE in run.tables_of(chunk.endpoint) and day not in chunk.kept:
            coverage.statuses[day] = status
    if chunk.elsewhere:
        run.report.other_regions[chunk.endpoint.name] += chunk.elsewhere


def _note_contradicted(
    run: Loading, coverage: Coverage, endpoint: str, day: date, reason: str
) -> None:
    """Put a day into the report that was complete until now, of this endpoint or the other."""
    run.report.forget_incomplete(endpoint, day)
    run.report.add_incomplete(endpoint, Status.PARTIAL.value, reason, day)
    if endpoint == coverage.endpoint.name:
        coverage.statuses[day] = Status.PARTIAL
