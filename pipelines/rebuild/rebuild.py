"""Rebuilding the tables from the archive, without API calls, in the order they were loaded."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain
from typing import Final

from pipelines.api.endpoints import DATED, ENDPOINTS, Endpoint, RequestedBy, requested_by
from pipelines.archive.store import Archive, Entry, Question, question_of
from pipelines.database.beside import beside, forget_beside, reason_against, rows_folder
from pipelines.database.database import Database
from pipelines.database.errors import is_about_a_value
from pipelines.database.shape import declare_tables
from pipelines.errors import ArchiveError, DestinationError, PipelineError
from pipelines.loading import Loading
from pipelines.loading.changes import Repeats, note_repeats
from pipelines.loading.days import load_days
from pipelines.loading.loaders import LOADERS
from pipelines.mapping.days import DaysRead
from pipelines.plan.coverage import Coverage, Status
from pipelines.plan.modes import Options
from pipelines.rebuild.bulk.beginning import without_repeats
from pipelines.rebuild.bulk.load import STEP, load_beginning
from pipelines.rebuild.clear import Holdings, ensure_kept, make_room, taken_back
from pipelines.rebuild.read import BatchRead, BatchReader
from pipelines.rebuild.unfinished import (
    WITH_PROFILE,
    Unfinished,
    note_attempt,
    note_finished,
    unfinished,
)
from pipelines.report import Report
from pipelines.steps.leftovers import is_loaded, loaded_at
from pipelines.system.configuration import variable_of
from pipelines.system.signals import unmasked
from pipelines.system.workers import working
from pipelines.tables import API_TABLES, CHANGE_TABLES, LAST_RESPONSES, LAST_SEEN

logger = logging.getLogger(__name__)

MOST_READERS: Final = 2
"""Processes that read: loading keeps up with two."""
MOST_ATTEMPTS: Final = 3
"""Runs that try to finish a rebuild: if each of them crashed, later runs do not try again."""

Entries = list[Entry]
Emptied = Mapping[Endpoint, frozenset[date]]
"""Days whose rows were deleted, to be loaded again."""


def rebuild(run: Loading, archive: Archive) -> None:
    """Delete what the archive has, and load every batch again in its order.

    Raises UsageError, before anything is deleted, if rows would be lost; then PipelineError.
    """
    batches = list(_batches(archive, run.database, run.options))
    ensure_kept(run.database, run.options, Holdings(archive, chain(*batches)))
    if not _is_at_once(run):
        _rebuild(run, archive, batches)
        return
    with beside(run.database) as database:
        _rebuild(replace(run, database=database), archive, batches, is_at_once=True)


def _is_at_once(run: Loading) -> bool:
    """Return whether all is made from nothing, where this database can do that at once."""
    is_all = run.options.written.issuperset(API_TABLES) or _is_empty(run.database)
    if run.options.start or not is_all:
        return False
    reason = reason_against(run.database)
    if reason and run.database.kind.fills:
        run.report.notes.append(f"made again in place, one response after the other: {reason}")
    return not reason


def _rebuild(
    run: Loading, archive: Archive, batches: list[Entries], *, is_at_once: bool = False
) -> None:
    database, options = run.database, run.options
    replay = _Replay(archive, run, is_at_once=is_at_once)
    replay.of(batches, lambda: make_room(database, options))
    note_finished(database, options)
    for about, error in replay.unreadable.items():
        if not _is_left_to_read(about, error, database, run.report):
            run.report.errors.append(error)


def finish_rebuilds(run: Loading, archive: Archive | None) -> None:
    """Finish interrupted rebuilds from where they stopped, and report what is still missing.

    Nothing more is deleted. The run that calls this continues even if it fails, unless the
    database is unreachable: raises DestinationError.
    """
    database, errors = run.database, run.report.errors
    forget_beside(database)
    for one in unfinished(database):
        try:
            if archive is None:
                raise ArchiveError(f"{variable_of('archive')} is empty.")
            if one.attempts >= MOST_ATTEMPTS:
                raise PipelineError(f"{one.attempts} runs have tried and failed.")
            scope = replace(run.options, mode=STEP, tables=one.tables, start=one.start, end=None)
            with unmasked():
                _finish(one, archive, replace(run, options=scope))
        except DestinationError:
            raise
        except PipelineError as error:
            errors.append(f"{one} is not finished: {error} {_missing(one, database)}")
        except Exception as error:
            logger.exception("Finishing %s", one)
            why = f"a bug in this software ({type(error).__name__}); the log has the details."
            errors.append(f"{one} is not finished: {why} {_missing(one, database)}")


def _finish(one: Unfinished, archive: Archive, run: Loading) -> None:
    """Load the responses that are newer than the loaded ones."""
    logger.warning("Finishing %s, which was interrupted", one)
    database, options = run.database, run.options
    note_attempt(database, one)
    batches = list(_batches(archive, database, options))
    # Days that are whole have been made again, or fetched since; any other may have been emptied.
    whole = {endpoint: _whole_days(database, endpoint) for endpoint in DATED}
    emptied = {e: whole[e] | taken_back(database, e, options) for e in DATED}
    made: set[Question] = {(endpoint.name, day) for endpoint in DATED for day in whole[endpoint]}
    loaded = loaded_at(database, chain(*batches))
    if not options.start:  # with a first day profiles stay, and are loaded over what is there
        by_id = {endpoint.name for endpoint in requested_by(RequestedBy.ID)}
        made |= {question for question in loaded if question[0] in by_id}
    replay = _Replay(archive, run, {question: loaded[question] for question in made})
    replay.of(batches, lambda: emptied)
    note_finished(database, options)
    run.report.notes.append(f"{one} was interrupted, and has been finished from the archive")
    for about, error in replay.unreadable.items():
        # The run that comes now reads whole lists, and days that are not complete.
        is_read = ENDPOINTS[about[0]].requested_by is RequestedBy.NOTHING
        if not is_read and not _is_left_to_read(about, error, database, run.report):
            run.report.errors.append(error)


def _missing(one: Unfinished, database: Database) -> str:
    """List what is missing until a rebuild is finished."""
    ((profiles,),) = database.rows(WITH_PROFILE)
    query = "SELECT count(*) FROM ra_coverage WHERE reason LIKE %s"
    ((days,),) = database.rows(query, "%to be rebuilt by pipeline rebuild")
    return (
        f"Until it is, {max(0, one.profiles - profiles)} profiles are missing, and what {days} "
        "days of racecards and results say: run `pipeline rebuild` again."
    )


def _is_left_to_read(about: Question, error: str, database: Database, report: Report) -> bool:
    """Mark a day as partial whose newest response cannot be read; False if it is not a day."""
    endpoint, day = about
    if not isinstance(day, date):
        return False
    query = "UPDATE ra_coverage SET status = %s, reason = %s WHERE endpoint = %s AND date = %s"
    database.rows(query, Status.PARTIAL.value, error, endpoint, day)
    report.add_incomplete(endpoint, Status.PARTIAL.value, error, day)
    return True


def _whole_days(database: Database, endpoint: Endpoint) -> frozenset[date]:
    statuses = Coverage(database, endpoint).statuses
    whole = {Status.COMPLETE, Status.OPEN}
    return frozenset(day for day, status in statuses.items() if status in whole)


@dataclass
class _Replay:
    """Loads batches in their original order."""

    archive: Archive
    run: Loading
    loaded: Mapping[Question, datetime] = field(default_factory=dict)
    """When the loaded data that stays was requested."""
    unreadable: dict[Question, str] = field(default_factory=dict)
    """Why the newest response to a question could not be read."""
    is_at_once: bool = False
    """Whether the tables are empty, and nobody reads them yet."""

    def of(self, batches: list[Entries], begin: Callable[[], Emptied]) -> None:
        """Begin, and load batches while the next ones are read."""
        run = self.run
        run.progress.start(STEP, sum(map(len, batches)))
        written = tuple(map(str, run.options.written))
        reader = BatchReader(self.archive, run.settings.regions, written, self.loaded)
        with run.counted([STEP], API_TABLES) as read:
            emptied, repeats = begin(), self.archive.repeats()
            if self.is_at_once:
                batches = self._after_beginning(batches, begin, repeats, read)
            with working(reader, batches, _processes(batches)) as batches_read:
                for batch in batches_read:
                    self._note(batch)
                    if batch.days:
                        asked = {one.day: one.asked_at for one in batch.days.answers}
                        note_repeats(run.database, batch.days.endpoint, asked, repeats)
                    read.update(_load(run, batch, emptied))
                    for answer in batch.answers:
                        run.progress.advance(STEP, str(answer.about))
                    run.database.release()

    def _after_beginning(
        self,
        batches: list[Entries],
        begin: Callable[[], Emptied],
        repeats: Repeats,
        read: Counter[str],
    ) -> list[Entries]:
        """Load at once what can be, and return the batches that are left."""
        run, count = self.run, without_repeats(batches)
        report = deepcopy(run.report)
        with rows_folder() as folder:
            try:
                loaded, counts = load_beginning(
                    run, self.archive, batches[:count], folder, self._note, repeats
                )
            except DestinationError as error:
                if not is_about_a_value(error):
                    raise
                logger.warning("Loading it all at once failed (%s): one after the other", error)
                vars(run.report).update(vars(report))
                begin()
                declare_tables(run.database)  # their keys and triggers are not there again yet
                return batches
        read.update(counts)
        return batches[loaded:]

    def _note(self, batch: BatchRead) -> None:
        for error in batch.unreadable.values():
            logger.warning("%s", error)
        self.unreadable |= batch.unreadable
        for answer in batch.answers:
            self.unreadable.pop(question_of(answer.endpoint, answer.about), None)


def _batches(archive: Archive, database: Database, options: Options) -> Iterator[Entries]:
    """Yield the entries of each batch that must be loaded."""
    unloaded = archive.unloaded()
    for batch in archive.batches():
        wanted = [entry for entry in batch if _is_wanted(entry, options)]
        if batch[0].time in unloaded:
            loaded = loaded_at(database, wanted)
            wanted = [entry for entry in wanted if _is_usable(archive, entry, loaded)]
        if wanted:
            yield wanted


def _is_wanted(entry: Entry, options: Options) -> bool:
    """Return whether an entry is not before the first day; courses and profiles have no day."""
    is_too_old = isinstance(entry.about, date) and entry.about < (options.start or date.min)
    return options.wants(entry.endpoint) and not is_too_old


def _is_usable(archive: Archive, entry: Entry, loaded: Mapping[Question, datetime]) -> bool:
    """Return whether a leftover of a crashed run was loaded after all, or can be."""
    try:
        answer, _ = archive.read(entry)
    except ArchiveError as error:
        logger.warning("Ignored: %s", error)
        return False
    return is_loaded(loaded, entry, answer) or answer.is_certain


def _processes(batches: list[Entries]) -> int:
    """Return how many processes read: one core is for loading."""
    return min(MOST_READERS, len(batches), max(1, (os.cpu_count() or 1) - 1))


def _load(run: Loading, batch: BatchRead, emptied: Emptied) -> Counter[str]:
    """Load a batch as on the day it was fetched."""
    if not batch.answers:
        return Counter()
    run = replace(run, options=replace(run.options, today=max(batch.asked_on)))
    if batch.days:
        return _load_days(run, batch.days, emptied[batch.days.endpoint])
    return LOADERS[batch.answers[0].endpoint.best](run, batch.answers)


def _is_empty(database: Database) -> bool:
    """Return whether no response is loaded."""
    tables = (*API_TABLES, *CHANGE_TABLES, LAST_SEEN, LAST_RESPONSES)
    are_there = " OR ".join(f"EXISTS (SELECT 1 FROM {table})" for table in tables)
    return database.rows(f"SELECT {are_there}") == [(False,)]


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
