"""One run with the clock set ahead: nothing is blind until that day, and the next run heals it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dlt
import pytest

from pipelines.cli.app import _main
from pipelines.clock import uk_today
from pipelines.database.reader import Reader
from pipelines.report import ExitCode, Report
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.settings import load_settings
from pipelines.status.health import Health, health_of
from pipelines.status.state import State, state_of
from pipelines.tables import CARD_RACES, RESULT_RACES
from tests.jobs import (
    FEW_DAYS,
    SYSTEM_COLUMNS,
    contents,
    coverage,
    point_to,
    rows_of,
    run_job,
    tables_in,
)

TODAY = date(2025, 10, 20)
AHEAD = TODAY + timedelta(days=1000)
DAYS_LEFT_OUT = "days recorded too early, ignored because a clock was ahead"


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02)) as server:
        yield server


@pytest.fixture(autouse=True)
def sandbox(shared: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    point_to(monkeypatch, shared.url, **FEW_DAYS)
    return shared


def daily(destination: str) -> Report:
    return run_job("daily", destination, TODAY, max_horses=0)


def look(destination: str, today: date = TODAY) -> tuple[State, Health]:
    reader = Reader(destination)
    state = state_of(reader, today)
    return state, health_of(reader, state, load_settings(with_credentials=False))


def note_days_ahead(destination: str) -> None:
    """Note days as a run does whose clock is years ahead: most of them complete."""
    rows = (
        f"('{endpoint}', '{AHEAD + timedelta(days=number)}', '{status}', 0, 0, 0, now(), '')"
        for endpoint in ("racecards", "results")
        for number, status in enumerate(("complete", "complete", "open"))
    )
    tables_in(destination).run(
        "INSERT INTO ra_coverage (endpoint, date, status, total, received, loaded, loaded_at, "
        f"_dlt_load_id) VALUES {', '.join(rows)}"
    )


def test_days_and_runs_of_the_future_are_left_out_told_and_forgotten(destination: str) -> None:
    daily(destination)
    before, sound = look(destination)[0], coverage(destination)
    note_days_ahead(destination)
    future = datetime.now(UTC) + timedelta(days=1000)
    tables_in(destination).run(
        "INSERT INTO ra_runs (run_id, mode, is_test, started_at, finished_at, exit_code, calls, "
        f"_dlt_load_id) VALUES ('future', 'daily', false, '{future}', '{future}', 1, 0, '')"
    )

    state, health = look(destination)
    assert state.ahead == [
        f"racecards: 3 {DAYS_LEFT_OUT}",
        f"results: 3 {DAYS_LEFT_OUT}",
        "1 run in the future, ignored because a clock was ahead",
    ]
    assert (health.faults, health.facts[-4:]) == ([], [*state.ahead, "3 warnings"])
    for endpoint in state.endpoints.values():
        endpoint.ahead = 0
    assert (state.endpoints, state.runs) == (before.endpoints, before.runs)

    # What goes wrong from now on is seen.
    _, later = look(destination, TODAY + timedelta(days=4))
    assert f"the latest complete results are from {TODAY - timedelta(days=1)}" in later.faults

    # The next run forgets the days, to read them when they come.
    report = daily(destination)
    assert (report.exit_code, report.notes[:2]) == (
        ExitCode.COMPLETE,
        [
            "racecards: 3 days recorded while the clock was ahead are requested again",
            "results: 3 days recorded while the clock was ahead are requested again",
        ],
    )
    assert coverage(destination) == sound


@pytest.mark.usefixtures("tables_there")
def test_status_and_calendar_leave_them_out_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    note_days_ahead("duckdb")
    monkeypatch.setattr("pipelines.clock.uk_today", lambda: TODAY)
    assert [_main(["coverage"]), _main(["status"])] == [0, 0]
    printed = capsys.readouterr().out
    assert f"warning: results: 3 {DAYS_LEFT_OUT}" in printed
    assert str(AHEAD.year) not in printed


def test_freshness_knows_no_day_that_is_not_over(destination: str) -> None:
    today = uk_today()
    days = {
        ("results", -1): "complete",
        ("results", 0): "complete",
        ("results", 1): "open",
        ("racecards", -1): "complete",
        ("racecards", 7): "open",
        ("racecards", 8): "open",
    }
    for (endpoint, ahead), status in days.items():
        noted = "now()" if ahead < 8 else "now() + INTERVAL '365 days'"
        tables_in(destination).run(
            "INSERT INTO ra_coverage (endpoint, date, status, loaded_at, _dlt_load_id) VALUES "
            f"('{endpoint}', '{today + timedelta(days=ahead)}', '{status}', {noted}, '')"
        )
    found = rows_of(
        destination,
        "SELECT endpoint, last_day, last_complete_day, days_behind, last_asked_at < now() "
        "FROM freshness ORDER BY endpoint",
    )
    yesterday = today - timedelta(days=1)
    assert found == [
        ("racecards", today + timedelta(days=7), yesterday, 1, True),
        ("results", yesterday, yesterday, 1, True),
    ]


@pytest.mark.usefixtures("tables_there")
def test_cursor_that_is_years_ahead_filters_no_day() -> None:
    said = [CARD_RACES, RESULT_RACES]
    daily("duckdb")
    before = contents("duckdb", said, SYSTEM_COLUMNS)
    with dlt.attach("racing").managed_state(extract_state=True) as state:
        for cursor in cursors(state):
            cursor["last_value"] = str(AHEAD)
    tables_in("duckdb").run(*(f"DELETE FROM {table}" for table in (*said, "ra_coverage")))
    assert daily("duckdb").exit_code == ExitCode.COMPLETE
    assert [cursor["last_value"] for cursor in cursors(dlt.attach("racing").state)] == [
        str(AHEAD)
    ] * len(said)
    assert len(coverage("duckdb")) == 6
    assert all(before.values())
    assert contents("duckdb", said, SYSTEM_COLUMNS) == before


def cursors(state: Any) -> list[dict[str, Any]]:
    """Return dlt's cursors: of the races of cards, and of results."""
    return [
        resource["incremental"]["date"]
        for source in state["sources"].values()
        for resource in source["resources"].values()
    ]
