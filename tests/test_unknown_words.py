"""Words that are on no list: NULL, an issue, in no statistic, and named by a check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from pipelines.database.reader import Reader
from pipelines.status.checks import findings
from tests.jobs import load_days, point_to
from tests.replay import Record, Replay, replaying
from tests.templates import template_database, template_file
from tests.test_mapping import card, entry, finisher, price, result

DAY = date(2025, 6, 21)
ODD_RACE = {"type": "U", "region": "XX"}
POSITIONS = {
    "rac_1": ["1st", "=2", "2=", "PU", "XYZ", ""],
    "rac_2": ["1DH", "DH1", "3"],
    "rac_3": ["VOID", "VOI"],
    "rac_4": ["PU", "F", "NR"],
}


def results() -> Iterator[Record]:
    for race_id, positions in POSITIONS.items():
        runners = [
            finisher(horse_id=f"{race_id.replace('rac', 'hrs')}{number}", position=position)
            for number, position in enumerate(positions)
        ]
        yield result(
            *runners, race_id=race_id, region="GB", off_dt=f"2025-06-21T1{race_id[-1]}:00Z"
        )
    yield result(finisher(sex="R"), race_id="rac_5", **ODD_RACE)


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Load a day of odd words, once for each database."""
    folder = tmp_path_factory.mktemp(request.param)
    odd = entry(
        sex="rig", sex_code="R", odds=[price(bookmaker="Penny Bets"), price(bookmaker="Tote")]
    )
    api = Replay(racecards=[card(odd, race_id="rac_5", **ODD_RACE)], results=list(results()))
    if request.param == "postgres":
        template = template_database(request.getfixturevalue("postgres_server"))
    else:
        template = template_file()
    tables = template.copy(folder, f"words_{uuid4().hex}")
    with pytest.MonkeyPatch.context() as patch, replaying(api):
        patch.chdir(folder)
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv(f"DESTINATION__{request.param.upper()}__CREDENTIALS", tables.credentials)
        point_to(patch, api.url)
        load_days(request.param, DAY + timedelta(days=1), DAY, DAY)
        yield Reader(request.param)
    tables.drop()


def test_unknown_word_is_null_and_an_issue_with_the_word(loaded: Reader) -> None:
    ((race_type, region),) = loaded.rows(
        "SELECT race_type, region FROM ra_races WHERE id = 'rac_5'"
    )
    ((sex, code),) = loaded.rows("SELECT sex, sex_code FROM ra_runners WHERE race_id = 'rac_5'")
    kinds = loaded.rows("SELECT id, type FROM ra_mst_bookmakers ORDER BY id")
    assert (race_type, region, sex, code) == (None, "", None, None)
    assert kinds == [("pennybets", None), ("tote", "pool")]
    words = loaded.rows(
        "SELECT DISTINCT table_name, row_key, raw_value FROM ra_issues "
        "WHERE problem = 'unknown word' ORDER BY 1, 2, 3"
    )
    assert words == [
        ("ra_mst_bookmakers", "pennybets", '"Penny Bets"'),
        ("ra_race_results", "rac_1/hrs_14", '"XYZ"'),
        ("ra_race_results", "rac_4/hrs_42", '"NR"'),
        ("ra_race_results", "rac_5/hrs_1", '"R"'),
        ("ra_races", "rac_5", '"U"'),
        ("ra_races", "rac_5", '"XX"'),
        ("ra_runners", "rac_5/hrs_1", '"R"'),
        ("ra_runners", "rac_5/hrs_1", '"rig"'),
    ]


def test_position_that_nobody_knows_is_no_run_no_starter_and_no_loss(loaded: Reader) -> None:
    ran = "SELECT race_id, count(*), min(starters), sum(profit) FROM runs GROUP BY 1 ORDER BY 1"
    assert [(race, runs, starters) for race, runs, starters, _ in loaded.rows(ran)] == [
        ("rac_1", 4, 4),
        ("rac_2", 3, 3),
        ("rac_4", 2, 2),
        ("rac_5", 1, 1),
    ]
    assert [float(profit) for *_, profit in loaded.rows(ran)] == [1.5, 2.5, -2.0, 4.5]


def test_ordinals_and_marks_of_dead_heats_are_places(loaded: Reader) -> None:
    places = "SELECT race_id, position FROM runs WHERE position IS NOT NULL ORDER BY 1, 2"
    assert loaded.rows(places) == [
        ("rac_1", 1),
        ("rac_1", 2),
        ("rac_1", 2),
        ("rac_2", 1),
        ("rac_2", 1),
        ("rac_2", 3),
        ("rac_5", 1),
    ]


def test_unknown_type_or_region_is_in_no_statistic_of_types_or_regions(loaded: Reader) -> None:
    assert loaded.rows("SELECT code, region FROM runs WHERE race_id = 'rac_5'") == [(None, None)]
    known = "SELECT DISTINCT code FROM performance_by_distance"
    assert loaded.rows(known) == [("Flat",)]
    kinds = "SELECT DISTINCT region, race_type FROM favourites"
    assert loaded.rows(kinds) == [("GB", "Flat")]
    assert loaded.rows("SELECT runs FROM trainer_stats") == [(10,)]
    same = "SELECT course_runs_before, distance_runs_before, going_runs_before FROM runner_history"
    assert set(loaded.rows(same)) == {(0, 0, 0)}


def test_checks_name_the_words_and_the_races_without_a_winner(loaded: Reader) -> None:
    found = {finding.check.name: finding for finding in findings(loaded)}
    words = {row["word"] for row in found["unknown_words"].rows}
    assert words == {"XYZ", "NR", "", '"U"', '"XX"', '"R"', '"rig"', '"Penny Bets"'}
    assert [row["race_id"] for row in found["no_winner"].rows] == ["rac_4"]
    assert found["no_winner"].check.is_error
