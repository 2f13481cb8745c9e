"""One run at a time: the second says who is at work, waits if asked to, and never interferes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg2
import pytest

from pipelines.cli.app import _main
from pipelines.database.database import Database
from pipelines.database.destination import open_destination
from pipelines.database.kinds import KEEPS_INDEXES
from pipelines.database.lock import RunLock
from pipelines.database.postgres import Session
from pipelines.errors import LockedError
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.tables import TABLES
from pipelines.tables.ddl import KEYS
from tests.faults.tables import KEYLESS_IN_FILES
from tests.jobs import in_fresh_folder, point_to

HOLD = """
import sys, time
from pipelines.database.destination import (open_destination)
from pipelines.database.lock import RunLock
with RunLock(open_destination(sys.argv[1]), "daily").held():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, scale=0.02)) as server:
        yield server


@pytest.fixture
def sandbox(shared: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    point_to(monkeypatch, shared.url)
    shared.clear()
    return shared


def lock(destination: str, mode: str = "daily", *, wait: bool = False) -> RunLock:
    return RunLock(open_destination(destination), mode, wait=wait)


def manual(destination: str, *more: str) -> int:
    arguments = "run --mode manual --table ra_mst_courses --destination"
    return _main([*arguments.split(), destination, *more])


def test_second_run_says_who_holds_the_lock_since_when_and_ends_with_3(
    sandbox: Running, destination: str, capsys: pytest.CaptureFixture[str]
) -> None:
    holder = lock(destination, "backfill")
    with holder.held():
        assert manual(destination) == 3
    printed = capsys.readouterr().out
    assert f"Another run holds the lock ({holder.holder})" in printed
    assert holder.holder.startswith("backfill since 2")
    report = json.loads(next(Path("logs").glob("run_manual_*.json")).read_text())
    assert (report["exit_code"], len(report["errors"]), sandbox.calls) == (3, 1, [])


def test_second_run_waits_if_asked_to(sandbox: Running, destination: str) -> None:
    holder, is_held = lock(destination), threading.Event()

    def hold_for_a_while() -> None:
        with holder.held():
            is_held.set()
            time.sleep(1.0)

    thread = threading.Thread(target=hold_for_a_while)
    thread.start()
    is_held.wait()
    begun = time.monotonic()
    assert manual(destination, "--wait") == 0
    assert time.monotonic() - begun > 0.9
    thread.join()
    assert len(sandbox.calls) == 1


def test_lock_holds_against_another_machine_with_the_same_postgres(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = lock("postgres", "backfill")
    with here.held():
        in_fresh_folder(tmp_path, monkeypatch, "there")
        with pytest.raises(LockedError, match="backfill since 2"), lock("postgres").held():
            pass
    with lock("postgres").held():
        pass


def test_lock_holds_against_another_folder_with_the_same_duckdb_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lock("duckdb", "backfill").held():
        in_fresh_folder(tmp_path, monkeypatch, "there")
        with pytest.raises(LockedError, match="backfill since 2"), lock("duckdb").held():
            pass


def test_databases_of_one_server_are_locked_apart(
    postgres: str, postgres_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lock("postgres").held():
        monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", postgres_server)
        in_fresh_folder(tmp_path, monkeypatch, "there")
        with lock("postgres").held():
            pass


@pytest.mark.slow
def test_lock_dies_with_its_holder(destination: str) -> None:
    command = [sys.executable, "-c", HOLD, destination]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=f"process {holder.pid} on"), lock(destination).held():
            pass
        holder.kill()
        holder.wait()
    deadline = time.monotonic() + 5  # Postgres needs a moment to see that its client is gone
    while time.monotonic() < deadline:
        try:
            with lock(destination).held():
                return
        except LockedError:
            time.sleep(0.1)
    pytest.fail("the lock has outlived its holder")


def end_sessions(postgres: str) -> None:
    connection = psycopg2.connect(postgres)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    connection.close()


def test_lock_whose_session_was_ended_is_taken_again(postgres: str) -> None:
    with lock("postgres").held() as held:
        end_sessions(postgres)
        held.ensure()
        other = lock("postgres")
        with pytest.raises(LockedError):
            other._lock_database(patience=0)
        other._end_session()


def test_lock_that_another_run_has_taken_meanwhile_is_not_given_back(postgres: str) -> None:
    with lock("postgres").held() as held:
        end_sessions(postgres)
        other = lock("postgres", "manual")
        other._lock_database(patience=0)
        with pytest.raises(LockedError, match="manual since"):
            held.ensure()
        other._end_session()


def test_lock_is_free_before_the_server_knows_that_its_session_is_closed(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Session] = []
    monkeypatch.setattr(Session, "close", lambda session: kept.append(session))
    with lock("postgres").held():
        assert kept == []
    try:
        assert [session.closed for session in kept] == [0]
        with lock("postgres").held():
            pass
    finally:
        monkeypatch.undo()
        for session in kept:
            session.close()


def test_run_leaves_no_lock_behind(sandbox: Running, destination: str) -> None:
    assert manual(destination) == 0
    assert manual(destination) == 0


@pytest.mark.slow
def test_run_that_was_killed_is_known_to_the_next_one(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, "duckdb"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.kill()
    with lock("duckdb").held() as held:
        assert held.follows_a_death
    with lock("duckdb").held() as held:
        assert not held.follows_a_death


@pytest.mark.slow
def test_indexes_that_duckdb_1_made_are_made_again_after_a_run_that_was_killed() -> None:
    with duckdb.connect() as connection:
        connection.execute("ATTACH 'racing_data.duckdb' (STORAGE_VERSION 'v1.0.0')")
    database = Database("duckdb")
    database.run("DROP INDEX IF EXISTS ra_races_key", "CREATE INDEX ra_races_key ON ra_races (id)")
    with lock("duckdb").held() as held:
        held.follows_a_death = True
        indexes = Database("duckdb", held).rows(
            "SELECT index_name, is_unique FROM duckdb_indexes()"
        )
    keyed = TABLES.keys() - KEYLESS_IN_FILES
    expected = [(f"{table}_key", True) for table in keyed] if KEEPS_INDEXES else []
    assert sorted(indexes) == sorted(expected)


@pytest.mark.slow
@pytest.mark.usefixtures("tables_there")
def test_key_of_prices_that_an_earlier_version_made_is_dropped() -> None:
    query = "SELECT count(*) FROM duckdb_indexes() WHERE index_name = 'ra_runner_odds_key'"
    database = Database("duckdb")
    database.run(KEYS["ra_runner_odds_key"])
    assert database.rows(query) == [(1,)]
    assert Database("duckdb").rows(query) == [(0,)]
