"""Making the tables again from the archive, without a call: what was loaded, as it was loaded."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Final

from pipelines.api.answers import Answer, CoursesAnswer, DayAnswer, ProfileAnswer
from pipelines.api.parallel import Ahead
from pipelines.archive import Archive, Entry
from pipelines.clearing import Holdings, make_room
from pipelines.coverage import Coverage, Status
from pipelines.database import Database
from pipelines.endpoints import Endpoint
from pipelines.errors import ArchiveError
from pipelines.loading import Loading, Progress
from pipelines.loading.courses import load_courses
from pipelines.loading.days import load_days, read_answers
from pipelines.loading.horses import load_profiles
from pipelines.modes import Options
from pipelines.report import Report
from pipelines.settings import Settings
from pipelines.sources.days import DaysRead
from pipelines.tables import API_TABLES, HORSES
from pipelines.tables.horses import PEDIGREE

logger = logging.getLogger(__name__)

STEP: Final = "rebuild"

Batch = list[Entry]
Emptied = Mapping[Endpoint, frozenset[date]]
"""Days of which rows were deleted, to be made again."""


@dataclass(frozen=True)
class BatchRead:
    """What was asked for together, read from the archive."""

    answers: list[Answer]
    today: date
    """The UK day on which it was asked for."""
    days: DaysRead | None
    """What the answers say, where they are about days."""


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
    with run.counted(STEP, API_TABLES) as read:
        emptied = make_room(database, options, Holdings(archive, chain(*batches)))
        for batch in Ahead(_read_all(run, archive, batches), most=1):
            on_that_day = replace(run, options=replace(options, today=batch.today))
            read.update(_load(on_that_day, batch, emptied))
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


def _read_all(run: Loading, archive: Archive, batches: list[Batch]) -> Iterator[BatchRead]:
    """Read batch after batch; an answer that cannot be read is told, and the others count."""
    for batch in batches:
        read: list[tuple[Answer, date]] = []
        for entry in batch:
            try:
                read.append(archive.read(entry))
            except ArchiveError as error:
                logger.warning("%s", error)
                run.report.errors.append(str(error))
        if read:
            answers = [answer for answer, _ in read]
            days = [answer for answer in answers if isinstance(answer, DayAnswer)]
            said = read_answers(run, days[0].endpoint, days) if days else None
            yield BatchRead(answers, max(today for _, today in read), said)


def _load(run: Loading, batch: BatchRead, emptied: Emptied) -> Counter[str]:
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
