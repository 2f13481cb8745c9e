"""A race day from its first card to its last result: one process, every few minutes."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from filelock import Timeout

from pipelines.api.access import UNKNOWN, Access
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import RACECARDS, RESULTS
from pipelines.archive.store import Archive
from pipelines.clock import uk_day
from pipelines.database.database import Database
from pipelines.database.definitions import apply_definitions
from pipelines.database.destination import duckdb_file, open_destination
from pipelines.database.lock import RunLock
from pipelines.database.read_copy import Renewal
from pipelines.database.runs import note_run
from pipelines.errors import AccessError, ArchiveError, DestinationError, LockedError, UsageError
from pipelines.loading import Loading, Progress
from pipelines.loading.captured import MODE, load_captured, lock_of_race_days
from pipelines.loading.changes import note_repeated
from pipelines.loading.settled import Settled
from pipelines.plan.keycheck import access_of, of_plan
from pipelines.plan.modes import Options
from pipelines.raceday.notify import call_command, notable_changes
from pipelines.raceday.watch import Watch
from pipelines.report import Report
from pipelines.run import end_report, opened, told
from pipelines.settings import Settings
from pipelines.system.configuration import variable_of
from pipelines.tables import LAST_RESPONSES

logger = logging.getLogger(__name__)

GAP: Final = timedelta(seconds=60)
"""How much later than two rounds a response may come before it is a gap."""
MOST_RESULTS: Final = 100
"""Results on a page: a day's take one call so."""


class Timer:
    """The time, and how to wait for it."""

    def now(self) -> datetime:
        """Return the time now."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def watch_day(
    options: Options,
    settings: Settings,
    destination: str,
    progress: Progress,
    *,
    start: datetime | None = None,
    timer: Timer | None = None,
) -> Report:
    """Watch a race day until its last result, and report what could not be seen.

    Raises UsageError, before a call is made.
    """
    if not settings.archive:
        raise UsageError(f"A race day keeps its responses: set {variable_of('archive')}.")
    report = Report(MODE, destination, options.test)
    with told(report), _alone():
        day = _Day(options, settings, destination, progress, report, timer or Timer(), start)
        day.run()
    if report.finished_at is None:
        end_report(report, settings)
    return report


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock of race days; raises LockedError."""
    lock = lock_of_race_days()
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise LockedError("A race day is being watched already: one process is enough.") from None
    try:
        yield
    finally:
        lock.release()


@dataclass
class _Day:
    """One race day at work."""

    options: Options
    settings: Settings
    destination: str
    progress: Progress
    report: Report
    timer: Timer
    start: datetime | None

    def __post_init__(self) -> None:
        self.settings = copy(self.settings)
        self.settings.results_page_size = MOST_RESULTS
        self.archive = Archive(self.settings.archive)
        self.watch = Watch(self.archive, self.options.today, self.timer.now)
        self.interval = timedelta(minutes=self.settings.raceday_minutes)
        self.last_response: datetime | None = None
        self.access: Access = UNKNOWN
        self.api = RacingApi(self.settings, self.options.today)
        self.is_defined = False
        self.cursor = self.timer.now()
        self.unloaded = ""
        self.database: Database | None = None
        """As the last round has left it."""
        self.settled = Settled()
        self.copy = Renewal(self.settings.read_copy_percent)
        self.is_stopped = False
        """Whether somebody has stopped it: it has a few seconds left."""

    def run(self) -> None:
        """Ask, load and wait, round after round."""
        try:
            self._rounds()
        except KeyboardInterrupt:
            self.is_stopped = True
            raise
        finally:
            self.api.stop()
            self.report.calls += self.api.counts.calls
            self.report.retries += self.api.counts.retries
            self.report.saved = self.watch.saved
            self._end()

    def _rounds(self) -> None:
        if self.start:
            self._wait_until(self.start)
        self._load()  # what was captured before, and what the key includes
        self.progress.start(MODE, 0)
        due = self.timer.now()
        while True:
            self._round()
            if self.options.test or self.watch.is_over():
                break
            now = self.timer.now()
            # Not later than an interval from now, if the clock has been set back.
            due = min(max(due + self.interval, now), now + self.interval)
            self._wait_until(due)
        if self.unloaded:
            self.report.errors.append(self.unloaded)
        waiting = self.watch.waits_for()
        if waiting and not self.options.test:
            names = ", ".join(race.id for race in waiting)
            self.report.errors.append(f"no result has come for {len(waiting)} races ({names})")

    def _wait_until(self, moment: datetime) -> None:
        seconds = (moment - self.timer.now()).total_seconds()
        if seconds > 0:
            self.timer.sleep(seconds)

    def _round(self) -> None:
        asked_at = self.timer.now()
        try:
            self.watch.ask(self._fresh_api())
        except ArchiveError as error:
            logger.warning("%s", error)
            self.watch.failures.append(str(error))
        if not self.watch.failures:
            self._note_gap(asked_at)
        elif not self.api.answered and self.last_response is None:
            refused = self.api.given_up(RACECARDS) or self.api.given_up(RESULTS)
            if isinstance(refused, AccessError):
                raise refused
        of = f"{len(self.watch.results)} of {len(self.watch.races or ())} results"
        self.progress.advance(MODE, f"{asked_at:%H:%M} UTC, {of}")
        self._load()

    def _fresh_api(self) -> RacingApi:
        """Return a client that has not given up: a server may be away for an hour."""
        if self.api.given_up(RACECARDS) or self.api.given_up(RESULTS):
            self.api.stop()
            self.report.calls += self.api.counts.calls
            self.report.retries += self.api.counts.retries
            self.api = RacingApi(self.settings, self.options.today)
            self.api.access = self.access
        return self.api

    def _note_gap(self, now: datetime) -> None:
        """Report a time without responses: what changed in it is dated to its end."""
        last, self.last_response = self.last_response, now
        if last and now - last > 2 * self.interval + GAP:
            self.report.errors.append(
                f"no response from {last:%H:%M} to {now:%H:%M} UTC: changes between them are "
                "known by the later one only"
            )

    # The database

    def _load(self) -> None:
        """Load what waits, if no other run is at work: then it waits for the next round."""
        if self.is_defined and not any(self.archive.captured()):
            self.unloaded = ""
            return
        try:
            with self._database() as database:
                self._load_into(database)
        except (LockedError, DestinationError) as error:
            logger.warning("%s Loading waits for the next round", error)
            self.unloaded = f"the last responses wait to be loaded by the next run: {error}"
        else:
            self.unloaded = ""

    def _load_into(self, database: Database) -> None:
        self._learn(database)
        run = Loading(
            self.settings,
            database,
            self.options,
            self.report,
            self.progress,
            settled=self.settled,
        )
        loaded = load_captured(run, self.archive, is_watching=True)
        if loaded and self.settings.change_command:
            self._notify(database)
        self._note_repeated(database)

    def _note_repeated(self, database: Database) -> None:
        """Note until when the last responses came again: with the next load, and in the end."""
        for (endpoint, day), at in self.watch.repeated.items():
            note_repeated(database, endpoint, {day: at})
        self.watch.repeated.clear()

    def _notify(self, database: Database) -> None:
        rows, self.cursor = notable_changes(
            database, self.cursor, self.options.today, self.settings.change_percent
        )
        if rows:
            call_command(self.settings.change_command, rows)

    def _learn(self, database: Database) -> None:
        """Learn once what the key includes, and when the day was last seen."""
        if self.is_defined:
            return
        self.access = self.api.access = access_of(
            database, self.settings, self.api, self.options.today
        )
        query = f"SELECT seen_at FROM {LAST_RESPONSES} WHERE endpoint = %s AND date = %s"
        for (seen_at,) in database.rows(query, RACECARDS.name, self.options.today):
            if uk_day(seen_at) == self.options.today and seen_at.astimezone(UTC).hour >= EARLIEST:
                self.last_response = seen_at
        self.report.notes += apply_definitions(database)
        self.is_defined = True

    @contextmanager
    def _database(self, *, is_last: bool = False) -> Iterator[Database]:
        lock = RunLock(open_destination(self.destination), MODE)
        if not self.is_defined and self.settings.plan:
            self.access = self.api.access = of_plan(self.settings.plan)
        with lock.held():
            database, self.database = self._opened(lock), None
            with database.held_open():
                yield database
                database.let_go()
            self.database = database
            self._renew_copy(lock, is_last=is_last)

    def _renew_copy(self, lock: RunLock, *, is_last: bool) -> None:
        file = duckdb_file(lock.destination)
        if file and self.settings.read_copy and not self.is_stopped:
            self.copy.renew(file, self.report.captured, is_last=is_last)

    def _opened(self, lock: RunLock) -> Database:
        """Return the database of the last round, unless somebody has loaded meanwhile."""
        if self.database:
            with suppress(DestinationError), self.database.held_open():
                if self.database.is_as_left(lock):
                    return self.database
        self.settled = Settled()
        return opened(self.destination, lock, self.settings)

    def _end(self) -> None:
        end_report(self.report, self.settings)
        try:
            with self._database(is_last=True) as database:
                self._note_repeated(database)
                note_run(database, self.report)
        except (LockedError, DestinationError) as error:
            logger.warning("This race day could not be recorded: %s", error)


EARLIEST: Final = 5
"""Hour (UTC) before which a response is one of the daily run, not of a race day."""
