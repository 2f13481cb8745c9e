"""From records to rows and issues: made-up races, whole rows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.api.endpoints import COURSES, ENDPOINTS, HORSE_PRO, RACECARDS, RESULTS, Endpoint
from pipelines.mapping import (
    MISSING_VALUE,
    NO_KEY,
    NOT_A_LIST,
    UNREADABLE_VALUE,
    Inspection,
    Issue,
    Levels,
    Record,
    Row,
    RowReader,
    inspect,
    known_fields,
    to_arrow,
    unique_issues,
)
from pipelines.mapping.levels import ObjectLevel
from pipelines.tables import ISSUES, tables_from
from tests.test_parsing_values import ANY_JSON, ANY_TEXT, ANYTHING

DAY: Final = date(2025, 6, 21)


@dataclass
class Mapped:
    """What became of some records of one endpoint."""

    rows: dict[str, list[Row]]
    found: Inspection = field(default_factory=Inspection)

    @property
    def issues(self) -> list[tuple[str, str, str, str, Any]]:
        """Table, key, field, problem and raw value of each issue."""
        return [
            (issue.table, issue.key, issue.field, issue.problem, issue.raw)
            for issue in self.found.issues
        ]

    def keys(self) -> dict[str, list[str]]:
        """Each table's rows by the value of their first columns that are key."""
        tables = {table.part_of or table.name: table for table in tables_from(RACECARDS)}
        return {
            name: ["/".join(str(row[key]) for key in tables[name].key) for row in rows]
            for name, rows in self.rows.items()
        }


def mapped(endpoint: Endpoint, *records: Any) -> Mapped:
    """Map records as a chunk does, but for duplicates."""
    found = Inspection()
    usable = inspect(endpoint, records, DAY, found)
    rows: dict[str, list[Row]] = {}
    for table in tables_from(endpoint):
        reader = RowReader(table, endpoint, table.columns_from(endpoint.name))
        read = reader.read(Levels(ObjectLevel(usable)), DAY, found)
        rows[table.part_of or table.name] = read.table.to_pylist()
    return Mapped(rows, found)


# Made-up records


def price(**changes: Any) -> Record:
    made_up = {
        "bookmaker": "Star Sports",
        "fractional": "9/2",
        "decimal": "5.5",
        "ew_places": "3",
        "ew_denom": "5",
        "updated": "2025-06-21 13:59:01",
        "history": [],
    }
    return made_up | changes


def entry(**changes: Any) -> Record:
    """Return a runner of a racecard."""
    made_up: Record = {
        "horse_id": "hrs_1",
        "horse": "Paper Lantern",
        "dob": "2021-03-04",
        "age": "4",
        "sex": "mare",
        "sex_code": "M",
        "colour": "b",
        "region": "IRE",
        "breeder": "Inkwell Stud",
        "dam": "Folded Note",
        "dam_id": "dam_11",
        "dam_region": "FR",
        "sire": "Candle Maker",
        "sire_id": "sir_12",
        "sire_region": "GB",
        "damsire": "Old Letter",
        "damsire_id": "dsi_13",
        "damsire_region": "USA",
        "trainer": "T  Quill",
        "trainer_id": "trn_1",
        "trainer_location": "Blotting, Wilts",
        "trainer_14_days": {"runs": "0", "wins": "0", "percent": "None"},
        "owner": "The  Stationers & Co",
        "owner_id": "own_1",
        "prev_trainers": [
            {"trainer": "A Scribe", "trainer_id": "trn_9", "change_date": "2024-05-06"}
        ],
        "prev_owners": [{"owner": "B Scribe", "owner_id": "own_9", "change_date": "2024-05-07"}],
        "comment": None,
        "spotlight": "Each-way claims",
        "quotes": [
            {
                "date": "2025-05-01",
                "horse": "Paper Lantern",
                "horse_id": "hrs_1",
                "race": "The Inkpot  Stakes",
                "race_id": "rac_7",
                "course": "Foolscap (AW)",
                "course_id": "crs_7",
                "distance_f": "10.5f",
                "distance_y": "2310",
                "quote": "She liked it",
            }
        ],
        "stable_tour": [{"quote": "Fit and well. 13-06-25"}, {"quote": "Wants rain. 01-05-25\n"}],
        "medical": [{"date": "2024-07-16", "type": "Wind Surgery"}],
        "number": "R17",
        "draw": "0",
        "headgear": "tp",
        "headgear_run": "1",
        "wind_surgery": "w",
        "wind_surgery_run": "",
        "past_results_flags": ["C", "BF"],
        "lbs": "130",
        "ofr": "-",
        "rpr": "77",
        "ts": "–",
        "performance_rating": "79",
        "speed_rating": "–",
        "jockey": "A Nib(5)",
        "jockey_id": "jky_1",
        "silk_url": "https://silks.example/1.svg",
        "last_run": "128 (9F)",
        "form": "1/44-2",
        "trainer_rtf": "50",
        "odds": [price(), price(bookmaker="Spread Ex", fractional="SP", decimal="0")],
    }
    return made_up | changes


def card(*runners: Any, **changes: Any) -> Record:
    made_up: Record = {
        "race_id": "rac_1",
        "course": "Foolscap (AW)",
        "course_id": "crs_7",
        "date": "2025-06-21",
        "off_time": "2:00",
        "off_dt": "2025-06-21T14:00:00+01:00",
        "race_name": "The Envelope Handicap",
        "distance_round": "1m2f",
        "distance": "1m2f17y",
        "distance_f": "10.0",
        "region": "GB",
        "pattern": "",
        "sex_restriction": "f&m",
        "race_class": "Class 4",
        "type": "Flat",
        "age_band": "4yo+",
        "rating_band": "0-80",
        "prize": "£4,193",
        "field_size": "8",
        "going_detailed": "",
        "rail_movements": "",
        "stalls": "Inside",
        "weather": "",
        "going": "Standard",
        "surface": "AW",
        "jumps": "",
        "runners": list(runners),
        "big_race": False,
        "is_abandoned": None,
        "tip": "Paper Lantern",
        "verdict": "",
        "betting_forecast": "9/2 Paper Lantern",
        "race_status": "",
    }
    return made_up | changes


def finisher(**changes: Any) -> Record:
    """Return a runner of a result."""
    made_up: Record = {
        "horse_id": "hrs_1",
        "horse": "Paper Lantern (IRE)",
        "sp": "9/2J",
        "sp_dec": "5.50",
        "bsp": "6.12",
        "number": "17",
        "position": "1",
        "draw": "4",
        "btn": "0",
        "ovr_btn": "0",
        "age": "4",
        "sex": "M",
        "weight": "9-4",
        "weight_lbs": "130",
        "headgear": "",
        "time": "2:0.48",
        "or": "–",
        "rpr": "81",
        "tsr": "–",
        "prize": "4187.20",
        "jockey": "A Nib",
        "jockey_claim_lbs": "5",
        "jockey_id": "jky_1",
        "trainer": "T Quill",
        "trainer_id": "trn_1",
        "owner": "The Stationers Co",
        "owner_id": "own_1",
        "sire": "Candle Maker (GB)",
        "sire_id": "sir_12",
        "dam": "Folded Note (FR)",
        "dam_id": "dam_11",
        "damsire": "Old Letter",
        "damsire_id": "dsi_13",
        "comment": "Led close home(op 5/1)",
        "silk_url": "https://silks.example/1.svg",
    }
    return made_up | changes


def result(*runners: Any, **changes: Any) -> Record:
    made_up: Record = {
        "race_id": "rac_1",
        "date": "2025-06-21",
        "region": "IRE",
        "course": "Vellum (AW) (IRE)",
        "course_id": "crs_8",
        "off": "2:00",
        "off_dt": "2025-06-21T14:00:00+01:00",
        "race_name": "The Envelope Handicap",
        "type": "Flat",
        "class": "",
        "pattern": "",
        "rating_band": "0-80",
        "age_band": "4yo+",
        "sex_rest": "F",
        "dist": "1m2½f",
        "dist_y": "2310",
        "dist_m": "2112.0",
        "dist_f": "10.5f",
        "going": "Standard",
        "surface": "AW",
        "jumps": "",
        "runners": list(runners),
        "winning_time_detail": "2m 0.48s (fast by 1.20s)",
        "comments": "",
        "non_runners": "Blank Page (self certificate, off feed)",
        "tote_win": "€5.50",
        "tote_pl": "€1.70 €1.10",
        "tote_ex": "€27.03",
        "tote_csf": "€1,300.55",
        "tote_tricast": "",
        "tote_trifecta": "€12.00",
    }
    return made_up | changes


# Rows


def test_runner_of_a_card_is_read_whole() -> None:
    assert mapped(RACECARDS, card(entry())).rows["ra_runners"] == [
        {
            "id": "rac_1_hrs_1",
            "race_id": "rac_1",
            "horse_id": "hrs_1",
            "race_date": DAY,
            "horse_name": "Paper Lantern",
            "jockey_id": "jky_1",
            "jockey_name": "A Nib",
            "trainer_id": "trn_1",
            "trainer_name": "T Quill",
            "owner_id": "own_1",
            "owner_name": "The Stationers & Co",
            "trainer_location": "Blotting, Wilts",
            "sire_id": "sir_12",
            "dam_id": "dam_11",
            "damsire_id": "dsi_13",
            "number": 17,
            "draw": None,
            "age": 4,
            "sex": "mare",
            "sex_code": "M",
            "weight": 130,
            "weight_stones_lbs": "9-4",
            "jockey_claim_lbs": 5,
            "headgear": "tp",
            "headgear_run": 1,
            "wind_surgery": "w",
            "wind_surgery_run": None,
            "form": "1/44-2",
            "last_run": "128 (9F)",
            "last_run_days": 128,
            "last_run_days_other_code": 9,
            "official_rating": None,
            "rpr": 77,
            "ts": None,
            "performance_rating": 79,
            "speed_rating": None,
            "trainer_rtf": 50,
            "trainer_14_days_runs": 0,
            "trainer_14_days_wins": 0,
            "trainer_14_days_percent": None,
            "past_results_flags": "C BF",
            "stable_tour": "Fit and well. 13-06-25\nWants rain. 01-05-25",
            "comment": None,
            "spotlight": "Each-way claims",
            "jockey_silk_url": "https://silks.example/1.svg",
            "is_non_runner_on_card": False,
            "is_reserve": True,
            "dob": date(2021, 3, 4),
            "colour": "b",
            "region": "IRE",
            "breeder": "Inkwell Stud",
            "sire": "Candle Maker",
            "sire_region": "GB",
            "dam": "Folded Note",
            "dam_region": "FR",
            "damsire": "Old Letter",
            "damsire_region": "USA",
        }
    ]


def test_runner_of_a_result_is_read_whole() -> None:
    assert mapped(RESULTS, result(finisher())).rows["ra_race_results"] == [
        {
            "runner_id": "rac_1_hrs_1",
            "race_id": "rac_1",
            "horse_id": "hrs_1",
            "race_date": DAY,
            "horse_name": "Paper Lantern",
            "jockey_id": "jky_1",
            "jockey_name": "A Nib",
            "trainer_id": "trn_1",
            "trainer_name": "T Quill",
            "owner_id": "own_1",
            "owner_name": "The Stationers Co",
            "sire_id": "sir_12",
            "dam_id": "dam_11",
            "damsire_id": "dsi_13",
            "number": 17,
            "draw": 4,
            "age": 4,
            "sex_code": "M",
            "weight": 130,
            "weight_stones_lbs": "9-4",
            "jockey_claim_lbs": 5,
            "headgear": None,
            "official_rating": None,
            "rpr": 81,
            "tsr": None,
            "performance_rating": None,
            "speed_rating": None,
            "jockey_silk_url": "https://silks.example/1.svg",
            "is_reserve": False,
            "position": 1,
            "position_str": "1",
            "finish_status": "finished",
            "distance_beaten": Decimal("0.00"),
            "overall_beaten_distance": Decimal("0.00"),
            "finishing_time": "2:0.48",
            "time_seconds": Decimal("120.48"),
            "starting_price": "9/2",
            "favourite_flag": "J",
            "starting_price_decimal": Decimal("5.50"),
            "bsp": Decimal("6.12"),
            "prize_won": Decimal("4187.20"),
            "prize_currency": "GBP",
            "race_comment": "Led close home(op 5/1)",
            "region": "IRE",
            "sire": "Candle Maker",
            "sire_region": "GB",
            "dam": "Folded Note",
            "dam_region": "FR",
            "damsire": "Old Letter",
            "damsire_region": None,
        }
    ]


def test_race_of_a_result_gathers_from_its_runners() -> None:
    second = finisher(horse_id="hrs_2", position="2", time="2:1.00", prize="€1,200")
    last = finisher(horse_id="hrs_3", position="PU", time="-", prize="")
    dead_heat = {"tote_trifecta": "€12.00 €9.00"}
    found = mapped(RESULTS, result(second, finisher(prize="€7080"), last, **dead_heat))
    assert found.rows["ra_races"] == [
        {
            "id": "rac_1",
            "date": DAY,
            "time": "14:00",
            "off_time": "2:00",
            "off_dt": datetime(2025, 6, 21, 13, tzinfo=UTC),
            "course_id": "crs_8",
            "course_name": "Vellum (AW)",
            "region": "IRE",
            "race_name": "The Envelope Handicap",
            "race_type": "Flat",
            "race_class": None,
            "pattern": None,
            "age_band": "4yo+",
            "rating_band": "0-80",
            "sex_restriction": "F",
            "distance": "1m2f110y",
            "distance_round": "1m2½f",
            "distance_f": Decimal("10.5"),
            "distance_y": 2310,
            "distance_m": 2112,
            "going": "Standard",
            "surface": "AW",
            "jumps": None,
            "prize_currency": "EUR",
            "total_prize_money": Decimal("8280.00"),
            "field_size": 3,
            "winning_time": "2:0.48",
            "winning_time_seconds": Decimal("120.48"),
            "winning_time_detail": "2m 0.48s (fast by 1.20s)",
            "standard_time_diff_seconds": Decimal("-1.20"),
            "comments": None,
            "non_runners": "Blank Page (self certificate, off feed)",
            "tote_win": Decimal("5.50"),
            "tote_ex": Decimal("27.03"),
            "tote_csf": Decimal("1300.55"),
            "tote_tricast": None,
            "tote_trifecta": None,
            "tote_pl": "1.70 1.10",
            "tote_currency": "EUR",
        }
    ]
    assert found.issues == [
        ("ra_races", "rac_1", "results[].tote_trifecta", UNREADABLE_VALUE, "€12.00 €9.00")
    ]


def test_odds_repeat_the_race_and_the_horse_they_belong_to() -> None:
    same = {
        "race_id": "rac_1",
        "horse_id": "hrs_1",
        "race_date": DAY,
        "ew_places": 3,
        "ew_denom": 5,
        "odds_updated_at": datetime(2025, 6, 21, 12, 59, 1, tzinfo=UTC),
    }
    priced = {"fractional_odds": "9/2", "decimal_odds": Decimal("5.50"), "price_status": "priced"}
    unpriced = {"fractional_odds": None, "decimal_odds": None, "price_status": "sp"}
    assert mapped(RACECARDS, card(entry())).rows["ra_runner_odds"] == [
        same | {"bookmaker_id": "starsports"} | priced,
        same | {"bookmaker_id": "spreadex"} | unpriced,
    ]


def test_a_full_card_makes_rows_of_every_table_and_no_issue() -> None:
    found = mapped(RACECARDS, card(entry()))
    assert found.keys() == {
        "ra_mst_bookmakers": ["starsports", "spreadex"],
        "ra_races": ["rac_1"],
        "ra_runners": ["rac_1/hrs_1"],
        "ra_runner_odds": ["rac_1/hrs_1/starsports", "rac_1/hrs_1/spreadex"],
        "ra_horse_prev_trainers": ["hrs_1/trn_9/2024-05-06"],
        "ra_horse_prev_owners": ["hrs_1/own_9/2024-05-07"],
        "ra_horse_medical": ["hrs_1/2024-07-16/Wind Surgery"],
        "ra_horse_quotes": ["hrs_1/rac_7"],
    }
    assert (found.issues, dict(found.found.unknown)) == ([], {})


def test_inspection_leaves_the_record_as_it_came() -> None:
    record = card(entry(odds=None), "not a runner")
    before = json.dumps(record)
    mapped(RACECARDS, record)
    assert json.dumps(record) == before


def test_missing_fields_are_null() -> None:
    bare = {
        "race_id": "rac_1",
        "runners": [{"horse_id": "hrs_1", "horse": "Bare"}],
        "date": "2025-06-21",
    }
    row = mapped(RACECARDS, bare).rows["ra_runners"][0]
    assert {name: value for name, value in row.items() if value is not None} == {
        "id": "rac_1_hrs_1",
        "race_id": "rac_1",
        "horse_id": "hrs_1",
        "race_date": DAY,
        "horse_name": "Bare",
        "is_non_runner_on_card": False,
        "is_reserve": False,
    }


# Fields that nobody declared


def test_unknown_fields_are_counted_at_every_level_by_their_paths() -> None:
    runner = entry(
        shoes="steel",
        trainer_14_days={"runs": "1", "places": "1"},
        odds=[price(sp=True), price(sp=False)],
        medical=[{"date": "2024-07-16", "type": "Wind Surgery", "vet": "C Blot"}],
        stable_tour=[{"quote": "Well", "by": "T Quill"}],
    )
    record = card(runner, entry(horse_id="hrs_2", shoes="none"), meeting="12")
    assert dict(mapped(RACECARDS, record).found.unknown) == {
        "racecards[].meeting": 1,
        "racecards[].runners[].shoes": 2,
        "racecards[].runners[].trainer_14_days.places": 1,
        "racecards[].runners[].odds[].sp": 2,
        "racecards[].runners[].medical[].vet": 1,
        "racecards[].runners[].stable_tour[].by": 1,
    }


@pytest.mark.parametrize(
    ("endpoint", "record", "unknown"),
    [
        (RESULTS, result(finisher(pace="fast"), meeting="12"), ["meeting", "runners[].pace"]),
        (COURSES, {"id": "crs_1", "course": "Foolscap", "length": "1m"}, ["length"]),
        (HORSE_PRO, {"id": "hrs_1", "name": "Paper Lantern", "region": "GB"}, ["region"]),
    ],
    ids=lambda value: value.name if isinstance(value, Endpoint) else "",
)
def test_unknown_fields_of_other_endpoints(
    endpoint: Endpoint, record: Record, unknown: list[str]
) -> None:
    found = mapped(endpoint, record).found.unknown
    assert dict(found) == {endpoint.root + name: 1 for name in unknown}


def test_field_of_a_race_named_like_one_of_the_envelope_is_unknown() -> None:
    unknown = mapped(RACECARDS, card(total="9", limit="9")).found.unknown
    assert dict(unknown) == {"racecards[].total": 1, "racecards[].limit": 1}


def test_unknown_fields_without_end_are_counted_together() -> None:
    unknown = mapped(
        RACECARDS, card(**{f"new_{number}": 1 for number in range(1_500)})
    ).found.unknown
    assert (len(unknown), unknown["other fields"], unknown.total()) == (1_001, 500, 1_500)


def test_long_name_of_an_unknown_field_is_shown_in_short() -> None:
    [name] = mapped(RACECARDS, card(**{"x" * 1_000_000: 1})).found.unknown
    assert len(name) < 300


def test_field_without_a_name_changes_nothing() -> None:
    found = mapped(RACECARDS, card(entry(**{"": "x" * 1_000}), **{"": "hrs_9"}))
    assert found.rows == mapped(RACECARDS, card(entry())).rows
    assert found.issues == []


def test_name_of_an_unknown_field_can_be_printed() -> None:
    unknown = mapped(RACECARDS, card(**{"new\ud800\x00": 1})).found.unknown
    assert len(unknown) == 1
    assert "".join(unknown).encode().isascii()


# Values that cannot be stored


@pytest.mark.parametrize(
    ("changes", "column", "path", "raw"),
    [
        ({"ofr": "high"}, "official_rating", "ofr", "high"),
        ({"age": ["4"]}, "age", "age", ["4"]),
        ({"lbs": {"st": 9}}, "weight", "lbs", {"st": 9}),
        ({"draw": 2**70}, "draw", "draw", 2**70),
        ({"trainer_rtf": True}, "trainer_rtf", "trainer_rtf", True),
        ({"number": "17A"}, "number", "number", "17A"),
        ({"past_results_flags": [["C"]]}, "past_results_flags", "past_results_flags", [["C"]]),
        ({"trainer_14_days": {"runs": "x"}}, "trainer_14_days_runs", "trainer_14_days.runs", "x"),
        ({"stable_tour": [{"quote": {}}]}, "stable_tour", "stable_tour[].quote", [{}]),
        ({"jockey_id": []}, "jockey_id", "jockey_id", [[], "A Nib(5)"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_unreadable_value_is_null_and_an_issue(
    changes: Record, column: str, path: str, raw: Any
) -> None:
    found = mapped(RACECARDS, card(entry(**changes)))
    [row] = found.rows["ra_runners"]
    wanted = ("ra_runners", "rac_1/hrs_1", f"racecards[].runners[].{path}", UNREADABLE_VALUE, raw)
    assert row[column] is None
    assert [issue for issue in found.issues if issue[0] == "ra_runners" and issue != wanted] == []
    assert wanted in found.issues


def test_one_unreadable_value_is_one_issue() -> None:
    found = mapped(RACECARDS, card(entry(ofr="high"), entry(horse_id="hrs_2")))
    assert found.issues == [
        ("ra_runners", "rac_1/hrs_1", "racecards[].runners[].ofr", UNREADABLE_VALUE, "high")
    ]
    assert [row["official_rating"] for row in found.rows["ra_runners"]] == [None, None]


@pytest.mark.parametrize("blank", ["", "-", None, "None"], ids=repr)
def test_required_text_that_is_blank_is_kept_as_empty_with_an_issue(blank: str | None) -> None:
    found = mapped(RACECARDS, card(race_name=blank))
    [race] = found.rows["ra_races"]
    assert race["race_name"] == ""
    assert found.issues == [("ra_races", "rac_1", "racecards[].race_name", MISSING_VALUE, blank)]


def test_required_text_that_is_unreadable_is_kept_as_empty_with_one_issue() -> None:
    found = mapped(RACECARDS, card(race_name=["The Envelope"]))
    assert found.rows["ra_races"][0]["race_name"] == ""
    assert found.issues == [
        ("ra_races", "rac_1", "racecards[].race_name", UNREADABLE_VALUE, ["The Envelope"])
    ]


def test_race_without_a_date_is_an_issue_whole_and_so_are_its_runners() -> None:
    record = card(entry(odds=[]), date="soon")
    found = mapped(RACECARDS, record)
    assert found.issues == [
        ("ra_races", "", "", MISSING_VALUE, record),
        ("ra_runners", "", "", MISSING_VALUE, record["runners"][0]),
    ]
    assert found.keys()["ra_horse_medical"] == ["hrs_1/2024-07-16/Wind Surgery"]


# Rows without a key


@pytest.mark.parametrize("missing", ["", None, "-", [], {}], ids=repr)
def test_runner_without_a_horse_is_an_issue_whole(missing: Any) -> None:
    lost = entry(horse_id=missing, horse="Lost", jockey_id="jky_2")
    found = mapped(RACECARDS, card(lost, entry()))
    assert found.issues == [("ra_runners", "", "", NO_KEY, lost)]
    assert found.keys() == mapped(RACECARDS, card(entry())).keys()


@pytest.mark.parametrize(
    ("table", "level", "lost"),
    [
        ("ra_races", "", {"race_id": "x" * 201}),
        ("ra_runners", "runners", {"horse_id": "x" * 201}),
        ("ra_runner_odds", "odds", price(bookmaker="x" * 201)),
        ("ra_horse_prev_trainers", "prev_trainers", {"trainer_id": "x" * 201}),
        ("ra_horse_prev_owners", "prev_owners", {"owner_id": "x" * 201}),
        ("ra_horse_medical", "medical", {"date": "2024-07-16", "type": "x" * 201}),
        ("ra_horse_quotes", "quotes", {"race_id": "x" * 201, "horse_id": "hrs_1"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_key_too_long_for_an_index_is_no_key(table: str, level: str, lost: Record) -> None:
    if level:
        whole = entry()
        found = mapped(
            RACECARDS,
            card(whole, lost)
            if level == "runners"
            else card(whole | {level: [*whole[level], lost]}),
        )
    else:
        found = mapped(RACECARDS, card(entry()), lost)
    assert (table, "", "", NO_KEY, lost) in found.issues
    assert found.keys() == mapped(RACECARDS, card(entry())).keys()


def test_person_with_an_id_too_long_for_an_index_is_an_issue() -> None:
    found = mapped(RACECARDS, card(entry(owner_id="x" * 201)))
    field = "racecards[].runners[].owner_id"
    assert found.issues == [("ra_runners", "rac_1/hrs_1", field, UNREADABLE_VALUE, "x" * 201)]
    assert found.rows["ra_runners"][0]["owner_id"] is None


def test_finisher_without_a_horse_is_an_issue_whole() -> None:
    lost = finisher(horse_id="")
    found = mapped(RESULTS, result(lost, finisher()))
    assert found.issues == [("ra_runners", "", "", NO_KEY, lost)]
    assert [row["horse_id"] for row in found.rows["ra_race_results"]] == ["hrs_1"]


@pytest.mark.parametrize("missing", ["", None, "–", 2**5000], ids=["empty", "null", "dash", "huge"])
def test_race_without_an_id_is_an_issue_whole(missing: Any) -> None:
    lost = card(entry(), race_id=missing)
    found = mapped(RACECARDS, lost, card(entry()))
    assert found.issues == [("ra_races", "", "", NO_KEY, lost)]
    assert found.keys() == mapped(RACECARDS, card(entry())).keys()


@pytest.mark.parametrize("missing", ["", None, "-", [], "Ω"], ids=repr)
def test_price_without_a_bookmaker_is_an_issue_whole(missing: Any) -> None:
    lost = price(bookmaker=missing)
    found = mapped(RACECARDS, card(entry(odds=[lost, price()])))
    assert ("ra_runner_odds", "", "", NO_KEY, lost) in found.issues
    assert found.keys()["ra_runner_odds"] == ["rac_1/hrs_1/starsports"]
    assert found.keys()["ra_mst_bookmakers"] == ["starsports"]


@pytest.mark.parametrize(
    ("table", "name", "changes"),
    [
        ("ra_horse_prev_trainers", "prev_trainers", {"change_date": ""}),
        ("ra_horse_prev_trainers", "prev_trainers", {"trainer_id": ""}),
        ("ra_horse_prev_owners", "prev_owners", {"change_date": "last year"}),
        ("ra_horse_medical", "medical", {"date": None}),
        ("ra_horse_medical", "medical", {"type": "-"}),
        ("ra_horse_quotes", "quotes", {"race_id": ""}),
        ("ra_horse_quotes", "quotes", {"horse_id": []}),
    ],
    ids=lambda value: str(value),
)
def test_history_without_its_key_is_an_issue_whole(table: str, name: str, changes: Record) -> None:
    whole = entry()
    lost = whole[name][0] | changes
    found = mapped(RACECARDS, card(whole | {name: [lost, *whole[name]]}))
    assert found.issues == [(table, "", "", NO_KEY, lost)]
    assert found.keys() == mapped(RACECARDS, card(whole)).keys()


@pytest.mark.parametrize("endpoint", [COURSES, HORSE_PRO], ids=lambda endpoint: endpoint.name)
def test_record_without_an_id_is_an_issue_whole(endpoint: Endpoint) -> None:
    found = mapped(endpoint, {"name": "Nobody"})
    [(_, key, path, problem, raw)] = found.issues
    assert (key, path, problem, raw) == ("", "", NO_KEY, {"name": "Nobody"})


# Blanks that are nothing to store


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"jockey": "", "jockey_id": ""}, id="no jockey yet"),
        pytest.param({"jockey": "NON-RUNNER(5)", "jockey_id": "jky_224"}, id="placeholder"),
        pytest.param({"jockey": "A Nib(5)", "jockey_id": ""}, id="name without id"),
        pytest.param({"jockey": "-", "jockey_id": "jky_1"}, id="id without name"),
        pytest.param({"jockey": "(5)", "jockey_id": "jky_1"}, id="claim alone"),
    ],
)
def test_no_jockey_lacks_an_id_or_a_name_and_is_no_issue(changes: Record) -> None:
    found = mapped(RACECARDS, card(entry(**changes)))
    [runner] = found.rows["ra_runners"]
    assert None in (runner["jockey_id"], runner["jockey_name"])
    assert found.issues == []


@pytest.mark.parametrize("who", ["owner", "trainer"])
def test_blank_id_beside_a_name_is_no_issue(who: str) -> None:
    found = mapped(RACECARDS, card(entry(**{f"{who}_id": ""})))
    [runner] = found.rows["ra_runners"]
    assert (runner[f"{who}_id"], runner[f"{who}_name"] is None) == (None, False)
    assert found.issues == []


# Lists that are none


LISTS = ["odds", "quotes", "stable_tour", "medical", "prev_trainers", "prev_owners"]
TABLE_OF = {
    "odds": "ra_runner_odds",
    "quotes": "ra_horse_quotes",
    "stable_tour": "ra_runners",
    "medical": "ra_horse_medical",
    "prev_trainers": "ra_horse_prev_trainers",
    "prev_owners": "ra_horse_prev_owners",
}


def test_null_lists_are_empty() -> None:
    nulls: Record = dict.fromkeys(LISTS)
    empty: Record = {name: [] for name in LISTS}
    found = mapped(RACECARDS, card(entry(**nulls, past_results_flags=None, trainer_14_days=None)))
    assert found == mapped(
        RACECARDS, card(entry(**empty, past_results_flags=[], trainer_14_days={}))
    )
    assert found.issues == []
    assert [name for name, rows in found.rows.items() if not rows] == [
        "ra_mst_bookmakers",
        "ra_runner_odds",
        "ra_horse_prev_trainers",
        "ra_horse_prev_owners",
        "ra_horse_medical",
        "ra_horse_quotes",
    ]


def test_race_without_runners_is_a_race() -> None:
    found = mapped(RACECARDS, card(runners=None))
    races = {name: len(rows) for name, rows in found.rows.items() if rows}
    assert (races, found.issues) == ({"ra_races": 1}, [])


@pytest.mark.parametrize("wrong", ["none", 7, True], ids=repr)
@pytest.mark.parametrize("name", LISTS)
def test_scalar_where_a_list_belongs_is_an_issue(name: str, wrong: Any) -> None:
    found = mapped(RACECARDS, card(entry(**{name: wrong})))
    path = f"racecards[].runners[].{name}"
    assert found.issues == [(TABLE_OF[name], "", path, NOT_A_LIST, wrong)]
    assert found.keys()["ra_runners"] == ["rac_1/hrs_1"]


@pytest.mark.parametrize("wrong", ["none", 7, None, []], ids=repr)
@pytest.mark.parametrize("name", LISTS)
def test_entry_that_is_no_object_is_an_issue(name: str, wrong: Any) -> None:
    whole = entry()
    found = mapped(RACECARDS, card(whole | {name: [wrong, *whole[name]]}))
    path = f"racecards[].runners[].{name}[]"
    assert found.issues == [(TABLE_OF[name], "", path, NOT_A_LIST, wrong)]
    assert found.rows == mapped(RACECARDS, card(whole)).rows


@pytest.mark.parametrize("name", LISTS)
def test_object_where_a_list_belongs_is_an_issue(name: str) -> None:
    whole = entry()
    wrong = whole[name][0]
    found = mapped(RACECARDS, card(whole | {name: wrong}))
    path = f"racecards[].runners[].{name}"
    assert found.issues == [(TABLE_OF[name], "", path, NOT_A_LIST, wrong)]
    assert found.keys()["ra_runners"] == ["rac_1/hrs_1"]


@pytest.mark.parametrize("wrong", [[{"runs": "1"}], "none", 7], ids=repr)
def test_anything_else_where_an_object_belongs_is_an_issue(wrong: Any) -> None:
    found = mapped(RACECARDS, card(entry(trainer_14_days=wrong)))
    [(table, key, path, _, raw)] = found.issues
    expected = ("ra_runners", "", "racecards[].runners[].trainer_14_days", wrong)
    assert (table, key, path, raw) == expected
    assert found.rows["ra_runners"][0]["trainer_14_days_runs"] is None


@pytest.mark.parametrize("wrong", ["none", 7, {"horse_id": "hrs_1"}, {"hrs_1": {}}], ids=repr)
def test_runners_that_are_no_list_are_an_issue(wrong: Any) -> None:
    found = mapped(RACECARDS, card(runners=wrong))
    assert found.issues == [("ra_runners", "", "racecards[].runners", NOT_A_LIST, wrong)]
    assert found.keys()["ra_races"] == ["rac_1"]


@pytest.mark.parametrize(
    "wrong", ["none", 7, None, [card()]], ids=["text", "number", "null", "list"]
)
def test_race_that_is_no_object_is_an_issue(wrong: Any) -> None:
    found = mapped(RACECARDS, wrong, card())
    assert found.issues == [("ra_races", "", "racecards[]", NOT_A_LIST, wrong)]
    assert found.keys()["ra_races"] == ["rac_1"]


# Issues as rows


def test_two_issues_of_a_long_key_are_told_apart() -> None:
    issues = [issue("high", "x" * 300 + letter, "field") for letter in "ab"]
    keys = [row["row_key"] for row in unique_issues(issues)]
    assert len(set(keys)) == 2
    assert max(len(str(key)) for key in keys) <= 200


def test_issues_of_one_value_sent_twice_are_one_in_either_order() -> None:
    issues = [issue("high", "rac_1", "field"), issue("low", "rac_1", "field")]
    assert unique_issues(issues) == unique_issues(reversed(issues))
    assert len(unique_issues(issues)) == 1


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param("x" * 20_000, "x" * 10_000 + "... 20000 characters in all", id="text"),
        pytest.param([0] * 2_000, [0] * 1_000 + ["... 2000 entries in all"], id="list"),
        pytest.param(
            {str(number): 0 for number in range(2_000)},
            {str(number): 0 for number in range(1_000)} | {"...": "2000 fields in all"},
            id="object",
        ),
    ],
)
def test_value_without_end_is_shown_in_short(raw: Any, shown: Any) -> None:
    assert json.loads(str(issue(raw).row()["raw_value"])) == shown


def test_list_without_any_object_is_one_issue() -> None:
    found = mapped(RACECARDS, card(entry(odds=["none"] * 5_000)))
    [(table, _, path, problem, raw)] = found.issues
    wanted = ("ra_runner_odds", "racecards[].runners[].odds", NOT_A_LIST, 5_000)
    assert (table, path, problem, len(raw)) == wanted


def test_issue_of_an_id_with_a_lone_surrogate_can_be_told_apart() -> None:
    lost = entry(horse_id="")
    found = [mapped(RACECARDS, card(lost, race_id=f"rac_{sign}")) for sign in ("\ud8001", "2")]
    keys = [row["row_key"] for each in found for row in unique_issues(each.found.issues)]
    assert len(set(keys)) == 2


def test_ids_in_odd_spelling_make_the_same_rows() -> None:
    odd = entry(horse_id=" HRS_1\x00", trainer_id="\ufeffTRN_1 ", sire_id="Sir_12", quotes=[])
    found = mapped(RACECARDS, card(odd, race_id="\u200bRac_1"))
    assert found.rows == mapped(RACECARDS, card(entry(quotes=[]))).rows


def issue(raw: Any, key: str = "", path: str = "") -> Issue:
    return Issue("racecards", "ra_runners", key, path, NO_KEY, raw, DAY)


def test_issue_becomes_a_row_of_its_table() -> None:
    found = mapped(RACECARDS, card(entry(ofr="high"))).found
    assert unique_issues(found.issues) == [
        {
            "endpoint": "racecards",
            "table_name": "ra_runners",
            "row_key": "rac_1/hrs_1",
            "field": "racecards[].runners[].ofr",
            "problem": "unreadable",
            "raw_value": '"high"',
            "date": DAY,
        }
    ]


def test_rows_without_a_key_are_told_apart() -> None:
    found = mapped(RACECARDS, card(entry(horse_id="", horse="A"), entry(horse_id="", horse="B")))
    keys = [row["row_key"] for row in unique_issues(found.found.issues)]
    assert len(keys) == len(set(keys)) == 2
    assert "" not in keys


def test_equal_rows_without_a_key_of_two_runners_are_told_apart() -> None:
    lost = price(bookmaker="")
    runners = [entry(horse_id=name, odds=[lost]) for name in ("hrs_1", "hrs_2")]
    found = mapped(RACECARDS, card(*runners)).found
    assert len(unique_issues(found.issues)) == 2


def test_issue_of_the_same_row_has_the_same_key_again() -> None:
    assert issue(entry(horse_id="")).row() == issue(entry(horse_id="")).row()


UNSTORABLE = [
    pytest.param("a\x00b", id="NUL"),
    pytest.param("a\ud800b", id="lone surrogate"),
    pytest.param({"a\ud800\x00": 1}, id="lone surrogate in a name"),
    pytest.param(10**30, id="30 digits"),
    pytest.param(-(2**63) - 1, id="below 64 bits"),
    pytest.param(10**4000, id="4000 digits"),
    pytest.param([10**9999], id="10000 digits"),
    pytest.param([{"a": [float("nan"), 10**30, "\x00\udfff"]}], id="nested"),
    pytest.param(float("inf"), id="infinity"),
    pytest.param(json.loads("[" * 400 + "]" * 400), id="400 levels"),
    pytest.param(None, id="null"),
]


@pytest.mark.parametrize("raw", UNSTORABLE)
def test_issue_can_be_stored_whatever_it_holds(raw: Any) -> None:
    row = issue(raw).row()
    stored = to_arrow(ISSUES, ISSUES.columns, [row]).to_pylist()
    assert stored == [row]
    assert "\x00" not in str(row["raw_value"])
    json.loads(str(row["raw_value"]))


@pytest.mark.parametrize("raw", [float("nan"), float("inf"), 10**30], ids=repr)
def test_issue_shows_a_number_as_sent(raw: float) -> None:
    assert str(raw) in str(issue(raw, "rac_1", "field").row()["raw_value"])


# Any JSON at all


def records(endpoint: Endpoint) -> st.SearchStrategy[Any]:
    """Return records that have the endpoint's fields, with anything in them."""
    ids = st.sampled_from(
        ["rac_1", "hrs_1", "", None, 7, " HRS_1\x00", "\ufeffrac_\ud800", "x" * 201, "\U0001f40e"]
    )

    def objects(known: dict[str, Any]) -> st.SearchStrategy[Any]:
        fields = {name: inside(name, inner) for name, inner in known.items()}
        return st.fixed_dictionaries({}, optional=fields)

    def inside(name: str, known: dict[str, Any]) -> st.SearchStrategy[Any]:
        if not known:
            return ids | ANYTHING if name.endswith("id") else ANYTHING
        entries = objects(known)
        lists = st.lists(entries | ANY_JSON, max_size=2)
        return st.one_of(lists, lists, entries, ANY_JSON)

    return objects(known_fields(endpoint)) | ANY_JSON


@pytest.mark.parametrize("endpoint", list(ENDPOINTS.values()), ids=list(ENDPOINTS))
@given(data=st.data())
def test_no_record_raises_and_every_row_and_issue_can_be_stored(
    endpoint: Endpoint, data: st.DataObject
) -> None:
    found = mapped(endpoint, data.draw(records(endpoint)))
    for table in tables_from(endpoint):
        columns = table.columns_from(endpoint.name)
        rows = found.rows[table.part_of or table.name]
        to_arrow(table, columns, rows).validate(full=True)
        assert all(row[name] is not None for row in rows for name in table.key)
    to_arrow(ISSUES, ISSUES.columns, [issue.row() for issue in found.found.issues])


@given(st.dictionaries(ANY_TEXT, ANY_JSON, max_size=3))
def test_unknown_fields_change_nothing_but_their_count(unknown: Record) -> None:
    found, plain = mapped(RACECARDS, card(unknown | entry())), mapped(RACECARDS, card(entry()))
    assert (found.rows, found.issues) == (plain.rows, [])
    assert found.found.unknown.total() == len(unknown.keys() - entry().keys())
