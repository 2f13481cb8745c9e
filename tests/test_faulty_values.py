"""An unknown field, an unparseable value, a missing key: reported, not fatal, nothing else lost."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipelines.report import ExitCode
from pipelines.sandbox import SandboxOptions, running
from pipelines.tables import ISSUES
from tests.jobs import Contents, begun, business_rows, contents, load_days, point_to
from tests.replay import Record, Replay, replaying

TODAY = date(2025, 10, 20)
DAY = date(2025, 10, 14)


@pytest.fixture(scope="module")
def made_up() -> tuple[list[Record], list[Record]]:
    """Cards and results of one small day of the sandbox, as its server sends them."""
    import requests

    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02)) as sandbox:

        def ask(path: str, **parameters: Any) -> Any:
            query = {**parameters, "limit": 100}
            auth = ("sandbox", "sandbox")
            return requests.get(sandbox.url + path, query, auth=auth, timeout=10).json()

        iso = DAY.isoformat()
        cards = ask("/v1/racecards/pro", date=iso, region_codes=["gb", "ire"])["racecards"]
        results = ask("/v1/results", start_date=iso, end_date=iso, region=["gb", "ire"])["results"]
    return cards[:2], results[:2]


@pytest.fixture
def replay(
    made_up: tuple[list[Record], list[Record]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Replay]:
    cards, results = copy.deepcopy(made_up)
    with replaying(Replay(racecards=cards, results=results)) as server:
        point_to(monkeypatch, server.url)
        yield server


def load(destination: str, only: str) -> tuple[Any, Contents, list[dict[str, Any]]]:
    report = load_days(destination, TODAY, DAY, DAY, only)
    issues = contents(destination, [ISSUES], without={"_dlt_load_id"})["ra_issues"]
    return report, business_rows(destination), issues


def load_as_sent(destination: str) -> Contents:
    """Load what the server begins with; the tests that begin with it share one run."""
    begun(destination, __name__, lambda: load_days(destination, TODAY, DAY, DAY))
    return business_rows(destination)


def test_unknown_fields_are_counted_by_path_and_fail_nothing(
    replay: Replay, destination: str
) -> None:
    before = load_as_sent(destination)
    replay.racecards[0]["moon"] = "full"
    for runner in replay.racecards[0]["runners"]:
        runner["shoes"] = {"front": "steel"}
        runner["odds"][0]["liquidity"] = 7
    report, rows, issues = load(destination, "racecards")

    runners = len(replay.racecards[0]["runners"])
    assert report.unknown_fields == {
        "racecards[].moon": 1,
        "racecards[].runners[].shoes": runners,
        "racecards[].runners[].odds[].liquidity": runners,
    }
    assert (report.exit_code, rows, issues) == (ExitCode.COMPLETE, before, [])


def test_unparseable_value_is_null_and_an_issue_and_nothing_else_changes(
    replay: Replay, destination: str
) -> None:
    race, runner = replay.results[0], replay.results[0]["runners"][0]
    before = load_as_sent(destination)
    runner["sp_dec"] = "five to one"
    race["tote_win"] = "£2.10 £3.40"
    report, rows, issues = load(destination, "results")

    key = f"{race['race_id']}/{runner['horse_id']}"
    assert [(i["table_name"], i["row_key"], i["field"], i["raw_value"]) for i in issues] == [
        ("ra_race_results", key, "results[].runners[].sp_dec", '"five to one"'),
        ("ra_races", race["race_id"], "results[].tote_win", '"£2.10 £3.40"'),
    ]
    assert report.exit_code == ExitCode.COMPLETE
    assert sum(report.issues.values()) == 2
    _blank(before, race["race_id"], runner["horse_id"])
    assert rows == before


def _blank(rows: Contents, race_id: str, horse_id: str) -> None:
    for table in ("ra_runners", "ra_race_results"):
        for row in rows[table]:
            if (row["race_id"], row["horse_id"]) == (race_id, horse_id):
                assert isinstance(row["starting_price_decimal"], Decimal)
                row["starting_price_decimal"] = None
    for table in ("ra_races", "ra_result_races"):
        for row in rows[table]:
            if row["id"] == race_id:
                row["tote_win"] = None


def test_row_without_its_key_is_kept_whole_as_an_issue(replay: Replay, destination: str) -> None:
    lost_runner = replay.racecards[0]["runners"].pop()
    lost_race = replay.racecards.pop()
    before = load(destination, "racecards")[1]
    replay.racecards[0]["runners"].append({**lost_runner, "horse_id": ""})
    replay.racecards.append({key: value for key, value in lost_race.items() if key != "race_id"})
    report, rows, issues = load(destination, "racecards")

    assert rows == before
    assert [(i["table_name"], i["problem"]) for i in issues] == [
        ("ra_races", "no key"),
        ("ra_runners", "no key"),
    ]
    assert json.loads(issues[1]["raw_value"]) == {**lost_runner, "horse_id": ""}
    assert json.loads(issues[0]["raw_value"])["race_name"] == lost_race["race_name"]
    assert (report.errors, report.incomplete) == ([], [])


ODD_VALUES: dict[str, Any] = {
    "NUL": "a\x00b",
    "lone surrogate": "\ud83d",
    "emoji and right-to-left": "\U0001f600 café \u202eabc",
    "long": "x" * 100_000,
    "30 digits": 10**30,
    "list": [],
    "object": {"a": 1},
    "boolean": True,
    "10,000 digits": "9" * 10_000,
    "zero width": "\u200b\ufeff",
    "combining": "e\u0301\u0301\u0301",
    "not a number": float("nan"),
    "infinite": float("-inf"),
    "minus nothing": -0.0,
    "nested": [[["x"]]],
    "five-digit year": "10000-01-01T00:00:00+00:00",
    "no year": "0000-01-01",
    "longer": "x" * 100_001,
}


def test_no_value_costs_the_day(replay: Replay, destination: str) -> None:
    [first, *_], values = replay.racecards[0]["runners"], list(ODD_VALUES.values())
    runners = [{**first, "horse_id": f"hrs_{number}"} for number in range(len(values))]
    replay.racecards[0]["runners"] = runners
    every = [runner for race in replay.racecards for runner in race["runners"]]
    for runner, value in zip(runners, values, strict=True):
        runner |= dict.fromkeys(("lbs", "comment", "jockey", "dob", "sire", "trainer_rtf"), value)
    for number, field in enumerate(("race_name", "distance", "prize", "off_dt", "tip")):
        for race, value in zip(replay.racecards, values[number::2], strict=False):
            race[field] = value
    report, rows, issues = load(destination, "racecards")

    assert report.errors
    assert all("values unreadable" in error for error in report.errors)
    assert len(issues) >= len(ODD_VALUES)
    assert {table: len(rows[table]) for table in ("ra_races", "ra_runners", "ra_runner_odds")} == {
        "ra_races": len(replay.racecards),
        "ra_runners": len(every),
        "ra_runner_odds": sum(len(runner["odds"]) for runner in every),
    }


def test_race_of_another_region_is_left_out_and_counted_and_one_without_is_kept(
    replay: Replay, destination: str
) -> None:
    foreign, unknown = replay.racecards
    foreign["region"], unknown["region"] = "AUS", ""
    report, rows, issues = load(destination, "racecards")

    assert report.other_regions == {"racecards": 1}
    assert [(row["id"], row["region"]) for row in rows["ra_races"]] == [(unknown["race_id"], "")]
    assert {row["race_id"] for row in rows["ra_runners"]} == {unknown["race_id"]}
    assert [(i["table_name"], i["field"], i["problem"]) for i in issues] == [
        ("ra_races", "racecards[].region", "required value missing")
    ]
