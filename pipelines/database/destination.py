"""The destination for dlt, and what its errors mean."""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import adbc_driver_manager
import dlt
import duckdb
import psycopg2
from dlt.common.configuration.exceptions import (
    ConfigFieldMissingException,
    ConfigurationException,
    ConfigurationValueError,
)
from dlt.common.destination import Destination
from dlt.common.destination.exceptions import UnknownDestinationModule
from dlt.destinations.impl.postgres.configuration import PostgresCredentials
from dlt.pipeline.exceptions import PipelineStepFailed
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay
from tenacity.wait import wait_exponential

from pipelines.database.duckdb import DuckDB
from pipelines.database.postgres import Postgres
from pipelines.errors import UsageError
from pipelines.settings import DEFAULT_DUCKDB_FILE, PIPELINE

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

POSTGRES_LIMITS: Final = {
    # Nothing waits for ever: not for a connection, nor for a host that is gone.
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
SESSION_LIMITS: Final = "-clock_timeout=5s\t-cstatement_timeout=15min"
"""Nor for a lock (asked for again and again, so that a stop is never far away) or a statement. A
tab parts the two because dlt writes a blank as a plus sign, which Postgres takes as it stands."""

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
KEEPS_INDEXES: Final = int(duckdb.__version__.split(".")[0]) >= 2
"""Whether this DuckDB's indexes can be trusted after a crash. Those of DuckDB 1 lose entries when
the log of a killed process is replayed: a lookup by key then finds nothing, whoever asks
(duckdb/duckdb#23788). A commit that fails leaves entries in them that no row has."""
DUCKDB_LOCKED: Final = "Could not set lock on file"
DUCKDB_HOLDER: Final = re.compile(r"lock is held in (.+?) \(PID (\d+)\)")
TOLD_EVERY: Final = 30
"""Attempts, ten seconds apart, between log lines that name the program with the file open."""
DISK_FULL: Final = os.strerror(errno.ENOSPC)


def open_destination(name: str) -> Any:
    """Return dlt's destination with time limits on it; raises UsageError if it is not usable."""
    try:
        destination: Any = Destination.from_reference(name)
        if name == "duckdb" and not dlt.secrets.get("destination.duckdb.credentials"):
            destination = dlt.destinations.duckdb(DEFAULT_DUCKDB_FILE)
        _check_file(duckdb_file(destination))
        if is_duckdb(destination):
            # Credentials that are read once share one opening of the file.
            return DuckDB(credentials_of(destination), destination_name=name)
        if not is_postgres(destination):
            return destination
        credentials = _postgres_credentials(destination)
        options = f"{SESSION_LIMITS}\t{credentials.query.get('options', '')}".strip()
        credentials.query = {**POSTGRES_LIMITS, **credentials.query, "options": options}
        return Postgres(credentials, destination_name=name)
    except UnknownDestinationModule:
        raise UsageError(
            f"Unknown destination {name!r}: use duckdb, postgres or another dlt destination."
        ) from None
    except ConfigFieldMissingException:
        raise UsageError(
            f"No credentials for {name}: set DESTINATION__{name.upper()}__CREDENTIALS "
            "or fill in .dlt/secrets.toml."
        ) from None
    except ConfigurationException as error:
        raise UsageError(f"The settings of {name} cannot be used: {line_of(error)}") from None


def _postgres_credentials(destination: Any) -> Any:
    """Return the credentials of a Postgres, though the address names no host or no password.

    dlt wants both. The address of a socket goes before a host, and libpq takes an empty password
    for none, and looks for one in PGPASSWORD and ~/.pgpass. Raises ConfigurationException.
    """
    address: Any = dlt.secrets.get("destination.postgres.credentials")
    if not isinstance(address, str) or "://" not in address:
        return credentials_of(destination)
    credentials = PostgresCredentials()
    credentials.parse_native_representation(address)
    if credentials.host is None and credentials.query.get("host"):
        credentials.host = "localhost"
    if credentials.password is None:
        credentials.password = ""
    missing = [name for name in ("username", "database", "host") if not getattr(credentials, name)]
    if missing:
        raise ConfigurationValueError(
            f"the address lacks the {' and the '.join(missing)}; write "
            "postgresql://user:password@host:5432/database"
        )
    credentials.resolve()
    return credentials


def _check_file(file: Path | None) -> None:
    if file and file.suffix == ".duckdb" and file.stem == PIPELINE:
        raise UsageError(
            f"The DuckDB file must not be called {file.name}, like the dataset in it: "
            f"call it {DEFAULT_DUCKDB_FILE}, for example."
        )


def credentials_of(destination: Any) -> Any:
    """Return the credentials of a destination as its settings say, unchecked by the server."""
    spec = destination.spec()
    if hasattr(spec, "_bind_dataset_name"):
        spec._bind_dataset_name(PIPELINE)
    return destination.configuration(spec).credentials


def is_postgres(destination: Any) -> bool:
    """Tell whether it is a Postgres."""
    return str(destination.destination_type).endswith(".postgres")


def is_duckdb(destination: Any) -> bool:
    """Tell whether it is a DuckDB."""
    return str(destination.destination_type).endswith(".duckdb")


def has_unique_indexes(destination: Any) -> bool:
    """Tell whether the database itself refuses a second row with the same key."""
    return KEEPS_INDEXES or not is_duckdb(destination)


def duckdb_file(destination: Any) -> Path | None:
    """Return the file of a DuckDB destination; None for another destination, or in memory."""
    if not is_duckdb(destination):
        return None
    database = str(credentials_of(destination).database)
    return None if database.startswith(":") else Path(database).resolve()


def place_of(destination: Any) -> str:
    """Return which database it is: a file, or a database of a server, without who may use it."""
    file = duckdb_file(destination)
    if file:
        return str(file)
    credentials = credentials_of(destination)
    if is_postgres(destination):
        host = credentials.query.get("host") or credentials.host
        return f"{credentials.database} on {host}:{credentials.port}"
    return f"dataset {PIPELINE}"


def has_memory_to_bound(destination: Any) -> bool:
    """Tell whether it is a DuckDB whose own settings say nothing of its memory."""
    if not is_duckdb(destination):
        return False
    return "memory_limit" not in (credentials_of(destination).global_config or {})


# What an error means


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether DuckDB wants more memory than it may have."""
    return any(said in str(cause) for cause in causes(error) for said in DUCKDB_FULL)


def needs_reopening(error: BaseException) -> bool:
    """Tell whether DuckDB does nothing more until its file is closed: a commit has failed.

    Where a load is short of memory, it may be that of another job than the one that reports it.
    """
    is_cramped_load = isinstance(error, PipelineStepFailed) and is_out_of_memory(error)
    return is_cramped_load or any(
        isinstance(cause, duckdb.FatalException) or COMMIT_FAILED in str(cause)
        for cause in causes(error)
    )


def patiently(action: Callable[[], Result], seconds: float, *, is_told: bool = True) -> Result:
    """Do it again for so long if the database is away, locked or busy; raises its last error.

    Each further try is told in the log, but where a command has one line to say.
    """
    retrying = Retrying(
        retry=retry_if_exception(is_passing),
        stop=stop_after_delay(seconds),
        wait=wait_exponential(multiplier=0.5, max=10),
        before_sleep=_say_why if is_told else None,
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
    """Return the program that keeps others out of a DuckDB file, if that is what an error says."""
    for cause in causes(error):
        if DUCKDB_LOCKED in str(cause):
            found = DUCKDB_HOLDER.search(str(cause))
            return f"{Path(found[1]).name} (PID {found[2]})" if found else "another program"
    return None


def is_passing(error: BaseException) -> bool:
    """Tell whether the same again may succeed: the database was away, locked or busy."""
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
    """Tell whether what failed would fail again: not passing, and nobody has stopped the run."""
    is_stopped = any(isinstance(cause, KeyboardInterrupt) for cause in causes(error))
    return not is_stopped and not is_passing(error)


def is_about_a_value(error: BaseException) -> bool:
    """Tell whether the database refuses what it was to store, rather than to store."""
    for cause in causes(error):
        if isinstance(cause, duckdb.Error):
            return isinstance(cause, VALUE_DUCKDB)
        state = _state(cause)
        if state is not None:
            return state.startswith(VALUE_STATES)
    return False


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what caused it, the outermost first."""
    while error is not None:
        yield error
        inner = (getattr(error, name, None) for name in WRAPPED_BY_DLT)
        wrapped = (cause for cause in inner if isinstance(cause, BaseException))
        error = next(wrapped, error.__cause__)


def line_of(error: BaseException) -> str:
    """Return the first line of what went wrong first, in the driver's words."""
    *_, first = causes(error)
    lines = [line.strip() for line in str(first).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(first).__name__


def _state(error: BaseException) -> str | None:
    """Return the SQLSTATE of a Postgres error, whichever driver tells it."""
    if isinstance(error, psycopg2.Error):
        return str(error.pgcode) if error.pgcode else None
    if isinstance(error, adbc_driver_manager.Error):
        return str(error.sqlstate) if error.sqlstate else None
    return None
