"""An empty list for a day that had racing: requested once more, then noted, and never believed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.database.database import Database
from pipelines.report import ExitCode, Report
from pipelines.tables import TABLES
from tests.jobs import contents, point_to, run_job, without_courses
from tests.replay import Mistaken, Record, replaying

TODAY = date(2025, 10, 20)
FULL, BARE, UNCARDED, ABANDONED, FREE, BROKEN = (
    TODAY - timedelta(days=back) for back in range(1, 7)
)
WINDOW: dict[str, Any] = {"start": BROKEN, "end": TODAY, "max_horses": 0}
NO_RESULTS = "no results were sent, although the racecards show racing or have failed"
NO_CARDS = "no racecards were sent, although the results show racing or have failed"
COVERAGE = TABLES["ra_coverage"]


def race(day: date, **fields: Any) -> Record:
    number = day.toordinal()
    runner = {"horse_id": f"hrs_{number}", "horse": "Arkle", "position": "1"}
    own = {"race_id": f"rac_{number}", "date": day.isoformat(), "region": "GB"}
    return {**own, "runners": [runner], **fields}


def empty(times: int, name: str, **fields: Any) -> tuple[int, int, Record]:
    """So many times an empty list."""
    return times, 200, {name: [], "total": 0, **fields}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mistaken]:
    """Serve cards and results for each day, but for one without racing and one abandoned."""
    cards = [race(day) for day in (TODAY, FULL, BARE, UNCARDED, BROKEN)]
    cards.append(race(ABANDONED, is_abandoned=True))
    results = [race(day) for day in (FULL, BARE, UNCARDED, BROKEN)]
    with replaying(Mistaken(racecards=cards, results=results)) as mistaken:
        point_to(monkeypatch, mistaken.url)
        without_courses(monkeypatch)
        assert isinstance(mistaken, Mistaken)
        yield mistaken


def backfill(destination: str, **window: Any) -> Report:
    return run_job("backfill", destination, TODAY, **{**WINDOW, **window})


def noted(destination: str) -> dict[tuple[str, date], tuple[str, str | None]]:
    """Status and reason of each day that is not complete."""
    rows = contents(destination, [COVERAGE])["ra_coverage"]
    return {
        (row["endpoint"], row["date"]): (row["status"], row["reason"])
        for row in rows
        if row["status"] != "complete" and row["date"] < TODAY
    }


def test_empty_list_is_requested_again_then_noted_and_the_next_run_completes_it(
    server: Mistaken, destination: str
) -> None:
    server.instead = {
        ("results", FULL): empty(1, "results"),
        ("results", BARE): empty(9, "results"),
        ("racecards", UNCARDED): empty(9, "racecards"),
    }
    report = backfill(destination)
    missing = {("racecards", UNCARDED): NO_CARDS, ("results", BARE): NO_RESULTS}
    assert report.exit_code == ExitCode.INCOMPLETE
    assert sorted(report.missing) == [
        f"{endpoint} {day}: partial, {reason}" for (endpoint, day), reason in missing.items()
    ]
    assert noted(destination) == {day: ("partial", reason) for day, reason in missing.items()}
    twice = {*missing, ("results", FULL), ("results", ABANDONED)}
    twice |= {("racecards", FREE), ("results", FREE)}
    assert {question for question, times in server.calls.items() if times > 1} == twice
    assert max(server.calls.values()) == 2
    assert ("results", TODAY) in server.calls  # and once: it may have none yet

    server.instead.clear()
    server.calls.clear()
    assert backfill(destination).missing == []
    assert noted(destination) == {}
    assert {question for question in server.calls if question[1] < TODAY} == {*missing}


def test_empty_list_that_the_other_endpoint_cannot_confirm_is_not_believed(
    server: Mistaken, destination: str
) -> None:
    server.instead = {
        ("results", BARE): empty(9, "results"),
        ("racecards", BARE): (9, 200, {"racecards": None}),
        ("racecards", FULL): empty(9, "racecards"),
        ("results", FULL): (9, 503, {}),
    }
    report = backfill(destination, start=BARE, end=FULL)
    assert report.exit_code == ExitCode.INCOMPLETE
    assert noted(destination) == {
        ("results", BARE): ("partial", NO_RESULTS),
        ("racecards", BARE): (
            "failed",
            "/v1/racecards/pro answered without a list of racecards, on every attempt.",
        ),
        ("racecards", FULL): ("partial", NO_CARDS),
        ("results", FULL): ("failed", "/v1/results answered 503 on every attempt."),
    }
    server.instead = {}
    assert backfill(destination, start=BARE, end=FULL).missing == []
    assert noted(destination) == {}


def test_day_without_racing_is_complete_as_soon_as_the_other_endpoint_confirms_it(
    server: Mistaken, destination: str
) -> None:
    server.instead = {("results", FREE): (9, 503, {})}
    assert backfill(destination, start=FREE, end=FREE).exit_code == ExitCode.INCOMPLETE
    assert noted(destination)["racecards", FREE] == ("partial", NO_CARDS)
    server.instead.clear()
    report = backfill(destination, start=FREE, end=FREE)
    assert (report.missing, noted(destination)) == ([], {})


def test_days_noted_as_complete_against_the_other_endpoint_are_requested_again(
    server: Mistaken, destination: str
) -> None:
    server.results.clear()
    first = backfill(destination, start=BARE, end=FULL)
    assert noted(destination).keys() == {("results", BARE), ("results", FULL)}
    Database(destination).rows("UPDATE ra_coverage SET status = 'complete', reason = NULL")
    server.results += [race(BARE), race(FULL)]
    second = backfill(destination, start=BARE, end=FULL)
    assert (first.exit_code, second.missing) == (ExitCode.INCOMPLETE, [])
    assert second.tables["ra_race_results"].new == 2


@pytest.mark.usefixtures("tables_there")
@pytest.mark.parametrize("key", ["error", "detail"])
def test_list_with_an_error_beside_it_is_no_list(
    key: str, server: Mistaken, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.instead = {
        ("results", BARE): empty(2, "results", **{key: "no shard"}),
        ("results", FULL): empty(99, "results", **{key: "no shard"}),
    }
    report = backfill("duckdb", start=BARE, end=FULL)
    assert server.calls["results", BARE] == 3
    told = "/v1/results answered with an error: no shard, on every attempt."
    assert report.missing == [f"results {FULL}: failed, {told}"]
