"""Making the tables again from the archive, without a call: what was loaded, as it was loaded."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Final

from pipelines.api.answers import CoursesAnswer, ProfileAnswer
from pipelines.archive import Archive, Entry
from pipelines.clearing import Holdings, make_room
from pipelines.coverage import Coverage, Status
from pipelines.database import Database
from pipelines.endpoints import Endpoint
from pipelines.errors import ArchiveError
from pipelines.loading import Loading, Progress
from pipelines.loading.courses import load_courses
from pipelines.loading.days import load_days
from pipelines.loading.horses import load_profiles
from pipelines.modes import Options
from pipelines.processes import working
from pipelines.report import Report
from pipelines.rereading import BatchRead, BatchReader
from pipelines.settings import Settings
from pipelines.sources.days import DaysRead
from pipelines.tables import API_TABLES, HORSES
from pipelines.tables.horses import PEDIGREE

logger = logging.getLogger(__name__)

STEP: Final = "rebuild"

MOST_READERS: Final = 2
"""Processes that read: loading keeps up with two."""

Batch = list[Entry]
Emptied = Mapping[Endpoint, frozenset[date]]
"""Days of which rows were deleted, to be made again."""


def rebuild(
    options: Options,
    settings: Settings,
    archive: Archive,
    database: Database,
    progress: Progress,
    report: Report,
) -> None:
    """Delete what the archive has, and load every batch again in its order.

    Raises UsageError, before anything is deleted, if rows would be lost; then PipelineError.
    """
    options = _with_both(options)
    batches = list(_batches(archive, options))
    run = Loading(settings, database, options, report, progress)
    progress.start(STEP, sum(map(len, batches)))
    reader = BatchReader(archive, settings.regions, tuple(map(str, options.written)))
    with (
        run.counted(STEP, API_TABLES) as read,
        working(reader, batches, _processes(batches)) as batches_read,
    ):
        emptied = make_room(database, options, Holdings(archive, chain(*batches)))
        for batch in batches_read:
            read.update(_load(run, batch, emptied))
            for answer in batch.answers:
                progress.advance(STEP, str(answer.about))


def _with_both(options: Options) -> Options:
    """Take horses and pedigrees together: who has no profile decides what is written of both."""
    if not options.tables or not options.wants_profiles:
        return options
    return replace(options, tables=options.tables | {HORSES, PEDIGREE})


def _batches(archive: Archive, options: Options) -> Iterator[Batch]:
    """Yield what is to be loaded of each batch."""
    unloaded = archive.unloaded()
    for batch in archive.batches():
        wanted = [entry for entry in batch if _is_wanted(entry, options)]
        if batch[0].time in unloaded:
            wanted = [entry for entry in wanted if _is_certain(archive, entry)]
        if wanted:
            yield wanted


def _is_wanted(entry: Entry, options: Options) -> bool:
    """Leave out what lies before the first day; courses and profiles have no day."""
    is_too_old = isinstance(entry.about, date) and entry.about < (options.start or date.min)
    return options.wants(entry.endpoint) and not is_too_old


def _is_certain(archive: Archive, entry: Entry) -> bool:
    """Tell whether an answer is good whatever the run that died would have found out of it."""
    try:
        answer, _ = archive.read(entry)
    except ArchiveError as error:
        logger.warning("Left out: %s", error)
        return False
    return isinstance(answer, ProfileAnswer) or (answer.is_whole and answer.received > 0)


def _processes(batches: list[Batch]) -> int:
    """Return how many processes read: one core is for loading."""
    return max(1, min(MOST_READERS, len(batches), (os.cpu_count() or 1) - 1))


def _load(run: Loading, batch: BatchRead, emptied: Emptied) -> Counter[str]:
    """Load a batch as on the day it was asked for; what could not be read is told."""
    for error in batch.unreadable:
        logger.warning("%s", error)
        run.report.errors.append(error)
    if not batch.answers:
        return Counter()
    run = replace(run, options=replace(run.options, today=max(batch.asked_on)))
    if batch.days:
        return _load_days(run, batch.days, emptied[batch.days.endpoint])
    first = batch.answers[0]
    if isinstance(first, CoursesAnswer):
        return load_courses(run, first)
    return load_profiles(run, [one for one in batch.answers if isinstance(one, ProfileAnswer)])


def _load_days(run: Loading, days: DaysRead, emptied: frozenset[date]) -> Counter[str]:
    coverage = Coverage(run.database, days.endpoint)
    complete = [day for day, status in coverage.statuses.items() if status is Status.COMPLETE]
    newest = max(days.days)
    return load_days(
        run,
        days,
        coverage,
        loaded_elsewhere=emptied,
        moves_cursor=newest > max(complete, default=date.min),
    )
