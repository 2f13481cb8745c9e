"""dlt's cursor on the date of ra_coverage: moved by complete days of the newest chunk alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dlt
import pytest

from pipelines.sandbox import Running, SandboxOptions, running
from tests.jobs import FEW_DAYS, begun, point_to, run_job, tables_in, without_courses

pytestmark = pytest.mark.usefixtures("tables_there")

TODAY = date(2025, 10, 2)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02)) as server:
        yield server


@pytest.fixture(autouse=True)
def use(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    point_to(monkeypatch, sandbox.url, **FEW_DAYS)
    without_courses(monkeypatch)


def nightly() -> None:
    """Load the days of a night; the tests share one run."""
    begun("duckdb", __name__, lambda: run_job("daily", "duckdb", TODAY, max_horses=0))


def cursors() -> dict[str, str]:
    """The cursor of each source that has one, as dlt keeps it."""
    pipeline = dlt.attach("racing")
    return {
        name: resource["incremental"]["date"]["last_value"]
        for name, state in pipeline.state.get("sources", {}).items()
        for resource in state["resources"].values()
    }


def test_daily_run_moves_the_cursor_to_the_last_day_that_is_over() -> None:
    nightly()
    assert cursors() == {"racecards": "2025-10-01", "results": "2025-10-01"}


def test_older_days_and_chosen_tables_leave_the_cursor_alone() -> None:
    nightly()
    before = cursors()
    run_job("manual", "duckdb", TODAY, start=date(2025, 9, 1), end=date(2025, 9, 1), max_horses=0)
    run_job("backfill", "duckdb", TODAY, start=date(2025, 9, 30), max_horses=0)
    assert cursors() == before


def test_cursor_survives_a_lost_folder_and_filters_nothing(
    sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    nightly()
    monkeypatch.setenv("DLT_DATA_DIR", "fresh")
    tables_in("duckdb").run("DELETE FROM ra_loaded_responses")  # everything is loaded again
    report = run_job("daily", "duckdb", TODAY, max_horses=0)
    assert cursors() == {"racecards": "2025-10-01", "results": "2025-10-01"}
    assert report.tables["ra_runners"].unchanged > 0
    assert (report.tables["ra_runners"].new, report.tables["ra_runners"].changed) == (0, 0)


@pytest.mark.slow
def test_dlt_shows_the_cursor(tmp_path: Path) -> None:
    nightly()
    command = [sys.executable, "-m", "dlt", "pipeline", "racing", "info"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert "ra_card_races with 1 table(s) and 1 resource state slot(s)" in shown


def test_chunk_without_a_day_that_is_over_leaves_the_cursor_alone() -> None:
    nightly()
    before = cursors()
    # Yesterday is complete: today alone is read again.
    run_job("backfill", "duckdb", TODAY, start=date(2025, 10, 1), max_horses=0)
    assert cursors() == before
