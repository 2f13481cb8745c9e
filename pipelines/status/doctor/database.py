"""The database: which one it is, whether it can be used, what it holds, when runs were."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg2

from pipelines.api.access import Access
from pipelines.api.endpoints import RESULTS, Asks
from pipelines.clock import uk_today
from pipelines.database.database import Database
from pipelines.database.destination import (
    credentials_of,
    duckdb_file,
    open_destination,
)
from pipelines.database.errors import holder_in, line_of
from pipelines.database.kinds import Driver, kind_of
from pipelines.database.lock import RunLock, holder_of
from pipelines.database.postgres import Limits, connect
from pipelines.database.read_copy import read_copy_of
from pipelines.database.reader import Reader
from pipelines.errors import DestinationError, LockedError
from pipelines.plan.access import store_access, stored_access
from pipelines.report import STOPPED, ExitCode
from pipelines.settings import OPENING_PATIENCE, PIPELINE, Settings
from pipelines.status.doctor.findings import Level
from pipelines.status.doctor.machine import written_to
from pipelines.status.state import state_of
from pipelines.tables import ACCESS

logger = logging.getLogger(__name__)

Found = Iterator[tuple[Level, str]]

EVENING: int = 18
"""Hour from which a day's results are worth reading where only today's are included."""


def database(name: str) -> Found:
    """Say which database it is, and whether it can be used."""
    destination = open_destination(name)
    file = duckdb_file(destination)
    if file:
        yield from _file(file)
    elif kind_of(destination).driver is Driver.POSTGRES:
        yield from _server(destination)
    else:
        yield Level.OK, f"{name}, through dlt"


def _file(file: Path) -> Found:
    if not file.parent.is_dir():
        yield Level.ERROR, f"the folder {file.parent} is missing: create it, or use another file"
        return
    for level, text in written_to(file.parent, "DESTINATION__DUCKDB__CREDENTIALS"):
        if level is not Level.OK:
            yield level, text
            return
    if not file.exists():
        yield (
            Level.WARNING,
            f"{file} does not exist yet: the first run creates it. If your data is in another "
            "folder, run this there, or use --folder or RACING_FOLDER",
        )
        return
    try:
        duckdb.connect(str(file), read_only=True).close()
    except duckdb.Error as error:
        yield _unopened(file, error)
        return
    free = shutil.disk_usage(file.parent).free
    yield Level.OK, f"{file}, {file.stat().st_size / 1e6:,.1f} MB, {free / 1e9:,.0f} GB free"


def _unopened(file: Path, error: duckdb.Error) -> tuple[Level, str]:
    holder, run = holder_in(error), holder_of(file)
    if run:
        return Level.OK, f"{file}: a run is in progress ({run[0]})"
    if holder:
        return (
            Level.ERROR,
            f"{holder} has {file} open, which blocks runs: close it there and open "
            f"{read_copy_of(file).name} instead",
        )
    if "not a valid DuckDB database" in str(error):
        return Level.ERROR, f"{file} is not a DuckDB file: move it away, or use another"
    return Level.ERROR, f"{file} cannot be opened: {line_of(error)}"


def _server(destination: Any) -> Found:
    credentials = credentials_of(destination)
    place = f"{credentials.database} on {credentials.host}:{credentials.port}"
    limits = Limits(statement=OPENING_PATIENCE)
    try:
        session = connect(str(credentials.to_native_representation()), limits)
        with closing(session), session.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version'), "
                "pg_database_size(current_database()) / 1e6, "
                "has_database_privilege(current_database(), 'CREATE'), "
                "to_regnamespace(%s) IS NOT NULL",
                (PIPELINE,),
            )
            version, size, may_create, is_there = cursor.fetchone() or ("", 0, False, False)
    except psycopg2.Error as error:
        yield Level.ERROR, f"{place} cannot be reached: {line_of(error)}"
        return
    if not may_create and not is_there:
        yield (
            Level.ERROR,
            f"{place}: your user may not create the schema {PIPELINE}; have its owner run "
            f"GRANT CREATE ON DATABASE {credentials.database} TO your user",
        )
        return
    yield Level.OK, f"Postgres {version}, {place}, {size:,.0f} MB"


def schedule(name: str, settings: Settings) -> Found:
    """Say when the last run was, how it ended, and whether one is due."""
    reader = Reader(name)
    if reader.file and not reader.file.exists():
        yield Level.WARNING, "no run yet: start one with pipeline run --mode daily"
        return
    try:
        state = state_of(reader, uk_today())
    except DestinationError as error:
        holder = holder_of(reader.lock_file) if reader.lock_file else None
        if holder:
            yield Level.OK, f"a run is in progress ({holder[0]})"
            return
        raise error from None
    run = state.last_run
    if run is None:
        yield Level.WARNING, "no run yet: start one with pipeline run --mode daily"
        return
    ago = datetime.now(UTC) - run.started_at
    began = f"the last run ({run.mode}) started {_ago(ago)} ago"
    if ago > timedelta(hours=settings.health_run_hours):
        yield (
            Level.ERROR,
            f"{began}, and one is due: is a schedule set up, and does it work in {Path.cwd()}? "
            "See docs/scheduling.md (crontab -l, systemctl list-timers)",
        )
        return
    if run.exit_code != ExitCode.COMPLETE and run.exit_code not in STOPPED:
        first = run.missing[0] if run.missing else "no reason recorded"
        yield Level.ERROR, f"{began} and ended with {run.exit_code}: {first}"
        return
    access = stored_access(reader) if ACCESS.name in reader.tables else Access()
    results = access.edition(RESULTS)
    if results and results.asks is Asks.NOTHING and run.started_at.hour < EVENING:
        yield (
            Level.WARNING,
            f"{began}; your plan has results of the current day only: schedule the daily run late "
            "in the evening",
        )
        return
    yield Level.OK, began


def _ago(time: timedelta) -> str:
    hours = time / timedelta(hours=1)
    return f"{time / timedelta(minutes=1):,.0f} minutes" if hours < 2 else f"{hours:,.0f} hours"


def keep(name: str, access: Access) -> None:
    """Store what the key includes, if there are tables and no run is active."""
    reader = Reader(name)
    try:
        if ACCESS.name not in reader.tables:
            return
        with RunLock(open_destination(name), "doctor").held() as lock:
            store_access(Database(name, lock), access, stored_access(reader))
    except (DestinationError, LockedError) as error:
        logger.debug("What the key includes is not stored: %s", error)
