"""Clocks that change, go back or stand elsewhere, midnight in mid-run, nights that were missed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from dlt.common.storages import load_package

from pipelines import clock
from pipelines.api.endpoints import ENDPOINTS
from pipelines.cli.app import _main
from pipelines.plan import modes
from pipelines.report import ExitCode, Report
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.tables import TABLES
from tests.jobs import (
    FEW_DAYS,
    Contents,
    begun,
    business_rows,
    contents,
    coverage,
    load_days,
    point_to,
    run_job,
    use_empty_database,
    without_courses,
)

TODAY = date(2025, 10, 26)
"""The night on which the clock strikes one twice."""
AN_HOUR = 3600.0


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02)) as server:
        yield server


@pytest.fixture
def sandbox(shared: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    point_to(monkeypatch, shared.url, **FEW_DAYS)
    without_courses(monkeypatch)
    shared.clear()
    return shared


def daily(destination: str, today: date = TODAY) -> Report:
    return run_job("daily", destination, today, max_horses=0)


def night_before(destination: str) -> None:
    """Run the night before; the tests that begin with it share one run."""

    def complete() -> None:
        assert daily(destination, today=TODAY - timedelta(days=1)).exit_code == ExitCode.COMPLETE

    begun(destination, __name__, complete)


WHOLE: dict[str, Contents] = {}


def after_both_nights(destination: str) -> Contents:
    """What two nights load, by destination: the tests share the second one."""
    if destination not in WHOLE:
        night_before(destination)
        assert daily(destination).exit_code == ExitCode.COMPLETE
        WHOLE[destination] = business_rows(destination)
    return WHOLE[destination]


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        pytest.param("2025-03-30T00:59:59Z", "2025-03-30", id="before the clock goes forward"),
        pytest.param("2025-03-30T01:00:00Z", "2025-03-30", id="when it has"),
        pytest.param("2025-10-26T00:00:00Z", "2025-10-26", id="one o'clock in summer time"),
        pytest.param("2025-10-26T01:00:00Z", "2025-10-26", id="one o'clock again"),
        pytest.param("2025-07-01T22:59:59Z", "2025-07-01", id="before a summer midnight"),
        pytest.param("2025-07-01T23:00:00Z", "2025-07-02", id="a summer midnight"),
        pytest.param("2025-12-31T23:59:59Z", "2025-12-31", id="before a winter midnight"),
    ],
)
def test_today_is_the_day_in_the_united_kingdom(
    instant: str, day: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Frozen(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromisoformat(instant).astimezone(tz)

    monkeypatch.setattr(clock, "datetime", Frozen)
    assert clock.uk_today() == date.fromisoformat(day)


def test_night_on_which_the_job_starts_twice_changes_nothing_the_second_time(
    sandbox: Running, destination: str
) -> None:
    assert daily(destination).exit_code == ExitCode.COMPLETE
    tables = [table for table in TABLES.values() if table.name not in ("ra_coverage", "ra_runs")]
    before = contents(destination, tables)
    assert daily(destination).exit_code == ExitCode.COMPLETE
    assert contents(destination, tables) == before


def test_day_asked_for_after_midnight_by_a_run_that_began_before_is_read_again(
    sandbox: Running, destination: str
) -> None:
    yesterday = TODAY - timedelta(days=1)
    night_before(destination)
    assert ("results", yesterday.isoformat(), "open") in coverage(destination)
    assert daily(destination).exit_code == ExitCode.COMPLETE
    assert ("results", yesterday.isoformat(), "complete") in coverage(destination)
    WHOLE[destination] = business_rows(destination)


def test_clock_set_back_an_hour_between_runs_and_in_mid_run_costs_no_row(
    sandbox: Running, destination: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = after_both_nights(destination)
    use_empty_database(destination, "set back", tmp_path, monkeypatch)
    night_before(destination)
    loads: list[float] = []

    def earlier_and_earlier() -> float:
        loads.append(time.time() - AN_HOUR * (1 + len(loads)))
        return loads[-1]

    monkeypatch.setattr(load_package, "precise_time", earlier_and_earlier)
    report = daily(destination)
    assert len(loads) > 3
    assert (report.exit_code, report.errors) == (ExitCode.COMPLETE, [])
    assert 0 <= report.seconds < 60
    assert business_rows(destination) == whole
    assert daily(destination).exit_code == ExitCode.COMPLETE
    assert business_rows(destination) == whole


@pytest.mark.parametrize("destination", ["duckdb"], indirect=True)
def test_three_nights_missed_are_made_good_by_the_next_run(
    sandbox: Running, destination: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of cards, test_modes.py has the days that are missed.
    monkeypatch.setattr(modes, "_dated", lambda _: [ENDPOINTS["results"]])
    first = TODAY - timedelta(days=6)  # what five nights read
    assert load_days(destination, TODAY, first, TODAY).exit_code == ExitCode.COMPLETE
    at_once = business_rows(destination)
    covered = coverage(destination)

    use_empty_database(destination, "three missed", tmp_path, monkeypatch)
    daily(destination, today=TODAY - timedelta(days=4))  # a window is two days
    assert daily(destination).exit_code == ExitCode.COMPLETE
    assert coverage(destination) == covered
    assert business_rows(destination) == at_once


@pytest.mark.parametrize(
    "machine",
    [
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"TZ": "America/Los_Angeles", "LC_ALL": "tr_TR.UTF-8", "PGTZ": "Asia/Tokyo"},
    ],
    ids=["14 hours ahead, ASCII", "8 hours behind, Turkish"],
)
@pytest.mark.slow
def test_machine_in_another_zone_and_locale_loads_the_same(
    machine: dict[str, str],
    destination: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running(SandboxOptions(limits=False, scale=0.02)) as server:
        point_to(monkeypatch, server.url)
        day = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
        options = ["run", "--mode", "manual", "--max-horses", "0", "--destination", destination]
        options += ["--start-date", day, "--end-date", day]
        assert _main(options) == ExitCode.COMPLETE
        here = contents(destination, without={"_dlt_load_id", "updated_at"})
        use_empty_database(destination, "elsewhere", tmp_path, monkeypatch)
        command = [sys.executable, "-m", "pipelines", *options]
        done = subprocess.run(command, env=os.environ | machine, capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")
        assert contents(destination, without={"_dlt_load_id", "updated_at"}) == here
