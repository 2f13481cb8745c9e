"""Loading a chunk of days: what became of each, its rows, and what is known of it then."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from pipelines.api.answers import DayAnswer
from pipelines.api.endpoints import DATED, RACECARDS, Endpoint
from pipelines.loading import Loading
from pipelines.loading.changes import note_changes, note_repeated
from pipelines.loading.known import days_to_model, loaded_before, stored_races
from pipelines.loading.models import make_models_of_days, move_runners, note_coverage
from pipelines.loading.reused import RACE_TABLES, count_again, take_out_replaced
from pipelines.loading.settled import MODELLED
from pipelines.loading.unchanged import (
    NOTHING,
    Loaded,
    as_loaded,
    digests,
    forget_loaded,
    note_loaded,
    notes_responses,
    touched_days,
)
from pipelines.mapping import Row
from pipelines.mapping.chunk import Chunk
from pipelines.mapping.days import DaysRead, read_days
from pipelines.mapping.differences import differences
from pipelines.mapping.known import Known
from pipelines.plan.coverage import (
    LOADED,
    REFUTED,
    Coverage,
    Status,
    coverage_row,
    status_of,
)
from pipelines.sources import chosen, racecards, results
from pipelines.tables import COVERAGE, Table

BEYOND = Status.BEYOND_PLAN
UNASKED = "not asked for: the plan ends after it"


def read_answers(
    run: Loading, endpoint: Endpoint, answers: Iterable[DayAnswer], loaded: Loaded = NOTHING
) -> DaysRead:
    """Read the answers for some days, except those that say what is loaded.

    Without the database: while others are loaded, perhaps.
    """
    unchanged: list[DayAnswer] = []

    def changed() -> Iterator[DayAnswer]:
        for answer in answers:
            if loaded.has(answer, run.options.today, run.settings.regions):
                unchanged.append(answer)
            else:
                yield answer

    read = read_days(endpoint, changed(), run.settings.regions, run.options.written)
    return replace(read, unchanged=unchanged)


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
    database, endpoint = run.database, read.endpoint
    with database.held_open():
        _read_what_has_changed_since(run, read)
        chunk = Chunk(read)
        chunk.known = Known(stored_races(database, chunk))
        asked_for = [answer.day for answer in (*read.answers, *read.unchanged)]
        judge(run, chunk, coverage, loaded_before(database, endpoint, asked_for), edge)
        chunk.coverage.extend(_unasked_row(read.endpoint, day, BEYOND, UNASKED) for day in beyond)
        tables = run.tables_of(read.endpoint)
        chunk.moves_cursor = moves_cursor and COVERAGE in tables
        if loaded_elsewhere and COVERAGE not in tables:
            tables = {*tables, COVERAGE}
            chunk.kept |= chunk.days.keys() - loaded_elsewhere
        note_repeated(database, endpoint, {one.day: one.asked_at for one in read.unchanged})
        rows = Counter[str]()
        contradicted: list[tuple[Any, ...]] = []
        if chunk.days:
            rows, contradicted = _load(run, chunk, tables)
        elif COVERAGE in tables:
            note_coverage(database, chunk.noted)
    run.report.unchanged += len(read.unchanged)
    note(run, chunk, coverage)
    for name, day, status, reason in contradicted:
        note_contradicted(run, coverage, name, day, Status(status), reason)
    read.days.clear()  # whoever holds the answers still, the rows are of no use any more
    gc.collect()  # dlt leaves schemas, sources and caches in circles: some 5 MB for each load
    return rows


def judge(
    run: Loading,
    chunk: Chunk,
    coverage: Coverage,
    loaded: Mapping[date, int],
    edge: date | None = None,
) -> None:
    """Decide what became of each day of a chunk, given how many races of each were loaded."""
    options, regions, endpoint = run.options, run.settings.regions, chunk.endpoint
    answers = [*chunk.read.answers, *chunk.read.unchanged]
    whole: set[date] = set()
    judged: list[tuple[DayAnswer, Status, str | None, int]] = []
    for answer in answers:
        before = max(0, loaded.get(answer.day, 0) - chunk.moved_on[answer.day])
        status, reason = status_of(answer, options.today, regions, before)
        if edge and answer.day <= edge and not answer.received:
            status = BEYOND
            reason = str(answer.error or "the API sends no races this far back")
        if status in (Status.FAILED, BEYOND) and coverage.statuses.get(answer.day) in LOADED:
            chunk.kept.add(answer.day)
        if status in (Status.COMPLETE, Status.OPEN) and answer.day in chunk.days:
            whole.add(answer.day)
        judged.append((answer, status, reason, before))
    if endpoint is RACECARDS:
        carded = {day for day, status in coverage.statuses.items() if status in LOADED}
        chunk.known = replace(chunk.known, carded_days=frozenset(carded - whole))
        chunk.ahead = {day for day in whole if day >= options.today}
    for answer, status, reason, before in judged:
        # What a day without any race had before is still in the tables.
        has_races = answer.day in chunk.days and chunk.days[answer.day].races
        races = len(chunk.current[answer.day]) if has_races else before
        chunk.coverage.append(coverage_row(answer, status, reason, races))
    refuted = coverage.note_delivered(answer.day for answer, *_ in judged if answer.received)
    chunk.coverage += [
        _unasked_row(endpoint, day, Status.FAILED, REFUTED)
        for day in sorted(refuted - {answer.day for answer, *_ in judged})
    ]
    chunk.found.issues.extend([*chunk.reused(), *differences(chunk)])


def _unasked_row(endpoint: Endpoint, day: date, status: Status, reason: str) -> Row:
    nothing = DayAnswer(endpoint, day, asked_at=datetime.now(UTC))
    return coverage_row(nothing, status, reason, 0)


def _read_what_has_changed_since(run: Loading, read: DaysRead) -> None:
    """Read responses after all whose races another load of this run has touched."""
    if read.unchanged:
        loaded = digests(run.database, read.endpoint)
        again = [one for one in read.unchanged if str(one.about) not in loaded]
        read.unchanged = [one for one in read.unchanged if str(one.about) in loaded]
        read.add(read_answers(run, read.endpoint, again))


def _load(
    run: Loading, chunk: Chunk, tables: set[Table]
) -> tuple[Counter[str], list[tuple[Any, ...]]]:
    """Load what a chunk says, make the models that follow, and then note that its days are loaded.

    One after the other, since the tables of one package become true one after the other. Tables
    whose rows are loaded already are left out. Returns the rows read, and the days that are not
    complete after all, or are now.
    """
    database, endpoint = run.database, chunk.endpoint
    refused = len(database.refused)
    forget_loaded(database, [endpoint], map(str, chunk.days))
    forget_loaded(database, DATED, map(str, touched_days(chunk)))
    if not tables.isdisjoint(RACE_TABLES):
        take_out_replaced(database, chunk, tables)
    said = racecards if endpoint is RACECARDS else results
    changed, taken = run.settled.take(chunk, tables) if run.settled else (tables, {})
    read = Counter[str]()
    if chunk.found.issues or changed - {COVERAGE}:
        read += database.load(chosen(said(chunk, tables), changed))
    move_runners(database, chunk)
    noted = (day for row in chunk.noted if isinstance(day := row["date"], date))
    touched = {*chunk.days, *noted}
    has_changed_models = not MODELLED.isdisjoint(changed)
    if has_changed_models:
        days = days_to_model(database, chunk)
        read += make_models_of_days(database, days, tables & changed)
        touched |= days.of_both
    note_changes(database, endpoint, chunk.asked, tables)
    if COVERAGE in tables:
        note_coverage(database, chunk.noted)
    concludes = has_changed_models or COVERAGE in changed
    contradicted = database.follow_up(touched, concludes=concludes)
    count_again(database, chunk)
    if len(database.refused) == refused:
        if notes_responses(run, endpoint):
            note_loaded(database, endpoint, as_loaded(chunk, run.settings.regions))
        if run.settled:
            run.settled.note(taken)
    forget_loaded(database, DATED, [str(day) for _, day, *_ in contradicted])
    return read, contradicted


def note(run: Loading, chunk: Chunk, coverage: Coverage) -> None:
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


def note_contradicted(
    run: Loading, coverage: Coverage, endpoint: str, day: date, status: Status, reason: str
) -> None:
    """Put a day into the report whose empty list is doubted, or is not any more.

    It may be a day of either endpoint.
    """
    run.report.forget_incomplete(endpoint, day)
    if status is not Status.COMPLETE:
        run.report.add_incomplete(endpoint, status.value, reason, day)
    if endpoint == coverage.endpoint.name:
        coverage.statuses[day] = status
