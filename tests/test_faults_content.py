"""Answers that change, contradict themselves or hold nonsense: what the tables say afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.report import Report
from pipelines.tables import TABLES
from tests.jobs import (
    business_rows,
    contents,
    coverage,
    load_days,
    point_to,
)
from tests.replay import Record, Replay, replaying
from tests.test_mapping import card, entry, finisher, price, result

# What a rule in Python decides is shown on one database; test_two_databases.py holds the two equal.
ON_ONE_DATABASE = pytest.mark.parametrize("destination", ["duckdb"], indirect=True)

DAY = date(2025, 6, 21)
TODAY = DAY + timedelta(days=1)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    with replaying(Replay()) as server:
        point_to(monkeypatch, server.url)
        yield server


def load(destination: str, first: date = DAY, last: date | None = None, only: str = "") -> Report:
    """Load days in one chunk; only cards or only results if one is named."""
    return load_days(destination, TODAY, first, last or first, only)


def rows(destination: str, table: str) -> list[dict[str, Any]]:
    return contents(destination, [TABLES[table]])[table]


def runner_keys(destination: str) -> set[str]:
    """Return each runner, named race/horse."""
    return {f"{row['race_id']}/{row['horse_id']}" for row in rows(destination, "ra_runners")}


def race(number: int, *horses: int, day: date = DAY, **changes: Any) -> Record:
    """Return a card that says nothing of what was before it."""
    lists = ("odds", "quotes", "medical", "prev_trainers", "prev_owners")
    nothing: Record = {name: [] for name in lists}
    runners = [entry(horse_id=f"hrs_{horse}", **nothing) for horse in horses]
    return card(*runners, race_id=f"rac_{number}", date=day.isoformat(), **changes)


AS_ON_CARD = {
    "course": "Foolscap (AW)", "course_id": "crs_7", "class": "Class 4", "sex_rest": "F&M",
    "dist_y": "2217",
}  # fmt: skip
"""What a result says of the race that the cards of these tests declare."""


def outcome(number: int, *horses: int, day: date = DAY, **changes: Any) -> Record:
    """Return a result, the horses in the order in which they finished."""
    runners = [
        finisher(horse_id=f"hrs_{horse}", position=str(place))
        for place, horse in enumerate(horses, 1)
    ]
    about = {"race_id": f"rac_{number}", "date": day.isoformat(), "region": "GB"}
    return result(*runners, **about, **AS_ON_CARD | changes)


# Cards and results


def test_old_card_after_the_result_changes_no_column_of_the_result(
    replay: Replay, destination: str
) -> None:
    replay.racecards.append(race(1, 1, 2))
    replay.results.append(outcome(1, 1))
    load(destination)
    before = contents(destination)
    load(destination, only="racecards")
    assert contents(destination) == before


# Races that leave, or move


def test_race_that_left_the_card_of_today_or_later_takes_its_runners_along(
    replay: Replay, destination: str
) -> None:
    days = (DAY, TODAY, TOMORROW)
    left = [race(number, number, day=day) for number, day in enumerate(days)]
    replay.racecards += [*left, *(race(number + 3, 9, day=day) for number, day in enumerate(days))]
    load(destination, DAY, TOMORROW, only="racecards")
    for gone in left:
        replay.racecards.remove(gone)
    load(destination, DAY, TOMORROW, only="racecards")

    stays = {"rac_0/hrs_0", "rac_3/hrs_9", "rac_4/hrs_9", "rac_5/hrs_9"}
    assert runner_keys(destination) == stays
    assert len(rows(destination, "ra_races")) == 6


def test_race_with_a_result_that_left_the_card_keeps_its_runners(
    replay: Replay, destination: str
) -> None:
    replay.racecards += [race(1, 1, day=TODAY), race(2, 2, day=TODAY)]
    replay.results.append(outcome(1, 1, day=TODAY))
    load(destination, TODAY)
    before = rows(destination, "ra_runners")
    replay.racecards.pop(0)
    load(destination, TODAY, only="racecards")
    assert rows(destination, "ra_runners") == before


@ON_ONE_DATABASE
@pytest.mark.parametrize("fault", ["partial", "empty", "without an id", "without a date"])
def test_race_missing_from_an_answer_that_may_not_be_whole_keeps_its_runners(
    replay: Replay, destination: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay.racecards += [race(1, 1, day=TOMORROW), race(2, 2, day=TOMORROW)]
    load(destination, TOMORROW, only="racecards")
    if fault == "empty":
        replay.racecards.clear()
    elif fault == "partial":
        replay.racecards.pop()
        whole = replay.answer
        monkeypatch.setattr(replay, "answer", lambda path, query: _two(whole(path, query)))
    elif fault == "without an id":
        replay.racecards[1]["race_id"] = None
    else:
        dateless = {**replay.racecards.pop(), "date": "soon"}
        whole = replay.answer
        monkeypatch.setattr(
            replay, "answer", lambda path, query: _with(whole(path, query), dateless)
        )
    load(destination, TOMORROW, only="racecards")
    assert runner_keys(destination) == {"rac_1/hrs_1", "rac_2/hrs_2"}


def _two(answer: tuple[int, Any]) -> tuple[int, Any]:
    return answer[0], {**answer[1], "total": 2}


def _with(answer: tuple[int, Any], record: Record) -> tuple[int, Any]:
    if "racecards" not in answer[1]:
        return answer
    return answer[0], {**answer[1], "racecards": [*answer[1]["racecards"], record], "total": 2}


@ON_ONE_DATABASE
def test_runner_without_an_id_for_once_takes_nobody_off_the_card_or_the_result(
    replay: Replay, destination: str
) -> None:
    replay.racecards.append(race(1, 1, 2))
    replay.results.append(outcome(1, 1, 2))
    load(destination)
    before = business_rows(destination)
    replay.racecards[0]["runners"][0]["horse_id"] = None
    replay.results[0]["runners"][0]["horse_id"] = None
    load(destination)
    sums = ("ra_races", "ra_card_races", "ra_result_races")
    without_sums = {name: found for name, found in before.items() if name not in sums}
    assert without_sums.items() <= business_rows(destination).items()
    assert len(rows(destination, "ra_issues")) == 2


@ON_ONE_DATABASE
@pytest.mark.parametrize("days", [(DAY, TODAY), (TODAY, DAY), ()], ids=str)
def test_race_moved_to_a_later_day_is_one_row_under_that_day(
    replay: Replay, destination: str, days: tuple[date, ...]
) -> None:
    replay.racecards += [race(1, 1, 2), race(2, 3)]
    load(destination, only="racecards")
    replay.racecards.append(race(1, 1, 4, day=TODAY))  # the old day goes on listing it
    for day in (*days, *days):
        load(destination, day, only="racecards")
    if not days:
        load(destination, DAY, TODAY, only="racecards")
    before = contents(destination)

    assert [(row["id"], row["date"]) for row in rows(destination, "ra_races")] == [
        ("rac_1", TODAY),
        ("rac_2", DAY),
    ]
    runners = [(row["id"], row["race_date"]) for row in rows(destination, "ra_runners")]
    assert runners == [("rac_1_hrs_1", TODAY), ("rac_1_hrs_4", TODAY), ("rac_2_hrs_3", DAY)]
    load(destination, DAY, TODAY, only="racecards")
    assert contents(destination) == before


@ON_ONE_DATABASE
def test_race_brought_forward_is_one_row_under_the_earlier_day(
    replay: Replay, destination: str
) -> None:
    replay.racecards += [race(1, 1, day=TOMORROW), race(2, 2, day=TOMORROW)]
    load(destination, TODAY, TOMORROW, only="racecards")
    replay.racecards[0]["date"] = TODAY.isoformat()
    load(destination, TODAY, TOMORROW, only="racecards")
    days = [(row["id"], row["race_date"]) for row in rows(destination, "ra_runners")]
    assert days == [("rac_1_hrs_1", TODAY), ("rac_2_hrs_2", TOMORROW)]


# Results that change


@ON_ONE_DATABASE
def test_amended_result_replaces_what_it_said(replay: Replay, destination: str) -> None:
    replay.results.append(outcome(1, 1, 2))
    load(destination, only="results")
    first, second = replay.results[0]["runners"]
    first |= {"position": "2", "sp": "11/4", "jockey": "B Nib", "jockey_id": "jky_2"}
    second |= {"position": "1", "owner": "New Hands", "owner_id": "own_2"}
    load(destination, only="results")

    found = rows(destination, "ra_race_results")
    names = ("horse_id", "position", "starting_price", "jockey_id", "owner_name")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("hrs_1", 2, "11/4", "jky_2", "The Stationers Co"),
        ("hrs_2", 1, "9/2", "jky_1", "New Hands"),
    ]
    runners = rows(destination, "ra_runners")
    assert [row["position"] for row in runners] == [2, 1]


@ON_ONE_DATABASE
def test_jockey_and_owner_changed_on_the_card_are_the_new_ones(
    replay: Replay, destination: str
) -> None:
    replay.racecards.append(race(1, 1, day=TODAY))
    load(destination, TODAY, only="racecards")
    new = {"jockey": "B Nib(3)", "jockey_id": "jky_2", "owner": "New Hands", "owner_id": "own_2"}
    replay.racecards[0]["runners"][0] |= new
    load(destination, TODAY, only="racecards")
    [row] = rows(destination, "ra_runners")
    names = ("jockey_id", "jockey_name", "jockey_claim_lbs", "owner_id", "owner_name")
    assert [row[name] for name in names] == ["jky_2", "B Nib", 3, "own_2", "New Hands"]


# Nonsense


LONG = "x" * 10_000


@ON_ONE_DATABASE
def test_key_too_long_for_an_index_is_kept_whole_as_an_issue(
    replay: Replay, destination: str
) -> None:
    lost = {
        "ra_runners": entry(horse_id=LONG),
        "ra_runner_odds": price(bookmaker=LONG),
        "ra_horse_medical": {"date": "2024-07-16", "type": LONG},
    }
    good = entry(odds=[price(), lost["ra_runner_odds"]], medical=[lost["ra_horse_medical"]])
    replay.racecards += [
        card(good, lost["ra_runners"], entry(horse_id="hrs_8", owner_id=LONG)),
        card(race_id=LONG),
    ]
    replay.results.append(result(finisher(), finisher(horse_id=LONG), region="GB", **AS_ON_CARD))
    report = load(destination)

    assert report.errors == []
    found = rows(destination, "ra_issues")
    assert {(row["table_name"], row["problem"]) for row in found} == {
        *((table, "no key") for table in (*lost, "ra_races", "ra_mst_bookmakers")),
        ("ra_runners", "unreadable"),  # the owner's id: the runner is there without it
    }
    assert max(len(row["row_key"]) for row in found) <= 200
    assert [row["id"] for row in rows(destination, "ra_runners")] == ["rac_1_hrs_1", "rac_1_hrs_8"]


@ON_ONE_DATABASE
def test_id_in_odd_spelling_is_the_same_id(replay: Replay, destination: str) -> None:
    odd = {
        "horse_id": " HRS_1\x00 ",
        "trainer_id": "\ufefftrn_1",
        "owner_id": "Own_1\t",
        "jockey_id": "\ud800jky_1",
        "sire_id": "SIR_12",
        "dam_id": "\u00a0dam_11",
        "damsire_id": "dsi_13\u200b",
    }
    replay.racecards.append(card(entry(quotes=[])))
    replay.results.append(result(finisher(), region="GB"))
    load(destination)
    before = contents(destination)
    replay.racecards[0] |= {"race_id": "\u200bRAC_1 "}
    replay.racecards[0]["runners"][0] |= odd
    replay.results[0] |= {"race_id": "Rac_\x001"}
    replay.results[0]["runners"][0] |= odd
    load(destination)
    assert contents(destination) == before


EXTREMES: dict[str, Record] = {
    "no date": {"date": ""},
    "unreadable date": {"date": "0000-06-21"},
    "year of five digits": {"date": "10000-06-21"},
    "second day": {"off_dt": "0001-01-02T00:00:00Z"},
    "last day but one": {"off_dt": "9999-12-30T00:00:00Z"},
    "offset of a day": {"off_dt": "2025-06-21T14:00:00+24:00"},
    "offset of seconds": {"off_dt": "2025-06-21T14:00:00+01:02:03"},
    "no offset": {"off_dt": "2025-06-21T14:00:00"},
    "no region": {"region": None},
    "empty name of a field": {"": LONG},
    "names that cannot be printed": {"\ud800\x00" + LONG: 1},
}


@ON_ONE_DATABASE
def test_race_without_a_date_or_a_region_or_with_an_extreme_time_costs_no_other(
    replay: Replay, destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    races = [
        card(entry(horse_id=f"hrs_{number}"), race_id=f"rac_{number}") | changes
        for number, changes in enumerate(EXTREMES.values(), 1)
    ]
    page = {"racecards": [*races, race(99, 99)], "total": len(races) + 1, "query": []}
    whole = replay.answer
    monkeypatch.setattr(
        replay,
        "answer",
        lambda path, query: (200, page) if "racecards" in path else whole(path, query),
    )
    report = load(destination, only="racecards")
    before = contents(destination)

    assert report.errors == [
        "racecards[].date: 3 of 12 values unreadable "
        "(ra_races.date, ra_runner_odds.race_date, ra_runners.race_date)"
    ]
    assert len(rows(destination, "ra_runners")) == len(EXTREMES) + 1 - 3
    lost = [row["problem"] for row in rows(destination, "ra_issues") if not row["field"]]
    assert set(lost) == {"required value missing"}
    assert ("racecards", DAY.isoformat(), "complete") in coverage(destination)
    load(destination, only="racecards")
    assert contents(destination) == before


@ON_ONE_DATABASE
def test_field_of_megabytes_is_null_and_shown_in_short(replay: Replay, destination: str) -> None:
    huge = "\U0001f40e" * 2_000_000
    replay.racecards.append(card(entry(comment=huge, odds=[]), race_name=huge))
    load(destination, only="racecards")
    [runner], [ran] = rows(destination, "ra_runners"), rows(destination, "ra_races")
    assert (runner["comment"], ran["race_name"]) == (None, "")
    shown = {row["field"]: row["raw_value"] for row in rows(destination, "ra_issues")}
    assert {name: value[-31:] for name, value in shown.items()} == dict.fromkeys(
        ("racecards[].runners[].comment", "racecards[].race_name"),
        '\U0001f40e... 2000000 characters in all"',
    )
