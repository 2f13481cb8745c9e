"""A Postgres that hangs or whose connection is cut: every wait has an end, the rest is retried."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import psycopg2
import pytest

from pipelines.database import connection as connection_module
from pipelines.database import database as database_module
from pipelines.database import lock as lock_module
from pipelines.database.database import Database
from pipelines.database.destination import open_destination
from pipelines.database.lock import RunLock
from pipelines.database.postgres import Limits
from pipelines.database.shape import declare_tables
from pipelines.errors import DestinationError, LockedError
from pipelines.report import ExitCode, Report
from pipelines.sandbox import SandboxOptions, running
from pipelines.tables import RUNS
from tests.faults.relay import Relay, relay_before
from tests.jobs import load_days, point_to, rows_of

pytestmark = [
    pytest.mark.slow,
    # dlt leaves files open that it could not write.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

TODAY, DAY = date(2025, 10, 20), date(2025, 10, 18)
SILENT = "has not responded for"
GENEROUS = 60.0
"""Seconds within which a wait of two has to end, on any machine: without a limit it has no end."""


@pytest.fixture
def relay(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """Set a relay between the pipeline and Postgres."""
    with relay_before(postgres) as (relay, address):
        monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", address)
        yield relay


def impatient(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    for module in (connection_module, lock_module):
        monkeypatch.setattr(module, "OPENING_PATIENCE", seconds)
    for module in (connection_module, database_module):
        monkeypatch.setattr(module, "DATABASE_PATIENCE", seconds)


@dataclass
class ConnectsInASecond(Limits):
    """What gives up a server that accepts no connection for a second."""

    connecting: float = 1.0


def asked(address: str, sql: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(address)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()
    finally:
        connection.close()


@contextmanager
def stopped(address: str) -> Iterator[None]:
    """Stop the server's processes that serve the pipeline, as a machine that is paused would."""
    sessions = asked(
        address,
        "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'racing %' "
        "AND datname = current_database()",
    )
    assert sessions
    for (pid,) in sessions:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for (pid,) in sessions:
            os.kill(pid, signal.SIGCONT)


def test_process_of_the_server_that_stops_while_the_run_opens_ends_it(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch, 2)

    def declare_while_it_stops(database: Database) -> None:
        with database.client() as client, stopped(postgres):
            client.execute_sql("SELECT 1")
        declare_tables(database)

    monkeypatch.setattr(database_module, "declare_tables", declare_while_it_stops)
    begun = time.monotonic()
    with pytest.raises(DestinationError, match=SILENT):
        Database("postgres")
    assert time.monotonic() - begun < GENEROUS


def test_session_that_was_given_up_is_ended_and_holds_no_lock(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database("postgres")
    database.patience = 0
    with database.limits.allowing(1.0), pytest.raises(DestinationError, match=SILENT):
        database.rows("SELECT pg_advisory_lock(7), pg_sleep(60)")
    with database.limits.allowing(GENEROUS):
        assert database.rows("SELECT pg_advisory_xact_lock(7)")


def test_proxy_that_forwards_nothing_ends_the_run_and_the_next_one_completes_it(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.005)) as sandbox:
        point_to(monkeypatch, sandbox.url)
        with monkeypatch.context() as fault:
            impatient(fault, 2)
            fault.setattr("pipelines.database.postgres.Limits", ConnectsInASecond)
            relay.silence_at(b"COPY ")
            report = loaded()
        assert relay.struck.is_set()
        assert report.exit_code == ExitCode.INCOMPLETE
        assert SILENT in report.errors[0]
        relay.resume()
        assert loaded().exit_code == ExitCode.COMPLETE


def loaded() -> Report:
    return load_days("postgres", TODAY, DAY, DAY)


def test_connection_cut_in_the_middle_of_a_copy_is_made_again(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.005)) as sandbox:
        point_to(monkeypatch, sandbox.url)
        relay.cut_at(b"COPY ")
        report = loaded()
    assert relay.struck.is_set()
    assert (report.exit_code, report.errors) == (ExitCode.COMPLETE, [])


@pytest.mark.parametrize("word", [b"BEGIN", b"DELETE", b"UPDATE", b"COMMIT"])
def test_connection_cut_in_the_middle_of_a_transaction_is_made_again(
    word: bytes, relay: Relay
) -> None:
    """As a rebuild deletes what it makes again."""
    database = Database("postgres")
    database.insert(RUNS, run_named("one"))
    database.insert(RUNS, run_named("two"))
    relay.cut_at(word)
    database.run_together(
        "DELETE FROM ra_runs WHERE run_id = 'one'", "UPDATE ra_runs SET mode = 'rebuild'"
    )
    assert relay.struck.is_set()
    assert rows_of("postgres", "SELECT run_id, mode FROM ra_runs") == [("two", "rebuild")]


def run_named(name: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "run_id": name,
        "mode": "daily",
        "is_test": False,
        "started_at": now,
        "finished_at": now,
        "exit_code": 0,
        "calls": 0,
        "report": "{}",
    }


def test_row_inserted_again_after_its_connection_was_lost_is_there_once(destination: str) -> None:
    database = Database(destination)
    for _ in range(2):
        database.insert(RUNS, run_named("one"))
    assert rows_of(destination, "SELECT run_id FROM ra_runs") == [("one",)]


def test_lost_session_that_keeps_the_lock_is_not_taken_for_another_run(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch, 1)
    with RunLock(open_destination("postgres"), "daily").held() as held:
        with stopped(postgres), pytest.raises(DestinationError, match="has lost") as raised:
            held.ensure()
        assert not isinstance(raised.value, LockedError)


WAITS = """
from pipelines.database.database import Database
from pipelines.system.signals import interruptible
database = Database("postgres")
with interruptible():
    database.rows("SELECT 'hang here'")
"""


def test_signal_is_heard_while_nothing_comes_back_from_the_server(relay: Relay) -> None:
    relay.silence_at(b"hang here")
    with subprocess.Popen([sys.executable, "-c", WAITS], stderr=subprocess.PIPE, text=True) as run:
        assert relay.struck.wait(GENEROUS)
        begun = time.monotonic()
        run.terminate()
        _, told = run.communicate(timeout=GENEROUS)
    assert time.monotonic() - begun < GENEROUS / 2
    assert "Interruption: SIGTERM" in told
