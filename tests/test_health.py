"""`pipeline status` and `pipeline health`: what the owner of the cron job is told."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Final

import pytest

from pipelines.cli.app import _main
from pipelines.database.destination import open_destination
from pipelines.database.lock import RunLock, holder_of
from pipelines.database.reader import Reader
from pipelines.plan.modes import Options
from pipelines.report import ExitCode, Report
from pipelines.run import perform
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.settings import load_settings
from pipelines.status.health import Health, health_of
from pipelines.status.state import Gap, State, state_of
from tests.jobs import Silent, begun, point_to, tables_in

TODAY = date(2025, 10, 20)
REPORTS: Final[dict[str, Report]] = {}
"""What the run of the day reported, by destination."""


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02)) as server:
        yield server


def daily(shared: Running, monkeypatch: pytest.MonkeyPatch, destination: str) -> Report:
    """Run the daily job, with credentials that are gone afterwards; the tests share one run."""

    def work() -> None:
        options = Options("daily", TODAY, max_horses=0)
        REPORTS[destination] = perform(options, load_settings(), destination, Silent())

    with monkeypatch.context() as patch:
        point_to(patch, shared.url)
        begun(destination, __name__, work)
    return REPORTS[destination]


def judge(destination: str, today: date = TODAY) -> str:
    reader = Reader(destination)
    settings = load_settings(with_credentials=False)
    return str(health_of(reader, state_of(reader, today), settings))


def test_run_is_in_the_database_and_a_good_one_is_healthy(
    shared: Running, destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = daily(shared, monkeypatch, destination)
    assert (report.exit_code, report.missing) == (ExitCode.COMPLETE, [])
    state = state_of(Reader(destination), TODAY)

    (run,) = state.runs
    assert (run.run_id, run.mode, run.exit_code, run.calls, run.missing) == (
        report.run_id,
        "daily",
        0,
        report.calls,
        [],
    )
    assert (run.started_at, run.finished_at) == (report.started_at, report.finished_at)
    assert run.unknown_fields == dict(report.unknown_fields)
    assert {name: table.rows for name, table in state.tables.items() if name in report.tables} == {
        name: count.rows for name, count in report.tables.items()
    }
    results, racecards = state.endpoints["results"], state.endpoints["racecards"]
    assert (results.newest_complete, results.gaps) == (date(2025, 10, 19), [])
    assert (racecards.first, racecards.last) == (date(2025, 10, 17), date(2025, 10, 27))
    assert racecards.days == {"complete": 3, "open": 8}
    assert judge(destination).startswith(f"OK: last run daily at {run.finished_at:%Y-%m-%d %H:%M}Z")


def test_everything_that_is_wrong_is_said_in_one_line(
    shared: Running, destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily(shared, monkeypatch, destination)
    long_ago = datetime.now(UTC) - timedelta(hours=50)
    tables_in(destination).run(
        f"UPDATE ra_runs SET finished_at = TIMESTAMPTZ '{long_ago.isoformat()}', exit_code = 1, "
        "missing = 'results 2025-10-12: failed'",
        "UPDATE ra_coverage SET status = 'failed', reason = 'no answer' "
        "WHERE endpoint = 'results' AND date IN ('2025-10-12', '2025-10-13')",
        "DELETE FROM ra_mst_trainers",
    )
    line = judge(destination, TODAY + timedelta(days=8))
    *faults, orphans = line.removeprefix("FAIL: ").split("; ")
    assert faults == [
        "the last run ended 50 hours ago",
        "the last run (daily) ended with 1: results 2025-10-12: failed",
        "the latest complete results are from 2025-10-19",
        "the latest racecards are from 2025-10-27",
        "16 days missing, such as racecards 2025-10-20 to 2025-10-27 open: "
        "the day was not over yet",
    ]
    assert orphans.startswith("a row refers to a missing race, horse, person or bookmaker: load")
    monkeypatch.setenv("SOURCES__RACING_API__HEALTH_KNOWN", '["orphans"]')
    assert judge(destination, TODAY + timedelta(days=8)) == f"FAIL: {'; '.join(faults)}"

    gaps = state_of(Reader(destination), TODAY).endpoints["results"].gaps
    assert gaps == [Gap(date(2025, 10, 12), date(2025, 10, 13), "failed", "no answer")]


def test_days_beyond_the_plan_are_no_gap(
    shared: Running, destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily(shared, monkeypatch, destination)
    tables_in(destination).run(
        "UPDATE ra_coverage SET status = 'beyond_plan' WHERE date < '2025-10-19'"
    )
    assert judge(destination).startswith("OK: ")


@pytest.mark.parametrize("command", ["status", "health"])
def test_database_that_is_away_is_one_line_and_exit_code_1(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pipelines.database.reader.OPENING_PATIENCE", 0.1)
    address = "postgresql://nobody:hidden@127.0.0.1:9/nothing"
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", address)
    assert _main([command, "--destination", "postgres"]) == 1
    captured = capsys.readouterr()
    (line,) = (captured.out + captured.err).splitlines()
    assert "cannot be read" in line
    assert "hidden" not in line


HOLDS_THE_FILE = """
import duckdb, sys
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_run_at_work_on_a_duckdb_file_is_no_fault_unless_it_never_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pipelines.database.reader.OPENING_PATIENCE", 0.1)
    file = tmp_path / "racing_data.duckdb"
    held_by = [sys.executable, "-c", HOLDS_THE_FILE, str(file)]
    lock = RunLock(open_destination("duckdb"), "backfill")
    with Popen(held_by, stdin=PIPE, stdout=PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        codes = [_main(["health"])]
        with lock.held():
            codes.append(_main(["health"]))
            long_ago = (datetime.now(UTC) - timedelta(hours=30)).timestamp()
            os.utime(f"{file}.lock", (long_ago, long_ago))
            codes.append(_main(["health"]))
        other.terminate()
    assert codes == [1, 0, 1]
    unknown, *known = capsys.readouterr().out.splitlines()
    assert unknown.startswith("FAIL: duckdb cannot be read: IO Error: Could not set lock")
    assert known == [
        f"OK: a run is in progress ({lock.holder}); database: {file}",
        f"FAIL: a run has been in progress for 30 hours ({lock.holder}); database: {file}",
    ]


@pytest.mark.slow
def test_line_of_a_crashed_run_is_no_run_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pipelines.database.reader.OPENING_PATIENCE", 0.1)
    file = tmp_path / "racing_data.duckdb"
    (tmp_path / f"{file.name}.lock").write_text("daily since 2026-08-14 00:00Z, process 1 on here")
    notebook = [sys.executable, "-c", HOLDS_THE_FILE, str(file)]
    with Popen(notebook, stdin=PIPE, stdout=PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert _main(["health"]) == 1
        other.terminate()
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("FAIL: duckdb cannot be read: ")
    assert line.endswith(
        f"another program has the file open, and no run is in progress; database: {file}"
    )


def test_looking_at_a_lock_keeps_no_run_out(tmp_path: Path) -> None:
    file = tmp_path / "racing_data.duckdb"
    lock, is_over = RunLock(open_destination("duckdb"), "daily"), threading.Event()

    def look() -> None:
        while not is_over.is_set():
            holder_of(file)

    with lock.held():
        pass
    watchers = [threading.Thread(target=look) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    try:
        for _ in range(20):
            with lock.held():
                assert holder_of(file) is not None
    finally:
        is_over.set()
        for watcher in watchers:
            watcher.join()


def note(
    destination: str, exit_code: ExitCode, *, test: bool = False, hours_ago: float = 0
) -> None:
    """Note a run that ended so many hours ago."""
    ended = datetime.now(UTC) - timedelta(hours=hours_ago)
    missing = "no answer" if exit_code else ""
    tables_in(destination).run(
        "INSERT INTO ra_runs (run_id, mode, is_test, started_at, finished_at, exit_code, calls, "
        f"missing, _dlt_load_id) VALUES ('{ended}', 'daily', {test}, '{ended}', '{ended}', "
        f"{int(exit_code)}, 0, '{missing}', '')"
    )


def of_the_last_run(destination: str) -> list[str]:
    reader = Reader(destination)
    settings = load_settings(with_credentials=False)
    faults = health_of(reader, state_of(reader, TODAY), settings).faults
    return [fault for fault in faults if "run" in fault and "newest" not in fault]


def test_stopped_runs_and_tests_are_no_fault(destination: str) -> None:
    note(destination, ExitCode.COMPLETE, test=True, hours_ago=2)
    assert of_the_last_run(destination) == ["no run is recorded yet (test runs do not count)"]
    note(destination, ExitCode.COMPLETE, hours_ago=1)
    note(destination, ExitCode.TERMINATED, hours_ago=0.9)
    note(destination, ExitCode.INTERRUPTED, hours_ago=0.8)
    for number in range(12):
        note(destination, ExitCode.INCOMPLETE, test=True, hours_ago=0.5 - number / 100)
    assert of_the_last_run(destination) == []


def test_stopped_run_hides_no_failure_and_shows_that_something_ran(destination: str) -> None:
    note(destination, ExitCode.INCOMPLETE, hours_ago=40)
    note(destination, ExitCode.TERMINATED, hours_ago=1)
    assert of_the_last_run(destination) == ["the last run (daily) ended with 1: no answer"]
    note(destination, ExitCode.COMPLETE, hours_ago=30)
    assert of_the_last_run(destination) == []


def test_before_the_first_run_both_say_what_to_do(
    new_destination: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(["status", "--destination", new_destination]) == 0
    assert _main(["health", "--destination", new_destination]) == 1
    if new_destination == "duckdb":
        why = (
            f"No racing_data.duckdb in {tmp_path}. Run this where your data is, or set "
            "RACING_FOLDER to that folder; pipeline run --mode daily starts a new database here"
        )
    else:
        place = Reader("postgres").place
        why = f"No tables of this pipeline in {place} yet; pipeline run --mode daily creates them"
    assert capsys.readouterr().out.splitlines() == [f"{why}.", f"FAIL: {why}"]


@pytest.mark.parametrize(("faults", "said"), [([], ""), (["a gap"], "FAIL: a gap")])
def test_quiet_says_what_is_wrong_and_nothing_else(
    faults: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("pipelines.status.health.health_of", lambda *_: Health(faults, ["fresh"]))
    assert _main(["health", "--quiet"]) == len(faults)
    assert capsys.readouterr().out == (f"{said}\n" if said else "")


@pytest.mark.slow
def test_status_is_for_people_and_for_machines_too(
    shared: Running,
    tables_there: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("pipelines.clock.uk_today", lambda: TODAY)
    report = daily(shared, monkeypatch, "duckdb")
    tables_in("duckdb").run(
        "UPDATE ra_mst_horses SET enrichment_status = 'not_found', enriched_at = now() "
        "WHERE id = (SELECT min(id) FROM ra_mst_horses)"
    )
    assert _main(["status"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    horses = report.tables["ra_mst_horses"].rows
    assert "racecards 2025-10-17 2025-10-27 2025-10-19 3 complete, 8 open" in lines
    (profiles,) = [line for line in lines if line.startswith("horse profiles: ")]
    found = re.fullmatch(
        rf"horse profiles: 1 not found, {horses - 1:,} queued \(([\d,]+) horses lack a date of "
        r"birth or pedigree \(\d+ minutes? at 2 per second\); ([\d,]+) would only gain a colour "
        r"code \(\d+ minutes?\)\)",
        profiles,
    )
    assert found, profiles
    assert sum(int(count.replace(",", "")) for count in found.groups()) == horses - 1
    archived = [line for line in lines if line.startswith(f"archive: {report.calls} responses, ")]
    assert len(archived) == 1
    (run,) = [line.split() for line in lines if " daily " in line]
    assert run[-2:] == [str(report.calls), "complete"]

    assert _main(["status", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == set(State.__dataclass_fields__)
    assert told["runs"][0]["started_at"].endswith("+00:00")
    assert told["endpoints"]["results"]["newest_complete"] == "2025-10-19"
