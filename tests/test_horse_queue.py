"""The horse queue: who is asked for, in what order, what becomes of a horse without a profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from unittest.mock import Mock

import pytest

from pipelines.api.endpoints import HORSE_PRO
from pipelines.database.shape import follow_up
from pipelines.report import Report
from pipelines.tables import HORSES, ISSUES, Table
from pipelines.tables.horses import PEDIGREE
from tests.jobs import begun, contents, point_to, run_job, without_courses
from tests.replay import Record, Replay, replaying

TODAY = date(2025, 10, 20)
DAY = "2025-10-14"
RUN: dict[str, Any] = {"start": date(2025, 10, 14), "end": date(2025, 10, 14)}


def result(horses: list[str], race: str = "rac_1") -> Record:
    """Make up a result that names these horses."""
    return {
        "race_id": race, "date": DAY, "region": "GB", "course": "Nowhere", "course_id": "crs_1",
        "off": "2:00", "off_dt": f"{DAY}T14:00:00+01:00", "race_name": "A Race",
        "runners": [
            {"horse_id": horse, "horse": f"Horse {horse} (IRE)", "sex": "G", "position": "1",
             "sire": "Made Up (GB)", "sire_id": "sir_1", "dam": "Of Air (FR)", "dam_id": "dam_1",
             "damsire": "Invented", "damsire_id": "dsi_1"}
            for horse in horses
        ],
    }  # fmt: skip


def card(horses: list[str]) -> Record:
    """Make up a card that names these horses, with what only a card knows."""
    race = result(horses, "rac_2") | {"off_time": "3:00", "off_dt": f"{DAY}T15:00:00+01:00"}
    known = {"dob": "2020-01-01", "colour": "b", "sex": "gelding", "sex_code": "G", "number": "1",
             "breeder": "Nobody", "region": "IRE", "damsire_region": "USA"}  # fmt: skip
    return race | {"runners": [runner | known for runner in race["runners"]]}


def profile(horse: str) -> Record:
    return {
        "id": horse, "name": f"Profiled {horse} (IRE)", "sex": "gelding", "sex_code": "G",
        "dob": "2019-02-03", "colour": "ch", "colour_code": "CH", "breeder": "A Stud",
        "sire": "Made Up (GB)", "sire_id": "sir_1", "dam": "Of Air (FR)", "dam_id": "dam_1",
        "damsire": "Invented (NZ)", "damsire_id": "dsi_1",
    }  # fmt: skip


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    server = Replay(racecards=[card(["hrs_carded"])], results=[result(["hrs_pro", "hrs_none"])])
    for horse in ("hrs_carded", "hrs_pro"):
        server.profiles[f"/v1/horses/{horse}/pro"] = profile(horse)
    with replaying(server):
        point_to(monkeypatch, server.url)
        without_courses(monkeypatch)
        yield server


def load(destination: str, **options: Any) -> Report:
    return run_job("manual", destination, TODAY, **RUN, **options)


def load_day(destination: str) -> None:
    """Load the day and no profile; the tests share one run."""
    begun(destination, __name__, lambda: load(destination, max_horses=0))


def load_all(destination: str) -> None:
    """Load the day and every profile; the tests that begin with it share one run."""

    def go_on_to_profiles() -> None:
        load_day(destination)
        go_on(destination)

    begun(destination, f"{__name__} with profiles", go_on_to_profiles)


def go_on(destination: str, **options: Any) -> Report:
    """Ask for horses again, where the day is loaded."""
    return run_job("backfill", destination, TODAY, **RUN, **options)


def horses(destination: str, table: Table = HORSES) -> dict[str, dict[str, Any]]:
    rows = contents(destination, [table])[table.name]
    return {row[table.key[0]]: row for row in rows}


def asked_horses(replay: Replay) -> list[str]:
    return [path.split("/")[3] for path in replay.asked if "/pro" in path and "horses" in path]


def test_profile_fills_a_horse_known_from_results_and_leaves_a_cards_words_alone(
    replay: Replay, destination: str
) -> None:
    load_day(destination)
    report = go_on(destination)
    found = horses(destination)
    carded, unnamed, missing = found["hrs_carded"], found["hrs_pro"], found["hrs_none"]

    assert (unnamed["name"], unnamed["dob"], unnamed["breeder"], unnamed["colour_code"]) == (
        "Profiled hrs_pro", date(2019, 2, 3), "A Stud", "CH",
    )  # fmt: skip
    assert (carded["name"], carded["dob"], carded["breeder"], carded["colour_code"]) == (
        "Horse hrs_carded", date(2020, 1, 1), "Nobody", "CH",
    )  # fmt: skip
    assert [row["enrichment_status"] for row in (carded, unnamed, missing)] == [
        "pro", "pro", "not_found",
    ]  # fmt: skip
    regions = {key: row["damsire_region"] for key, row in horses(destination, PEDIGREE).items()}
    assert regions == {"hrs_carded": "USA", "hrs_pro": "NZ", "hrs_none": None}
    assert report.horses == {"pro": 2, "not_found": 1, "failed": 0, "waiting": 0}
    assert report.errors == []


def test_least_known_are_asked_for_first_and_a_cap_leaves_the_rest(
    replay: Replay, destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_day(destination)
    report = go_on(destination, max_horses=1)
    assert asked_horses(replay) == ["hrs_none"]
    assert report.horses["waiting"] == 2
    concluded = Mock(wraps=follow_up)
    monkeypatch.setattr("pipelines.database.database.follow_up", concluded)
    go_on(destination, max_horses=1)
    go_on(destination, max_horses=1)
    assert asked_horses(replay) == ["hrs_none", "hrs_pro", "hrs_carded"]
    assert concluded.call_count == 2, "each run begins so, and its profiles say nothing of runners"


def test_waiting_horses_say_how_much_is_known_of_them(replay: Replay, destination: str) -> None:
    load_day(destination)
    statuses = {key: row["enrichment_status"] for key, row in horses(destination).items()}
    assert statuses == {"hrs_carded": "racecard", "hrs_pro": "pending", "hrs_none": "pending"}


def test_standard_profile_is_taken_where_pro_has_none(replay: Replay, destination: str) -> None:
    standard = {
        key: value
        for key, value in profile("hrs_none").items()
        if key not in ("sex", "sex_code", "dob", "colour", "colour_code", "breeder")
    }
    replay.profiles["/v1/horses/hrs_none/standard"] = standard
    load_day(destination)
    go_on(destination)
    row = horses(destination)["hrs_none"]
    assert (row["enrichment_status"], row["name"], row["dob"]) == (
        "standard", "Profiled hrs_none", None,
    )  # fmt: skip


def test_horse_without_a_profile_is_asked_for_again_after_thirty_days(
    replay: Replay, destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_all(destination)
    replay.asked.clear()
    go_on(destination)
    assert asked_horses(replay) == []
    later = replace(HORSE_PRO, good_for=timedelta(days=-1))
    monkeypatch.setattr("pipelines.plan.horses.HORSE_PRO", later)
    go_on(destination)
    assert asked_horses(replay) == ["hrs_none"]


def test_profile_loaded_again_changes_nothing(replay: Replay, destination: str) -> None:
    load_all(destination)
    before = contents(destination)
    load(destination)
    assert contents(destination) == before


def test_what_is_wrong_with_a_profile_is_an_issue_and_costs_nothing_else(
    replay: Replay, destination: str
) -> None:
    replay.profiles["/v1/horses/hrs_pro/pro"] |= {"dob": "some day", "moon": "full"}
    load_day(destination)
    report = go_on(destination)
    issues = contents(destination, [ISSUES])["ra_issues"]

    assert [(i["table_name"], i["row_key"], i["field"], i["raw_value"]) for i in issues] == [
        ("ra_mst_horses", "hrs_pro", "dob", '"some day"')
    ]
    assert report.unknown_fields["moon"] == 1
    row = horses(destination)["hrs_pro"]
    assert (row["dob"], row["breeder"]) == (None, "A Stud")
