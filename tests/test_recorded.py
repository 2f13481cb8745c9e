"""Every recorded response, over real HTTP, through the real pipeline, into both databases.

Expected values were read off the recorded JSON by eye. Long texts are taken from it by the test, so
that they are not repeated here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.database.reader import Reader
from pipelines.plan import modes
from pipelines.report import ExitCode, Report
from pipelines.status.checks import findings
from tests.jobs import Contents, business_rows, point_to, run_job
from tests.replay import Record, Replay, recorded, replaying

PROFILED = "hrs_6181308"
FOUND = ["race_without_results", "same_course_and_time", "unlisted_courses"]
"""What the checks find: cards without a result among the recordings, the race that is made up here
beside the one it is a copy of, and four courses of the list for races at many more."""


@pytest.fixture
def replay(racing_api_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    """Serve the recordings, three results a page."""
    with replaying(recorded(racing_api_folder)) as server:
        regions = '["gb","ire","fr"]'
        point_to(monkeypatch, server.url, results_page_size=3, regions=regions)
        yield server


@pytest.fixture
def loaded(
    replay: Replay, destination: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[Report, Contents, Replay]:
    """Load every recorded day at once, none of those between, and return what became of it."""
    replay.results.append(_result_of_the_profiled_horse(replay.results[0]))
    there = {date.fromisoformat(race["date"]) for race in [*replay.racecards, *replay.results]}
    monkeypatch.setattr(modes, "months", lambda days: [[day for day in days if day in there]])
    first, last = min(there), max(there)
    report = run_job("manual", destination, date(2025, 10, 20), start=first, end=last)
    return report, business_rows(destination), replay


def _result_of_the_profiled_horse(other: Record) -> Record:
    """Make up a race for the one horse whose profile was recorded, so that it is asked for."""
    runner = {
        **other["runners"][0],
        "horse_id": PROFILED,
        "horse": "Flaggan (IRE)",
        "sire": "Stowaway (GB)",
        "sire_id": "sir_3188248",
        "dam": "Zapata I (IRE)",
        "dam_id": "dam_3194996",
        "damsire": "Thatching",
        "damsire_id": "dsi_2117444",
    }
    return {**other, "race_id": "rac_1", "runners": [runner]}


def test_recordings_load_whole(loaded: tuple[Report, Contents, Replay]) -> None:
    report, rows, replay = loaded
    cards = [(race["race_id"], r["horse_id"]) for race in replay.racecards for r in race["runners"]]
    ran = [(race["race_id"], r["horse_id"]) for race in replay.results for r in race["runners"]]
    races = {race["race_id"] for race in [*replay.racecards, *replay.results]}
    odds = sum(len(r["odds"]) for race in replay.racecards for r in race["runners"])

    carded, raced = ({race["date"] for race in some} for some in (replay.racecards, replay.results))
    missing = {("racecards", day) for day in raced - carded}
    missing |= {("results", day) for day in carded - raced}
    assert missing == {
        (entry.endpoint, day.isoformat()) for entry in report.incomplete for day in entry.days
    }
    assert (report.exit_code, report.errors, report.issues, report.unknown_fields) == (
        ExitCode.INCOMPLETE,
        [],
        {},
        {},
    )
    assert {row["id"] for row in rows["ra_races"]} == races
    assert {(row["race_id"], row["horse_id"]) for row in rows["ra_runners"]} == {*cards, *ran}
    assert {(row["race_id"], row["horse_id"]) for row in rows["ra_race_results"]} == set(ran)
    assert len(rows["ra_runner_odds"]) == odds
    assert len(rows["ra_mst_courses"]) == 4

    _check_card_runner(rows, replay)
    _check_non_runner(rows, replay)
    _check_result_runner(rows, replay)
    _check_races(rows, replay)
    _check_horse_of_a_card(rows)
    _check_profiled_horse(rows)
    _check_odds_and_bookmaker(rows)
    _check_plain_values(rows, replay)
    assert [finding.check.name for finding in findings(Reader(report.destination))] == FOUND


def _only(rows: list[dict[str, Any]], **values: object) -> dict[str, Any]:
    (found,) = [row for row in rows if values.items() <= row.items()]
    return found


def _recorded_runner(records: list[Record], horse_id: str) -> Record:
    (found,) = [r for race in records for r in race["runners"] if r["horse_id"] == horse_id]
    return dict(found)


NO_RESULT = dict.fromkeys(
    (
        "position", "position_str", "finish_status", "distance_beaten", "overall_beaten_distance",
        "finishing_time", "time_seconds", "starting_price", "favourite_flag",
        "starting_price_decimal", "bsp", "prize_won", "prize_currency", "race_comment",
    )
)  # fmt: skip
NO_CARD = dict.fromkeys(
    (
        "trainer_location", "headgear_run", "wind_surgery", "wind_surgery_run", "form", "last_run",
        "last_run_days", "last_run_days_other_code", "rpr", "ts", "performance_rating",
        "speed_rating", "trainer_rtf",
        "trainer_14_days_runs", "trainer_14_days_wins", "trainer_14_days_percent",
        "past_results_flags", "stable_tour", "comment", "spotlight", "is_non_runner_on_card",
    )
)  # fmt: skip


def _check_card_runner(rows: Contents, replay: Replay) -> None:
    texts = _recorded_runner(replay.racecards, "hrs_47475190")
    assert _only(rows["ra_runners"], horse_id="hrs_47475190") == {
        "id": "rac_11744434_hrs_47475190",
        "race_id": "rac_11744434",
        "horse_id": "hrs_47475190",
        "race_date": date(2025, 10, 13),
        "horse_name": "Border Gem",
        "jockey_id": "jky_284934",
        "jockey_name": "Lorcan Williams",
        "trainer_id": "trn_11763",
        "trainer_name": "Jeremy Scott",
        "owner_id": "own_654252",
        "owner_name": "Notre Cheval Partnership",
        "trainer_location": "Brompton Regis, Somerset",
        "sire_id": "sir_5384960",
        "dam_id": "dam_5055113",
        "damsire_id": "dsi_468524",
        "number": 1,
        "draw": None,
        "age": 5,
        "sex": "mare",
        "sex_code": "M",
        "weight": 158,
        "weight_stones_lbs": "11-4",
        "jockey_claim_lbs": 0,
        "headgear": None,
        "headgear_run": None,
        "wind_surgery": None,
        "wind_surgery_run": None,
        "form": "542-",
        "last_run": "186",
        "last_run_days": 186,
        "last_run_days_other_code": None,
        "official_rating": None,
        "rpr": None,
        "ts": None,
        "performance_rating": None,
        "speed_rating": None,
        "trainer_rtf": 50,
        "trainer_14_days_runs": 3,
        "trainer_14_days_wins": 1,
        "trainer_14_days_percent": 33,
        "past_results_flags": None,
        "stable_tour": None,
        "comment": texts["comment"],
        "spotlight": texts["spotlight"],
        "jockey_silk_url": texts["silk_url"],
        "is_scratched": None,  # the recordings of this day have no result of its race
        "is_non_runner_on_card": False,
        "is_reserve": False,
        **NO_RESULT,
    }


def _check_non_runner(rows: Contents, replay: Replay) -> None:
    texts = _recorded_runner(replay.racecards, "hrs_40591908")
    assert _only(rows["ra_runners"], horse_id="hrs_40591908") == {
        "id": "rac_11744499_hrs_40591908",
        "race_id": "rac_11744499",
        "horse_id": "hrs_40591908",
        "race_date": date(2025, 10, 13),
        "horse_name": "Spartan Times",
        "jockey_id": None,
        "jockey_name": None,
        "trainer_id": "trn_139968",
        "trainer_name": "Jennie Candlish",
        "owner_id": "own_1452352",
        "owner_name": "Mike Harris & Alan O'Keeffe",
        "trainer_location": "Basford, Staffs",
        "sire_id": "sir_6126946",
        "dam_id": "dam_15030645",
        "damsire_id": "dsi_4045216",
        "number": None,
        "draw": None,
        "age": 4,
        "sex": "gelding",
        "sex_code": "G",
        "weight": 162,
        "weight_stones_lbs": "11-8",
        "jockey_claim_lbs": None,
        "headgear": None,
        "headgear_run": None,
        "wind_surgery": None,
        "wind_surgery_run": None,
        "form": "51",
        "last_run": "128 (9F)",
        "last_run_days": 128,
        "last_run_days_other_code": 9,
        "official_rating": None,
        "rpr": 101,
        "ts": 20,
        "performance_rating": None,
        "speed_rating": None,
        "trainer_rtf": 58,
        "trainer_14_days_runs": 26,
        "trainer_14_days_wins": 6,
        "trainer_14_days_percent": 23,
        "past_results_flags": "D",
        "stable_tour": None,
        "comment": texts["comment"],
        "spotlight": texts["spotlight"],
        "jockey_silk_url": texts["silk_url"],
        "is_scratched": True,
        "is_non_runner_on_card": True,
        "is_reserve": False,
        **NO_RESULT,
    }
    assert all(row["name"].upper() != "NON-RUNNER" for row in rows["ra_mst_jockeys"])
    prices = [row for row in rows["ra_runner_odds"] if row["horse_id"] == "hrs_40591908"]
    assert {(row["price_status"], row["decimal_odds"]) for row in prices} == {("none", None)}


VERAISON = {
    "race_id": "rac_11746254",
    "horse_id": "hrs_42073850",
    "race_date": date(2025, 10, 13),
    "horse_name": "Veraison",
    "jockey_id": "jky_278085",
    "jockey_name": "Hollie Doyle",
    "trainer_id": "trn_368685",
    "trainer_name": "Dr Richard Newland & Jamie Insole",
    "owner_id": "own_587472",
    "owner_name": "Chris Stedman",
    "sire_id": "sir_15245916",
    "dam_id": "dam_5335260",
    "damsire_id": "dsi_3709314",
    "number": 9,
    "draw": 2,
    "age": 3,
    "sex_code": "F",
    "weight": 131,
    "weight_stones_lbs": "9-5",
    "jockey_claim_lbs": 0,
    "headgear": "h",
    "official_rating": 66,
    "position": 1,
    "position_str": "1",
    "finish_status": "finished",
    "distance_beaten": Decimal("0.00"),
    "overall_beaten_distance": Decimal("0.00"),
    "finishing_time": "2:19.97",
    "time_seconds": Decimal("139.97"),
    "starting_price": "17/2",
    "favourite_flag": None,
    "starting_price_decimal": Decimal("9.50"),
    "bsp": None,
    "prize_won": Decimal("4187.20"),
    "prize_currency": "GBP",
}


def _check_result_runner(rows: Contents, replay: Replay) -> None:
    winner = _recorded_runner(replay.results, "hrs_42073850")
    texts = {"race_comment": winner["comment"], "jockey_silk_url": winner["silk_url"]}
    runner_id = "rac_11746254_hrs_42073850"
    assert _only(rows["ra_race_results"], horse_id="hrs_42073850") == {
        **VERAISON, **texts, "runner_id": runner_id, "rpr": None, "tsr": None,
        "performance_rating": None, "speed_rating": None, "is_reserve": False, "region": "IRE",
        "sire": "Sottsass", "sire_region": "FR", "dam": "Up In Time", "dam_region": "GB",
        "damsire": "Noverre", "damsire_region": None,
    }  # fmt: skip
    assert _only(rows["ra_runners"], horse_id="hrs_42073850") == {
        **VERAISON, **texts, **NO_CARD, "id": runner_id, "sex": "filly",
        "is_scratched": False, "is_reserve": False,
    }  # fmt: skip
    favourites = [row for row in rows["ra_runners"] if row["race_id"] == "rac_11746254"]
    marked = [row["starting_price"] for row in favourites if row["favourite_flag"] == "J"]
    assert marked == ["7/2", "7/2"]


def _check_races(rows: Contents, replay: Replay) -> None:
    card = _only(rows["ra_races"], id="rac_11744434")
    assert card == {
        "id": "rac_11744434",
        "date": date(2025, 10, 13),
        "time": "14:12",
        "off_time": "2:12",
        "off_dt": datetime(2025, 10, 13, 13, 12, tzinfo=UTC),
        "course_id": "crs_624",
        "course_name": "Hereford",
        "region": "GB",
        "race_name": replay_race(replay.racecards, "rac_11744434")["race_name"],
        "race_type": "Hurdle",
        "race_class": "Class 4",
        "pattern": None,
        "age_band": "4yo+",
        "rating_band": None,
        "sex_restriction": "M",
        "distance": "2m53y",
        "distance_round": "2m",
        "distance_f": Decimal("16.0"),
        "distance_y": 3573,
        "distance_m": 3267,
        "going": "Good",
        "going_detailed": None,
        "surface": "Turf",
        "jumps": "8 hurdles",
        "stalls": None,
        "rail_movements": None,
        "weather": None,
        "prize_money": 4193,
        "prize_currency": "GBP",
        "total_prize_money": None,
        "field_size": 8,
        "non_runner_count": 0,
        "is_big_race": False,
        "is_abandoned": False,
        "race_status": None,
        "has_result": False,
        "tip": "Ride Like A Girl",
        "verdict": replay_race(replay.racecards, "rac_11744434")["verdict"],
        "betting_forecast": replay_race(replay.racecards, "rac_11744434")["betting_forecast"],
        **dict.fromkeys(RESULT_OF_A_RACE),
    }
    result = _only(rows["ra_races"], id="rac_11746254")
    assert {name: result[name] for name in (*RESULT_OF_A_RACE, "total_prize_money")} == {
        "winning_time": "2:19.97",
        "winning_time_seconds": Decimal("139.97"),
        "winning_time_detail": "2m 19.97s (slow by 2.07s)",
        "standard_time_diff_seconds": Decimal("2.07"),
        "comments": None,
        "non_runners": "Miss Chester (self certificate, coughing)",
        "tote_win": Decimal("9.50"),
        "tote_ex": Decimal("49.00"),
        "tote_csf": Decimal("39.27"),
        "tote_tricast": Decimal("169.51"),
        "tote_trifecta": Decimal("277.30"),
        "tote_pl": "2.80 1.50 2.20",
        "tote_currency": "GBP",
        "total_prize_money": Decimal("7869.60"),
    }
    built_from_yards = {
        name: result[name]
        for name in ("time", "off_time", "course_name", "distance", "distance_round", "distance_f",
                     "distance_y", "distance_m", "field_size", "has_result", "sex_restriction")
    }  # fmt: skip
    assert built_from_yards == {
        "time": "20:10",
        "off_time": "8:10",
        "course_name": "Kempton (AW)",
        "distance": "1m2f219y",
        "distance_round": "1m3f",
        "distance_f": Decimal("11.0"),
        "distance_y": 2419,
        "distance_m": 2212,
        "field_size": 10,
        "has_result": True,
        "sex_restriction": "F",
    }


RESULT_OF_A_RACE = (
    "winning_time", "winning_time_seconds", "winning_time_detail", "standard_time_diff_seconds",
    "comments", "non_runners", "tote_win", "tote_ex", "tote_csf", "tote_tricast", "tote_trifecta",
    "tote_pl", "tote_currency",
)  # fmt: skip


def replay_race(records: list[Record], race_id: str) -> Record:
    """Return one recorded race."""
    return next(race for race in records if race["race_id"] == race_id)


def _check_horse_of_a_card(rows: Contents) -> None:
    assert _only(rows["ra_mst_horses"], id="hrs_47475190") == {
        "id": "hrs_47475190",
        "name": "Border Gem",
        "sex": "mare",
        "sex_code": "M",
        "dob": date(2020, 3, 11),
        "colour": "b",
        "colour_code": None,
        "region": "GB",
        "sire_id": "sir_5384960",
        "dam_id": "dam_5055113",
        "damsire_id": "dsi_468524",
        "breeder": "T C Dawson",
        "enrichment_status": "not_found",
        "enriched_at": _only(rows["ra_mst_horses"], id="hrs_47475190")["enriched_at"],
    }
    assert _only(rows["ra_horse_pedigree"], horse_id="hrs_47475190") == {
        "horse_id": "hrs_47475190",
        "sire": "Gemix",
        "sire_id": "sir_5384960",
        "sire_region": "FR",
        "sire_horse_id": "hrs_5384960",
        "dam": "Border Flora",
        "dam_id": "dam_5055113",
        "dam_region": "GB",
        "dam_horse_id": "hrs_5055113",
        "damsire": "Alflora",
        "damsire_id": "dsi_468524",
        "damsire_region": "IRE",
        "damsire_horse_id": "hrs_468524",
        "breeder": "T C Dawson",
        "region": "GB",
    }


def _check_profiled_horse(rows: Contents) -> None:
    horse = _only(rows["ra_mst_horses"], id=PROFILED)
    assert horse == {
        "id": PROFILED,
        "name": "Flaggan",
        "sex": "gelding",
        "sex_code": "G",
        "dob": date(2011, 6, 19),
        "colour": "b",
        "colour_code": "B",
        "region": "IRE",
        "sire_id": "sir_3188248",
        "dam_id": "dam_3194996",
        "damsire_id": "dsi_2117444",
        "breeder": "Liam Delahunty & Dick O'Hara",
        "enrichment_status": "pro",
        "enriched_at": horse["enriched_at"],
    }
    assert _only(rows["ra_horse_pedigree"], horse_id=PROFILED) == {
        "horse_id": PROFILED,
        "sire": "Stowaway",
        "sire_id": "sir_3188248",
        "sire_region": "GB",
        "sire_horse_id": "hrs_3188248",
        "dam": "Zapata I",
        "dam_id": "dam_3194996",
        "dam_region": "IRE",
        "dam_horse_id": "hrs_3194996",
        "damsire": "Thatching",
        "damsire_id": "dsi_2117444",
        "damsire_region": "GB",
        "damsire_horse_id": "hrs_2117444",
        "breeder": "Liam Delahunty & Dick O'Hara",
        "region": "IRE",
    }


def _check_odds_and_bookmaker(rows: Contents) -> None:
    key = {"horse_id": "hrs_47475190", "bookmaker_id": "bet365"}
    assert _only(rows["ra_runner_odds"], **key) == {
        "race_id": "rac_11744434",
        **key,
        "race_date": date(2025, 10, 13),
        "fractional_odds": "22/1",
        "decimal_odds": Decimal("23.00"),
        "price_status": "priced",
        "ew_places": 3,
        "ew_denom": 5,
        "odds_updated_at": datetime(2025, 10, 13, 13, 11, 7, tzinfo=UTC),
    }
    assert _only(rows["ra_mst_bookmakers"], id="bet365") == {
        "id": "bet365",
        "name": "Bet365",
        "url": "https://www.bet365.com",
        "type": "fixed_odds",
    }


def _check_plain_values(rows: Contents, replay: Replay) -> None:
    """Compare a few numbers of every recorded result with their raw text, read in one line each."""
    raw = {(race["race_id"], r["horse_id"]): r for race in replay.results for r in race["runners"]}
    for row in rows["ra_race_results"]:
        sent = raw[row["race_id"], row["horse_id"]]
        assert row["starting_price_decimal"] == Decimal(sent["sp_dec"])
        assert row["weight"] == int(sent["weight_lbs"])
        assert row["weight_stones_lbs"] == sent["weight"]
        assert row["horse_name"] == sent["horse"].rpartition(" (")[0]
        assert row["rpr"] == (int(sent["rpr"]) if sent["rpr"].isdigit() else None)
        assert row["tsr"] == (int(sent["tsr"]) if sent["tsr"].isdigit() else None)
        assert (row["prize_won"] or 0) == Decimal(sent["prize"] or 0)
