"""Refusals of single days in a backfill far beyond a year: none cuts off what lies before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.report import ExitCode, Report
from pipelines.tables import API_TABLES, TABLES
from tests.fake_api import HTML
from tests.jobs import contents, coverage, point_to, run_job, tables_in
from tests.replay import Mistaken, replaying
from tests.test_empty_days import race

TODAY = date(2025, 10, 20)
NEWEST, OLDEST = date(2022, 3, 4), date(2022, 2, 20)
DAYS = [NEWEST - timedelta(days=back) for back in range((NEWEST - OLDEST).days + 1)]
BLOCKED = date(2022, 3, 1)
REFUSAL = {"detail": "Not in your plan"}
WINDOW: dict[str, Any] = {"start": OLDEST, "end": NEWEST, "max_horses": 0}
OF_DAYS = [table for table in API_TABLES if table != TABLES["ra_mst_courses"]]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mistaken]:
    """Serve a race for each day."""
    with replaying(Mistaken(results=[race(day) for day in DAYS])) as mistaken:
        point_to(monkeypatch, mistaken.url)
        assert isinstance(mistaken, Mistaken)
        yield mistaken


def backfill(destination: str, **window: Any) -> Report:
    return run_job("backfill", destination, TODAY, OF_DAYS, **{**WINDOW, **window})


def raced(destination: str) -> set[date]:
    """Days whose runners are loaded."""
    rows = contents(destination, [TABLES["ra_race_results"]])["ra_race_results"]
    return {row["race_date"] for row in rows}


def statuses(destination: str) -> Counter[str]:
    return Counter(status for _, _, status in coverage(destination))


@pytest.mark.parametrize("status", [401, 403])
def test_block_pages_for_one_old_day_cost_that_day_until_they_stop(
    status: int, server: Mistaken, destination: str
) -> None:
    server.instead = {("results", BLOCKED): (99, status, HTML)}
    report = backfill(destination)
    told = f"/v1/results answered {status} with a page that is not the API's own, on every"
    assert report.exit_code == ExitCode.INCOMPLETE
    assert [entry.days for entry in report.incomplete] == [[BLOCKED]]
    assert report.missing[0].startswith(f"results {BLOCKED}: failed, {told} attempt.")
    assert raced(destination) == {*DAYS} - {BLOCKED}
    assert statuses(destination) == {"complete": len(DAYS) - 1, "failed": 1}

    server.instead.clear()
    server.calls.clear()
    assert backfill(destination).missing == []
    assert server.calls == {("results", BLOCKED): 1}
    assert raced(destination) == {*DAYS}


@pytest.mark.usefixtures("tables_there")
@pytest.mark.parametrize(
    ("status", "day"), [(401, NEWEST), (403, BLOCKED), (422, OLDEST), (403, OLDEST)]
)
def test_day_refused_for_itself_cuts_off_no_other(status: int, day: date, server: Mistaken) -> None:
    server.results.append(race(date(2021, 12, 26)))
    server.instead = {("results", day): (99, status, REFUSAL)}
    report = backfill("duckdb")
    assert [entry.days for entry in report.incomplete] == [[day]]
    assert "Not in your plan." in report.missing[0]
    assert raced("duckdb") == {*DAYS} - {day}
    assert statuses("duckdb") == {"complete": len(DAYS) - 1, "failed": 1}


def test_days_noted_as_beyond_the_plan_against_an_older_one_are_requested_again(
    server: Mistaken, destination: str
) -> None:
    assert backfill(destination, start=OLDEST, end=OLDEST).missing == []
    noted = [f"('results', '{day}', 'beyond_plan', '2025-10-19 00:00:00+00', '')" for day in DAYS]
    tables_in(destination).run(
        "INSERT INTO ra_coverage (endpoint, date, status, loaded_at, _dlt_load_id) "
        f"VALUES {', '.join(noted[:-1])}"
    )
    older = OLDEST - timedelta(days=1)
    server.results.append(race(older))
    report = backfill(destination, start=older, end=older)
    refuted = "failed, marked as beyond the plan, but an older day has been delivered"
    span = f"{len(DAYS) - 1} days, {DAYS[-2]} to {NEWEST}"
    assert report.missing == [f"results {span}: {refuted}"]
    assert statuses(destination) == {"complete": 2, "failed": len(DAYS) - 1}

    # A night soon after: years of days that nobody has asked for would be read as well.
    night = NEWEST + timedelta(days=2)
    daily = run_job("daily", destination, night, OF_DAYS, days_back=0, max_horses=0)
    assert daily.tables["ra_race_results"].new == len(DAYS) - 1
    assert "beyond_plan" not in statuses(destination)
