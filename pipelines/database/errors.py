"""What a database error means: temporary, a refused value, or short of memory."""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

import adbc_driver_manager
import duckdb
import psycopg2
from dlt.pipeline.exceptions import PipelineStepFailed
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay
from tenacity.wait import wait_exponential

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

PASSING_STATES: Final = (
    "08",  # the connection is gone
    "40",  # a deadlock, or another writer was first
    "53300",  # too many connections
    "55P03",  # somebody else holds a lock
    "57P",  # the server is stopping or starting, or an operator ended the session
)
VALUE_STATES: Final = (
    "22",  # data exception: out of range, not in the encoding of the database
    "23",  # a constraint
    "54000",  # too long for an index
    "P0001",  # a trigger raised
)
PASSING_DUCKDB: Final = (duckdb.TransactionException, duckdb.ConnectionException)
VALUE_DUCKDB: Final = (duckdb.ConstraintException, duckdb.ConversionException)
DRIVER_ERRORS: Final = (duckdb.Error, psycopg2.Error, adbc_driver_manager.Error)
"""What a driver raises where dlt does not take it for an error of the database."""
STATELESS: Final = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    adbc_driver_manager.OperationalError,
)
WRAPPED_BY_DLT: Final = ("client_exception", "dbapi_exception", "inner_exc")
DUCKDB_FULL: Final = ("Out of Memory Error", "memory_limit")
"""What DuckDB says where it has too little memory; the advice it gives where a commit fails."""
COMMIT_FAILED: Final = "Failed to commit"
DUCKDB_LOCKED: Final = "Could not set lock on file"
DUCKDB_HOLDER: Final = re.compile(r"lock is held in (.+?) \(PID (\d+)\)")
TOLD_EVERY: Final = 30
"""Attempts, ten seconds apart, between log lines that name the program with the file open."""
DISK_FULL: Final = os.strerror(errno.ENOSPC)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether DuckDB needs more memory than its limit."""
    return any(said in str(cause) for cause in causes(error) for said in DUCKDB_FULL)


def needs_reopening(error: BaseException) -> bool:
    """Return whether DuckDB is unusable until its file is closed, because a commit failed.

    Where a load is short of memory, it may be that of another job than the one that reports it.
    """
    is_cramped_load = isinstance(error, PipelineStepFailed) and is_out_of_memory(error)
    return is_cramped_load or any(
        isinstance(cause, duckdb.FatalException) or COMMIT_FAILED in str(cause)
        for cause in causes(error)
    )


def patiently(action: Callable[[], Result], seconds: float, *, is_logged: bool = True) -> Result:
    """Retry while the database is unreachable, locked or busy; raises the last error.

    Retries are logged, except for commands that print one line only.
    """
    retrying = Retrying(
        retry=retry_if_exception(is_passing),
        stop=stop_after_delay(seconds),
        wait=wait_exponential(multiplier=0.5, max=10),
        before_sleep=_say_why if is_logged else None,
        reraise=True,
    )
    return retrying(action)


def _say_why(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    if error is None:
        return
    holder = holder_in(error)
    if holder is None:
        logger.warning("%s; retrying", line_of(error))
    elif state.attempt_number % TOLD_EVERY == 1:
        logger.warning("%s has the database open; waiting for it", holder)


def holder_in(error: BaseException) -> str | None:
    """Return the program that has a DuckDB file open, if that is what the error says."""
    for cause in causes(error):
        if DUCKDB_LOCKED in str(cause):
            found = DUCKDB_HOLDER.search(str(cause))
            return f"{Path(found[1]).name} (PID {found[2]})" if found else "another program"
    return None


def is_passing(error: BaseException) -> bool:
    """Return whether a retry may succeed: the database was unreachable, locked or busy."""
    for cause in causes(error):
        if isinstance(cause, duckdb.Error):
            is_full = DISK_FULL in str(cause) or is_out_of_memory(cause)
            is_of_passing_kind = isinstance(cause, PASSING_DUCKDB) and not is_full
            return is_of_passing_kind or DUCKDB_LOCKED in str(cause)
        state = _state(cause)
        if state is not None:
            return state.startswith(PASSING_STATES)
        if isinstance(cause, STATELESS):
            return True  # it was the connection
    return False


def is_for_good(error: BaseException) -> bool:
    """Return whether a retry would fail too: not temporary, and nobody stopped the run."""
    is_stopped = any(isinstance(cause, KeyboardInterrupt) for cause in causes(error))
    return not is_stopped and not is_passing(error)


def is_about_a_value(error: BaseException) -> bool:
    """Return whether the database refuses a value, rather than to store anything."""
    for cause in causes(error):
        if isinstance(cause, duckdb.Error):
            return isinstance(cause, VALUE_DUCKDB)
        state = _state(cause)
        if state is not None:
            return state.startswith(VALUE_STATES)
    return False


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its causes, the outermost first."""
    while error is not None:
        yield error
        inner = (getattr(error, name, None) for name in WRAPPED_BY_DLT)
        wrapped = (cause for cause in inner if isinstance(cause, BaseException))
        error = next(wrapped, error.__cause__)


def reason_of(error: OSError) -> OSError:
    """Return what went wrong first: where a disk is full, what dlt then looks for is missing."""
    before: BaseException | None = error
    while isinstance(error, FileNotFoundError) and before is not None:
        if isinstance(before, OSError) and not isinstance(before, FileNotFoundError):
            return before
        before = before.__context__
    return error


def line_of(error: BaseException) -> str:
    """Return the first line of the root cause, in the driver's words."""
    *_, first = causes(error)
    lines = [line.strip() for line in str(first).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(first).__name__


def _state(error: BaseException) -> str | None:
    """Return the SQLSTATE of a Postgres error, from any driver."""
    if isinstance(error, psycopg2.Error):
        return str(error.pgcode) if error.pgcode else None
    if isinstance(error, adbc_driver_manager.Error):
        return str(error.sqlstate) if error.sqlstate else None
    return None
