"""Making the tables again from the archive, without a call: what was loaded, as it was loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from pipelines.api.answers import Answer, CoursesAnswer, DayAnswer, ProfileAnswer
from pipelines.api.parallel import one_ahead
from pipelines.archive import Archive, Entry
from pipelines.coverage import Coverage, Status
from pipelines.database import Database
from pipelines.loading import Loading, Progress
from pipelines.loading.courses import load_courses
from pipelines.loading.days import load_days
from pipelines.loading.horses import load_profiles
from pipelines.modes import Options
from pipelines.report import Report
from pipelines.settings import Settings

Read = tuple[list[Answer], date]
"""The answers of a batch, and the UK day on which they were asked for."""


def rebuild(
    options: Options,
    settings: Settings,
    archive: Archive,
    database: Database,
    progress: Progress,
    report: Report,
) -> None:
    """Load every batch of the archive again, in the order it was loaded; raises PipelineError."""
    batches = list(_wanted(archive, options))
    run = Loading(settings, database, options, report, progress)
    with run.counted("rebuild", sum(map(len, batches))) as read:
        for answers, today in one_ahead(_read(archive, batches)):
            read.update(_load(replace(run, options=replace(options, today=today)), answers))
            for answer in answers:
                progress.advance(str(answer.about))


def _wanted(archive: Archive, options: Options) -> Iterator[list[Entry]]:
    """Yield batches without what lies before the first day; courses and profiles have no day."""
    for batch in archive.batches():
        entries = [
            entry
            for entry in batch
            if options.wants(entry.endpoint)
            and not (
                options.start and isinstance(entry.about, date) and entry.about < options.start
            )
        ]
        if entries:
            yield entries


def _read(archive: Archive, batches: list[list[Entry]]) -> Iterator[Read]:
    for batch in batches:
        answers, days = zip(*map(archive.read, batch), strict=True)
        yield list(answers), max(days)


def _load(run: Loading, answers: list[Answer]) -> Counter[str]:
    first = answers[0]
    if isinstance(first, CoursesAnswer):
        return load_courses(run, first)
    if isinstance(first, ProfileAnswer):
        return load_profiles(run, [one for one in answers if isinstance(one, ProfileAnswer)])
    return _load_days(run, [one for one in answers if isinstance(one, DayAnswer)])


def _load_days(run: Loading, answers: list[DayAnswer]) -> Counter[str]:
    endpoint = answers[0].endpoint
    coverage = Coverage(run.database, endpoint)
    complete = [day for day, status in coverage.statuses.items() if status is Status.COMPLETE]
    newest = max(answer.day for answer in answers)
    moves = newest > max(complete, default=date.min)
    return load_days(run, endpoint, answers, coverage, moves_cursor=moves)
