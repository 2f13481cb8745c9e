"""Loading what a race day has captured, in the order in which it was asked for."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from dlt.common.pipeline import get_dlt_pipelines_dir
from filelock import FileLock, Timeout

from pipelines.api.answers import Answer, DayAnswer
from pipelines.archive.store import Archive, Entry
from pipelines.errors import DamagedError
from pipelines.loading import Loading
from pipelines.loading.changes import note_repeated
from pipelines.loading.days import load_days, read_answers
from pipelines.plan.coverage import Coverage
from pipelines.plan.modes import Options
from pipelines.settings import PIPELINE

logger = logging.getLogger(__name__)

MODE: Final = "raceday"


def lock_of_race_days() -> FileLock:
    """Return the lock that a race day holds while it watches."""
    path = Path(get_dlt_pipelines_dir()) / f"{PIPELINE}.{MODE}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path)


def _is_watched() -> bool:
    try:
        with lock_of_race_days().acquire(timeout=0):
            return False
    except Timeout:
        return True


def load_captured(run: Loading, archive: Archive, *, is_watching: bool = False) -> int:
    """Load every response that waits, and return how many there were.

    What another process is saving at this moment, and what comes after it, is left to that process,
    unless this is the one that watches. Raises ArchiveError or DestinationError; what is not loaded
    then waits for the next run.
    """
    loaded = 0
    for time, entries, is_whole in archive.captured():
        if not is_whole and not is_watching and _is_watched():
            break
        read = [one for entry in entries if (one := _read(archive, entry))]
        if read:
            _load(run, archive, read)
        loaded += len(read)
        run.report.captured += len(read)
        archive.end_captured(time)
    return loaded


def _read(archive: Archive, entry: Entry) -> tuple[DayAnswer, date] | None:
    """Read a response; one that is torn, as a full disk may leave it, is set aside."""
    answer: Answer
    try:
        answer, today = archive.read(entry)
    except DamagedError as error:
        logger.warning("%s It is set aside", error)
        archive.set_aside(entry)
        return None
    return (answer, today) if isinstance(answer, DayAnswer) else None


def _load(run: Loading, archive: Archive, read: list[tuple[DayAnswer, date]]) -> None:
    answers, today = [answer for answer, _ in read], read[0][1]
    endpoint = answers[0].endpoint
    for answer in answers:
        repeated = archive.last_repeat(answer)
        if repeated:
            note_repeated(run.database, endpoint, {answer.day: repeated})
    run = replace(run, options=Options(MODE, today))
    days = read_answers(run, endpoint, answers)
    load_days(run, days, Coverage(run.database, endpoint), moves_cursor=False)
