"""One run at a time: locks that end with their process, and name it.

A run holds a lock on dlt's working folder, since two runs would load each other's packages, and one
on the database, since they would share its staging tables: an advisory lock in Postgres, which
holds against other machines too, or a lock on a file
beside the DuckDB file. Of a lake, the catalog is locked.
"""

from __future__ import annotations

import logging
import os
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg2
from dlt.common.pipeline import get_dlt_pipelines_dir
from filelock import FileLock, Timeout

from pipelines.database.destination import lock_file, lock_name, lock_server
from pipelines.database.errors import line_of, patiently
from pipelines.database.postgres import LONGEST_NAME, Limits, connect, end_session
from pipelines.errors import DestinationError, LockedError
from pipelines.settings import OPENING_PATIENCE, PIPELINE
from pipelines.system.flock import HAS_LOCKS, is_locked

logger = logging.getLogger(__name__)

BRIEF: Final = "raceday "
"""Whoever holds a lock so has it for a round of a few seconds: it is waited for."""
ASK_AGAIN_SECONDS: Final = 1.0
UNLOCKING_SECONDS: Final = 2.0
"""If the server does not respond until then, the lock ends with the session."""
LOOK_SECONDS: Final = 0.2
"""Longer than `pipeline health` takes to find out whether a lock is held."""


class RunLock:
    """The locks of one run on one destination."""

    def __init__(self, destination: Any, mode: str, *, wait: bool = False) -> None:
        self.destination, self.wait = destination, wait
        self.holder = f"{mode} since {datetime.now(UTC):%Y-%m-%d %H:%M}Z, {_process()}"
        self.follows_a_death = False
        """Whether the last run into this DuckDB file came to no end: its line is still there."""
        self._session: Any = None
        self._pid = 0
        """The server's number of the session, of the last one if that is lost."""

    @contextmanager
    def held(self) -> Iterator[RunLock]:
        """Hold the locks; raises LockedError, or waits for as long as another run has one."""
        with ExitStack() as stack:
            self._hold(stack, Path(get_dlt_pipelines_dir()) / f"{PIPELINE}.lock")
            file = lock_file(self.destination)
            if file:
                left = self._hold(stack, _lock_of(file))
                self.follows_a_death = bool(left)
            if lock_server(self.destination):
                stack.callback(self._end_session)
                self._lock_database(OPENING_PATIENCE)
            yield self

    def ensure(self) -> None:
        """Take the database's lock again if its session has ended, for instance with the server.

        Raises LockedError if another run was faster, DestinationError if the server is away.
        """
        if self._session is not None and not self._is_alive():
            self._end_session()
            # The server may not know yet, and would keep the lock for it.
            end_session(self._address, self._name, self._pid)
            self.wait = False
            self._lock_database(patience=0)  # whoever needs it is patient

    def _take(self, attempt: Callable[[], bool], holder: Callable[[], str]) -> None:
        is_announced = False
        while not attempt():
            if not self.wait and not holder().startswith(BRIEF):
                raise LockedError(
                    f"Another run holds the lock ({holder() or 'it has just begun'}); "
                    "try again when it has ended, or wait for it with --wait."
                )
            if not is_announced:
                logger.warning("Waiting for another run (%s)", holder())
                is_announced = True
            time.sleep(ASK_AGAIN_SECONDS)

    # Files

    def _hold(self, stack: ExitStack, path: Path) -> str:
        """Lock a file and write its holder there; returns the line it contained."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path)
            self._take(lambda: _is_acquired(lock), lambda: _text(path))
            stack.callback(self._let_go, path, lock)
            left = _text(path)
            _line_of(path).write_text(self.holder, encoding="utf-8")
        except OSError as error:
            raise DestinationError(f"The lock {path} cannot be taken: {error.strerror}.") from error
        return left

    def _let_go(self, path: Path, lock: FileLock) -> None:
        """Remove the line: a line without a lock means that its writer was killed."""
        with suppress(OSError):
            _line_of(path).write_text("", encoding="utf-8")
        lock.release()

    # Postgres

    @property
    def _address(self) -> str:
        return lock_server(self.destination) or ""

    @property
    def _key(self) -> int:
        """Return the number of the advisory lock; Postgres keeps them apart by database."""
        return zlib.crc32(f"{lock_name(self.destination)} pipeline".encode())

    @property
    def _name(self) -> str:
        """Return the application_name of the session that holds the lock."""
        return f"{PIPELINE} {self.holder}".encode()[:LONGEST_NAME].decode(errors="ignore")

    def _lock_database(self, patience: float) -> None:
        try:
            self._session = patiently(self._connect, patience)
            self._take(
                lambda: bool(self._query("SELECT pg_try_advisory_lock(%s)")[0][0]), self._owner
            )
            self._pid = self._session.info.backend_pid
        except psycopg2.Error as error:
            raise DestinationError(f"postgres cannot be reached: {line_of(error)}") from error

    def _connect(self) -> Any:
        limits = Limits(statement=OPENING_PATIENCE)
        return connect(self._address, limits, application_name=self._name)

    def _owner(self) -> str:
        owners = self._query(
            "SELECT pid, application_name FROM pg_locks JOIN pg_stat_activity USING (pid) "
            "WHERE locktype = 'advisory' AND objid = %s AND granted "
            "AND datname = current_database()"
        )
        for pid, name in owners:
            if pid == self._pid:
                raise psycopg2.OperationalError("a session that this run has lost holds its lock")
            return str(name).removeprefix(f"{PIPELINE} ")
        return ""

    def _is_alive(self) -> bool:
        try:
            self._query("SELECT %s")
        except psycopg2.Error:
            return False
        return True

    def _query(self, sql: str) -> list[tuple[Any, ...]]:
        with self._session.cursor() as cursor:
            cursor.execute(sql, (self._key,))
            return list(cursor.fetchall())

    def _end_session(self) -> None:
        if self._session is not None:
            with suppress(psycopg2.Error), self._session.limits.allowing(UNLOCKING_SECONDS):
                # The server notices later that a session is closed, and the next run may be there.
                self._query("SELECT pg_advisory_unlock(%s)")
            with suppress(psycopg2.Error):
                self._session.close()
            self._session = None


def holder_of(file: Path) -> tuple[str, datetime] | None:
    """Return which run holds a DuckDB file, and since when; None if none does.

    A killed run leaves its line, but not its lock.
    """
    lock = _lock_of(file)
    try:
        if not _is_held(lock):
            return None
        line, changed = _text(lock), _line_of(lock).stat().st_mtime
    except OSError:  # no run has been here, or whose lock it is cannot be known
        return None
    if not line:
        return "it has just begun", datetime.now(UTC)
    return line, datetime.fromtimestamp(changed, UTC)


def _is_held(lock: Path) -> bool:
    """Return whether somebody holds a lock, by sharing it for an instant."""
    descriptor = os.open(lock, os.O_RDONLY)
    try:
        is_held = is_locked(descriptor)
    finally:
        os.close(descriptor)
    if is_held is None:
        attempt = FileLock(lock)
        is_held = not _is_acquired(attempt)
        attempt.release()
    return is_held


def _lock_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.lock")


def _process() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _is_acquired(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=LOOK_SECONDS, poll_interval=LOOK_SECONDS / 10)
    except Timeout:
        return False
    return True


def _line_of(lock: Path) -> Path:
    """Return the file that names who holds a lock: a locked file cannot be written on Windows."""
    return lock if HAS_LOCKS else lock.with_name(f"{lock.name}.holder")


def _text(lock: Path) -> str:
    line = _line_of(lock)
    if line != lock and not line.exists():
        return ""
    return line.read_text(encoding="utf-8", errors="replace").strip()
