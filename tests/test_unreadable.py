"""A column that becomes unreadable is an alarm, of the run and of health; one odd value is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from pipelines.api.endpoints import RACECARDS, RESULTS
from pipelines.database import connection as connection_module
from pipelines.database.reader import Reader
from pipelines.report import ExitCode, Report, unreadable_fields
from pipelines.settings import load_settings
from pipelines.status.health import health_of
from pipelines.status.state import state_of
from pipelines.tables.courses import COURSES
from tests.jobs import load_days, point_to, run_job, tables_in
from tests.replay import Record, Replay, replaying
from tests.test_mapping import DAY, card, entry, finisher, mapped, result

TODAY = DAY + timedelta(days=1)
PRICES = "results[].runners[].sp_dec"


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    with replaying(Replay()) as server:
        point_to(monkeypatch, server.url)
        yield server


def outcome(*prices: str) -> Record:
    """Return a result with a starter for each price."""
    runners = [
        finisher(horse_id=f"hrs_{place}", position=str(place), sp_dec=price)
        for place, price in enumerate(prices, 1)
    ]
    return result(*runners, region="GB", date=str(DAY))


def load(destination: str) -> Report:
    return load_days(destination, TODAY, DAY, DAY, only="results")


def warnings_and_faults(destination: str) -> tuple[list[str], list[str]]:
    """What health says of unreadable values."""
    reader, settings = Reader(destination), load_settings(with_credentials=False)
    health = health_of(reader, state_of(reader, TODAY), settings)
    return tuple(
        [one for one in said if "unreadable" in one] for said in (health.facts, health.faults)
    )  # type: ignore[return-value]


def test_prices_that_nobody_can_read_fail_the_run_and_health(
    replay: Replay, destination: str
) -> None:
    replay.results.append(outcome(*["on request"] * 8))
    report = load(destination)
    alarm = f"{PRICES}: 8 of 8 values unreadable (ra_race_results.starting_price_decimal)"
    assert (report.exit_code, report.errors) == (ExitCode.INCOMPLETE, [alarm])
    assert report.unreadable[f"{PRICES} -> ra_race_results.starting_price_decimal"] == 8
    assert warnings_and_faults(destination) == (
        [],
        [f"the last run (manual) ended with 1: {alarm}", alarm],
    )

    # It is one as long as no run has read the field better, whatever else has run since.
    later = run_job("manual", destination, TODAY, [COURSES])
    assert (later.exit_code, later.values["courses[].id -> ra_mst_courses.id"]) == (0, 1)
    assert warnings_and_faults(destination) == ([], [alarm])
    replay.results[:] = [outcome(*["5.50"] * 8)]
    assert load(destination).exit_code == ExitCode.COMPLETE
    assert warnings_and_faults(destination) == ([], [])


def test_one_odd_value_is_a_warning(replay: Replay, destination: str) -> None:
    replay.results.append(outcome("5.50", "on request", "3.00"))
    report = load(destination)
    assert (report.exit_code, report.errors) == (ExitCode.COMPLETE, [])
    (warning,), faults = warnings_and_faults(destination)
    assert warning.startswith(f"{PRICES}: 1 of 3 values unreadable (")
    assert faults == []


@pytest.mark.usefixtures("tables_there")
def test_share_is_a_setting(replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    replay.results.append(outcome(*["5.50"] * 6, *["on request"] * 4))
    monkeypatch.setenv("SOURCES__RACING_API__UNREADABLE_SHARE", "0.5")
    report = load("duckdb")
    assert (report.exit_code, report.errors) == (ExitCode.COMPLETE, [])


@pytest.mark.parametrize(
    ("values", "unreadable", "is_too_much"),
    [(3, 1, False), (3, 2, False), (3, 3, True), (60, 3, False), (59, 3, True), (100, 6, True)],
)
def test_one_in_three_proves_nothing(values: int, unreadable: int, is_too_much: bool) -> None:
    (found,) = unreadable_fields({"f -> t.c": values}, {"f -> t.c": unreadable})
    assert found.is_too_much(0.05) == is_too_much


def test_values_are_counted_where_they_are_decided_and_blank_ones_are_not() -> None:
    runners = [entry(horse_id=f"hrs_{n}", ofr=ofr) for n, ofr in enumerate(["77", "-", "", "x"])]
    found = mapped(RACECARDS, card(*runners, prize="a lot")).found
    counted = {
        "racecards[].runners[].ofr -> ra_runners.official_rating": (2, 1),
        "racecards[].race_id -> ra_runners.race_id": (1, 0),
        "racecards[].runners[].horse_id -> ra_runners.horse_id": (4, 0),
    }
    assert {name: (found.values[name], found.unreadable[name]) for name in counted} == counted


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"horse_id": ""}, "racecards[].runners[].horse_id -> ra_runners"),
        ({"odds": "none"}, "racecards[].runners[].odds -> ra_runner_odds"),
        ({"trainer_14_days": "none"}, "racecards[].runners[].trainer_14_days -> ra_runners"),
    ],
)
def test_ids_and_lists_that_cannot_be_used_are_counted_too(
    changes: dict[str, Any], name: str
) -> None:
    runners = [entry(horse_id=f"hrs_{number}") for number in range(4)]
    found = mapped(RACECARDS, card(*runners, entry(**{"horse_id": "hrs_9"} | changes))).found
    assert (found.values[name], found.unreadable[name]) == (5, 1)


def test_row_lost_for_want_of_a_value_is_counted() -> None:
    found = mapped(
        RESULTS, result(finisher(), date=None), result(finisher(), race_id="rac_2")
    ).found
    name = "results[].date -> ra_races.date"
    assert (found.values[name], found.unreadable[name]) == (2, 1)


def test_what_a_retried_load_reads_again_is_counted_once(
    replay: Replay,
    destination: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if destination == "postgres":  # refuses a value, so its load is tried again without it
        tables_in(destination).run("ALTER TABLE ra_runners ADD CHECK (horse_name <> 'Refused')")
    else:  # wants more memory
        monkeypatch.setattr(connection_module, "DUCKDB_MEMORY", 1)
    refused = entry(horse_id="hrs_2", horse="Refused", ofr="heavy")
    replay.racecards.append(card(entry(ofr="light"), refused, date=str(DAY)))
    report = load_days(destination, TODAY, DAY, DAY, only="racecards")
    expected = Counter({"ra_runners racecards[].runners[].ofr unreadable": 2})
    if destination == "postgres":
        expected["ra_runners racecards[].runners[].horse refused by the database"] = 1
    assert report.issues == expected
    assert report.unreadable == {"racecards[].runners[].ofr -> ra_runners.official_rating": 2}
