"""Loading the beginning of an archive: read in parallel, and each table filled by one statement.

What becomes of a response is decided by the code that loads a chunk; only that there are no rows
yet to compare it with.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from dlt.extract import DltSource

from pipelines.api.answers import Answer
from pipelines.api.endpoints import COURSES, DATED, HORSE_PRO, RACECARDS, Endpoint
from pipelines.archive.store import Archive, Entry
from pipelines.database.connection import DUCKDB_MEMORY_TO_FILL
from pipelines.database.fill import filling
from pipelines.loading import Loading
from pipelines.loading.changes import Repeats, note_changes, note_repeats
from pipelines.loading.days import judge, note, note_contradicted
from pipelines.loading.loaders import LOADERS
from pipelines.loading.models import note_coverage
from pipelines.mapping import Inspection, Row, to_arrow, unique_issues
from pipelines.mapping.chunk import Chunk
from pipelines.mapping.days import DaysRead
from pipelines.mapping.differences import COMPARED, between
from pipelines.mapping.unique import filled, first_of
from pipelines.models import of_everything
from pipelines.plan.coverage import Coverage, Status
from pipelines.rebuild.bulk.beginning import Races
from pipelines.rebuild.bulk.read import PieceRead, PieceReader, pieces
from pipelines.rebuild.read import BatchRead, BatchReader
from pipelines.sources import chosen, racecards, results
from pipelines.sources.dispositions import INSERT_ONLY
from pipelines.system.workers import sharing
from pipelines.tables import (
    CARD_RACES,
    COVERAGE,
    ISSUES,
    MODELS,
    RESULT_RACES,
    TABLES,
    Table,
)

STEP: Final = "rebuild"

TakeNote = Callable[[BatchRead], None]


def load_beginning(
    run: Loading,
    archive: Archive,
    batches: Sequence[list[Entry]],
    folder: Path,
    take_note: TakeNote,
    repeats: Repeats,
) -> tuple[int, Counter[str]]:
    """Load the first batches into empty tables, until one needs what was loaded before it.

    Of these batches, none answers a question again. Returns how many are loaded, and the rows read;
    raises PipelineError.
    """
    said = _Said(run)
    loaded = _read(said, archive, batches, folder, take_note)
    pa.default_memory_pool().release_unused()
    with run.database.within(DUCKDB_MEMORY_TO_FILL):
        _fill(said, folder)
        _conclude(said, repeats)
    return loaded, said.counts


@dataclass
class _Said:
    """What the batches say, as far as it is not in files."""

    run: Loading
    races: Races = field(default_factory=Races)
    coverages: dict[Endpoint, Coverage] = field(default_factory=dict)
    files: defaultdict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    """By table."""
    rows: dict[str, pa.Table] = field(default_factory=dict)
    """By table, of those that several batches name the same rows of."""
    issues: dict[tuple[Any, ...], Row] = field(default_factory=dict)
    noted: dict[tuple[Any, ...], Row] = field(default_factory=dict)
    """Rows of ra_coverage by their keys."""
    asked: list[tuple[Endpoint, dict[date, datetime], set[Table]]] = field(default_factory=list)
    """For each batch of days when they were asked for, and the tables to write."""
    newest: dict[Endpoint, Chunk] = field(default_factory=dict)
    """The newest complete day of each endpoint, with one race: dlt's cursor stands there."""
    lasting: dict[Endpoint, set[str]] = field(default_factory=dict)
    """Tables whose rows stay as they were said first."""
    courses: list[BatchRead] = field(default_factory=list)
    profiles: list[Answer] = field(default_factory=list)
    """The last batch of them."""
    counts: Counter[str] = field(default_factory=Counter)

    def take(self, read: list[PieceRead]) -> bool:
        """Take a batch, in its pieces; False, and nothing is taken, if it has to be compared."""
        batch = BatchRead(
            [answer for piece in read for answer in piece.read.answers],
            set[date]().union(*(piece.read.asked_on for piece in read)),
        )
        if not batch.answers:
            return True
        endpoint = batch.answers[0].endpoint.best
        if endpoint in DATED:
            batch.days = _joined(read)
            if self.races.are_unlike(batch.days):
                return False
            self._take_days(batch)
            self._take_rows(read, endpoint)
        elif endpoint is COURSES:
            self.courses.append(batch)
        else:
            self.profiles = batch.answers
            self._take_found(read)
        for piece in read:
            self.counts.update(piece.counts)
            for name, file in piece.files.items():
                self.files[name].append(file)
        return True

    def of_day(self, batch: BatchRead) -> Loading:
        """Return the run as of the day on which a batch was fetched."""
        return replace(self.run, options=replace(self.run.options, today=max(batch.asked_on)))

    def _take_days(self, batch: BatchRead) -> None:
        assert batch.days
        run, chunk, endpoint = self.of_day(batch), Chunk(batch.days), batch.days.endpoint
        if endpoint not in self.coverages:
            self.coverages[endpoint] = Coverage(run.database, endpoint)
        judge(run, chunk, self.coverages[endpoint], {})
        tables = run.tables_of(endpoint)
        note(run, chunk, self.coverages[endpoint])
        self.asked.append((endpoint, chunk.asked, tables))
        self._take_issues(chunk.issue_rows(tables))
        if COVERAGE in tables:
            self.noted |= {(row["endpoint"], row["date"]): row for row in chunk.noted}
        newest, before = _newest(chunk, tables), self.newest.get(endpoint)
        if before is None or _place(before) < _place(newest):
            self.newest[endpoint] = newest

    def _take_rows(self, read: list[PieceRead], endpoint: Endpoint) -> None:
        if endpoint not in self.lasting:
            self.lasting[endpoint] = _lasting(_source(self.newest[endpoint], self.run.tables))
        for name in dict.fromkeys(name for piece in read for name in piece.rows):
            key = [*TABLES[name].key]
            rows = filled(pa.concat_tables(one.rows[name] for one in read if name in one.rows), key)
            if name in self.rows:
                both = [rows, self.rows[name]]
                if name in self.lasting[endpoint]:
                    both.reverse()
                rows = first_of(pa.concat_tables(both), key)
            self.rows[name] = rows

    def _take_found(self, read: list[PieceRead]) -> None:
        found = Inspection()
        for piece in read:
            found.add(piece.found)
        self.run.report.add_found(found)
        self._take_issues(unique_issues(found.issues))

    def _take_issues(self, rows: Iterable[Row]) -> None:
        self.issues |= {tuple(row[name] for name in ISSUES.key): row for row in rows}

    def add_differences(self, found: Inspection) -> None:
        """Add what results say otherwise than cards."""
        self.run.report.add_found(found)
        self._take_issues(unique_issues(found.issues))


# Reading


def _read(
    said: _Said,
    archive: Archive,
    batches: Sequence[list[Entry]],
    folder: Path,
    take_note: TakeNote,
) -> int:
    """Read batches until one has to be compared, and return how many were taken."""
    run = said.run
    written = tuple(map(str, run.options.written))
    reader = BatchReader(archive, run.settings.regions, written, {}, is_used_now=True)
    parts = [(number, piece) for number, batch in enumerate(batches) for piece in pieces(batch)]
    is_alone = len(parts) == 1 or os.cpu_count() == 1
    read_piece = PieceReader(reader, folder)
    with sharing(read_piece, (piece for _, piece in parts), is_alone=is_alone) as pieces_read:
        together = zip((number for number, _ in parts), pieces_read, strict=True)
        for number, group in groupby(together, lambda part: part[0]):
            read = [piece for _, piece in group]
            if not said.take(read):
                return int(number)
            for piece in read:
                take_note(piece.read)
                for answer in piece.read.answers:
                    run.progress.advance(STEP, str(answer.about))
    return len(batches)


def _joined(read: Iterable[PieceRead]) -> DaysRead:
    first, *others = (piece.read.days for piece in read if piece.read.days)
    for other in others:
        first.add(other)
    return first


# dlt's cursor


def _newest(chunk: Chunk, tables: set[Table]) -> Chunk:
    """Return the newest complete day of a chunk, or its newest day."""
    day = max(chunk.done or chunk.days)  # type: ignore[type-var]
    rows = [row for row in chunk.coverage if row["date"] == day]
    read = DaysRead(chunk.endpoint, [], {day: chunk.days[day]}, Inspection())  # type: ignore[dict-item,index]
    return Chunk(read, rows, moves_cursor=COVERAGE in tables)


def _place(chunk: Chunk) -> tuple[bool, date]:
    return bool(chunk.done), max(chunk.days)


def _source(chunk: Chunk, tables: set[Table]) -> DltSource:
    said = racecards if chunk.endpoint is RACECARDS else results
    return chosen(said(chunk, tables), tables)


def _lasting(source: DltSource) -> set[str]:
    schemas: dict[str, Any] = {
        name: resource.compute_table_schema() for name, resource in source.resources.items()
    }
    strategy = INSERT_ONLY["strategy"]
    return {name for name, schema in schemas.items() if schema.get("x-merge-strategy") == strategy}


# Filling


def _fill(said: _Said, folder: Path) -> None:
    """Fill the tables that responses fill, and conclude what follows from their rows."""
    run = said.run
    database = run.database
    for name, rows in ((name, rows) for name, rows in said.rows.items() if rows.num_rows):
        said.files[name] = [_written(rows, folder)]
    models = [model for model in MODELS if model in run.tables]
    with (
        database.held_open(),
        filling(database, [*(TABLES[name] for name in said.files), *models, ISSUES]) as fill,
    ):
        for name, files in said.files.items():
            fill(TABLES[name], files)
        said.add_differences(Inspection(issues=[*_differences(said)]))
        if said.issues:
            rows = to_arrow(ISSUES, ISSUES.columns, said.issues.values())
            fill(ISSUES, [_written(rows, folder)])
        days = {day for _, asked, _ in said.asked for day in asked}
        for model in models:
            for statement in of_everything(model, days):
                database.run(statement)
        note_coverage(database, [*said.noted.values()])
        for name, day, status, reason in database.follow_up():
            coverage = next(iter(said.coverages.values()))
            note_contradicted(run, coverage, name, day, Status(status), reason)


def _written(rows: pa.Table, folder: Path) -> Path:
    file = folder / f"{uuid4().hex}.parquet"
    pq.write_table(rows, file)
    return file


def _differences(said: _Said) -> Iterator[Any]:
    """Yield what results state otherwise than cards."""
    if not {CARD_RACES.name, RESULT_RACES.name} <= said.files.keys():
        return
    sides = [", ".join(f"{side}.{name}" for name in COMPARED) for side in ("card", "result")]
    differ = " OR ".join(f"card.{name} <> result.{name}" for name in COMPARED)
    found = said.run.database.rows(
        f"SELECT card.id, {', '.join(sides)} FROM {CARD_RACES} AS card "
        f"JOIN {RESULT_RACES} AS result ON result.id = card.id WHERE {differ}"
    )
    for race, *values in found:
        card, result = values[: len(COMPARED)], values[len(COMPARED) :]
        yield from between(
            race, dict(zip(COMPARED, card, strict=True)), dict(zip(COMPARED, result, strict=True))
        )


# What follows


def _conclude(said: _Said, repeats: Repeats) -> None:
    """Load what is little: courses, dlt's cursor, and changes between responses."""
    run = said.run
    database = run.database
    with database.held_open():
        for batch in said.courses:
            said.counts += LOADERS[COURSES](said.of_day(batch), batch.answers)
        if said.newest:
            database.load(*(_source(chunk, run.tables) for chunk in said.newest.values()))
        if said.profiles:
            LOADERS[HORSE_PRO](run, said.profiles[-1:])
        for endpoint, asked, tables in said.asked:
            note_repeats(database, endpoint, asked, repeats)
            note_changes(database, endpoint, asked, tables)
