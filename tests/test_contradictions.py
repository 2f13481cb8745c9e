"""Where card and result, or two days, contradict each other about one race."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from pipelines.database.reader import Reader
from pipelines.report import ExitCode
from pipelines.status.checks import findings
from tests.jobs import contents, coverage, point_to, rows_of
from tests.replay import Record, Replay, replaying
from tests.test_faults_content import DAY, ON_ONE_DATABASE, TODAY, load, outcome, race, rows

TABLES_OF_RACES = ("ra_races", "ra_runners", "ra_race_results")


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    with replaying(Replay()) as server:
        point_to(monkeypatch, server.url)
        yield server


def issues(destination: str) -> list[tuple[str, str, str, Any]]:
    """Return key, field, problem and content of each issue."""
    return [
        (row["row_key"], row["field"], row["problem"], json.loads(row["raw_value"]))
        for row in rows(destination, "ra_issues")
    ]


def errors(destination: str) -> set[str]:
    """Return the names of the checks that find an error."""
    return {one.check.name for one in findings(Reader(destination)) if one.check.is_error}


# An id that comes again for another race


def other(*horses: int, day: date = TODAY) -> tuple[Record, Record]:
    """Return card and result of another race with the id of the first."""
    about = {"course": "Otherton", "course_id": "crs_9", "race_name": "Another Race"}
    about |= {"date": day.isoformat()}
    return race(1, *horses) | about, outcome(1, *horses) | about


def days_of(destination: str) -> set[tuple[Any, ...]]:
    """Return of each row of a race its table, course or horse, and day."""
    return {
        (table, row.get("course_id", row.get("horse_id")), row.get("race_date", row.get("date")))
        for table in TABLES_OF_RACES
        for row in rows(destination, table)
    }


SECOND = {
    ("ra_races", "crs_9", TODAY),
    *((table, horse, TODAY) for table in TABLES_OF_RACES[1:] for horse in ("hrs_3", "hrs_4")),
}


def test_race_id_that_comes_again_is_the_new_race_alone(replay: Replay, destination: str) -> None:
    replay.racecards.append(race(1, 1, 2))
    replay.results.append(outcome(1, 1, 2, comments="Stewards"))
    load(destination)
    was = {name: rows(destination, name) for name in TABLES_OF_RACES}

    card, result = other(3, 4)
    replay.racecards[:], replay.results[:] = [card], [result]
    assert load(destination, DAY, TODAY).exit_code == ExitCode.COMPLETE
    assert days_of(destination) == SECOND
    assert rows(destination, "ra_races")[0]["comments"] is None
    [(key, field, problem, raw)] = issues(destination)
    assert (key, field, problem) == (f"rac_1/{DAY}", "", "its id belongs to another race now")
    assert {table: len(found) for table, found in raw.items()} == {
        "ra_races": 1, "ra_runners": 2, "ra_card_races": 1, "ra_card_runners": 2,
        "ra_result_races": 1, "ra_race_results": 2,
    }  # fmt: skip
    assert raw["ra_races"][0]["comments"] == was["ra_races"][0]["comments"] == "Stewards"
    assert {status for *_, status in coverage(destination)} == {"complete", "open"}
    assert errors(destination) == set()

    before = contents(destination)
    load(destination, DAY, TODAY, only="results")
    assert contents(destination) == before


@pytest.mark.parametrize(
    ("days", "only"), [((DAY, TODAY), "results"), ((TODAY, DAY), ""), ((), "")], ids=str
)
@ON_ONE_DATABASE
def test_race_id_that_two_days_list_is_the_later_race_in_any_order(
    replay: Replay, destination: str, days: tuple[date, ...], only: str
) -> None:
    card, result = other(3, 4)
    replay.racecards += [race(1, 1, 2), card]
    replay.results += [outcome(1, 1, 2), result]
    for day in days:
        load(destination, day, only=only)
    if not days:
        load(destination, DAY, TODAY, only=only)
    before = contents(destination)
    assert days_of(destination) == SECOND
    assert {(key, problem) for key, _, problem, _ in issues(destination)} == {
        (f"rac_1/{DAY}", "its id belongs to another race now")
    }
    assert errors(destination) == set()
    load(destination, DAY, TODAY, only=only)
    assert contents(destination) == before


def test_race_whose_result_has_another_day_keeps_both(replay: Replay, destination: str) -> None:
    replay.racecards.append(race(1, 1, 2))
    replay.results.append(outcome(1, 1, 2, day=TODAY))
    load(destination, DAY, only="racecards")
    load(destination, TODAY, only="results")
    before = contents(destination)
    runners = [
        (row["race_date"], row["form"], row["finish_status"])
        for row in rows(destination, "ra_runners")
    ]
    assert runners == [(DAY, "1/44-2", "finished")] * 2
    load(destination, DAY, only="racecards")
    assert contents(destination) == before
    told = rows(destination, "ra_runners")
    replay.racecards[:] = [race(2, 3)]
    load(destination, DAY, only="racecards")
    assert rows(destination, "ra_runners")[:2] == told


def test_race_that_moves_with_most_of_its_runners_is_the_same_race(
    replay: Replay, destination: str
) -> None:
    replay.racecards.append(race(1, 1, 2, 3))
    load(destination, only="racecards")
    replay.racecards[0] = race(1, 1, 2, 4, day=TODAY, course_id="crs_9")
    load(destination, DAY, TODAY, only="racecards")
    assert issues(destination) == []
    loaded = rows_of(destination, "SELECT date, status, loaded FROM ra_coverage ORDER BY 1")
    assert loaded == [(DAY, "complete", 0), (TODAY, "open", 1)]


# What was declared, and what was run


RUN_AS = {
    "off_dt": "2025-06-21T14:25:00+01:00",
    "going": "Heavy",
    "class": "Class 3",
    "dist_y": "3300",
}


@pytest.mark.parametrize("order", [("racecards", "results"), ("results", "racecards")], ids=str)
def test_result_that_differs_from_its_card_is_an_issue_for_each_fact(
    replay: Replay, destination: str, order: tuple[str, str]
) -> None:
    replay.racecards += [race(1, 1), race(2, 2)]
    near = {"off_dt": "2025-06-21T14:04:00+01:00", "going": "STANDARD", "dist_y": "2218"}
    replay.results += [outcome(1, 1) | RUN_AS, outcome(2, 2) | near]
    for endpoint in order:
        report = load(destination, only=endpoint)
        assert report.exit_code == ExitCode.COMPLETE
    assert [(key, field, raw) for key, field, _, raw in issues(destination)] == [
        ("rac_1", "results[].class", "Class 3"),
        ("rac_1", "results[].dist_y", 3300),
        ("rac_1", "results[].going", "Heavy"),
        ("rac_1", "results[].off_dt", "2025-06-21T13:25:00+00:00"),
    ]
    before = contents(destination)
    load(destination, only=order[0])
    assert contents(destination) == before


# A race that its card calls abandoned


def test_abandoned_race_that_horses_finished_was_run(replay: Replay, destination: str) -> None:
    replay.racecards += [race(number, number, is_abandoned=True) for number in (1, 2, 3)]
    replay.results += [outcome(1, 1), outcome(2, 2)]
    replay.results[1]["runners"][0]["position"] = "PU"
    load(destination)
    assert rows_of(destination, "SELECT race_id FROM runs") == [("rac_1",)]
    assert rows_of(destination, "SELECT races, races_abandoned FROM coverage_by_day") == [(3, 1)]
    [found] = [one for one in findings(Reader(destination)) if one.check.name.startswith("aband")]
    assert {row["race_id"] for row in found.rows} == {"rac_1", "rac_2"}
