"""The draw: a fair course shows no bias, and one that is not fair does."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.reckoning import interval
from tests.world import World

pytestmark = pytest.mark.slow
COURSES = 100
RACES = 60
SEED = 20251130


@pytest.fixture(scope="module")
def connection(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Open a copy of the world without its races."""
    tables = world.duckdb.copy(tmp_path_factory.mktemp("draw"), "draw")
    with duckdb.connect(tables.credentials) as file:
        file.execute("SET search_path = 'racing'")
        for table in ("ra_races", "ra_race_results", "ra_result_races", "ra_runners"):
            file.execute(f"DELETE FROM {table}")
        yield file


@dataclass(frozen=True)
class Race:
    """A race, with the stalls of its starters in the order in which they finish."""

    course: int
    number: int
    stalls: list[int]

    @property
    def id(self) -> str:
        """Its id."""
        return f"rac_{self.course}_{self.number}"


def _simulated(bias: float) -> Iterator[Race]:
    """Run races at courses where a low stall is worth so much to the horse that has it.

    Some stalls are empty: their horses did not run.
    """
    dice = random.Random(SEED)
    for course in range(COURSES):
        for number in range(RACES):
            starters = dice.randint(8, 15)
            stalls = sorted(dice.sample(range(1, starters + 4), starters))
            luck = {stall: dice.random() - bias * (stall <= starters / 3) for stall in stalls}
            yield Race(course, number, sorted(stalls, key=luck.__getitem__))


def _run(connection: Any, bias: float) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Store the races; returns what the view says of each course and third."""
    connection.execute("DELETE FROM ra_races; DELETE FROM ra_race_results")
    results = pa.Table.from_pylist(
        [
            {"course": race.course, "race": race.id, "place": place, "stall": stall}
            for race in _simulated(bias)
            for place, stall in enumerate(race.stalls, 1)
        ]
    )
    connection.register("results", results)
    connection.execute(
        "INSERT INTO ra_races (id, date, off_time, course_id, course_name, region, race_name, "
        "race_type, surface, distance_f, has_result, _dlt_load_id) "
        "SELECT DISTINCT race, DATE '2025-09-08', '1:00', 'crs_' || course, 'A Course', 'GB', "
        "'A Race', 'Flat', 'Turf', 6.0, true, '' FROM results"
    )
    connection.execute(
        "INSERT INTO ra_race_results (race_id, horse_id, runner_id, race_date, horse_name, "
        "position, position_str, finish_status, draw, _dlt_load_id) "
        "SELECT race, 'hrs_' || place, 'x', DATE '2025-09-08', 'A Horse', place, place, "
        "'finished', stall, '' FROM results"
    )
    rows = connection.execute(
        "SELECT course_id, draw_third, races, runs, wins, chance_wins, rivals_beaten, "
        "impact_value_low, impact_value_high, is_small_sample FROM draw_bias"
    ).fetchall()
    return {row[:2]: row[2:] for row in rows}


def test_a_fair_course_shows_no_bias(connection: Any) -> None:
    found = _run(connection, bias=0.0)
    assert len(found) == 3 * COURSES
    outside = [key for key, row in found.items() if not row[5] <= 1 <= row[6]]
    assert len(outside) <= 0.05 * len(found), "more than one in twenty by chance"
    races, runs, wins, chance, beaten, *_ = zip(*found.values(), strict=True)
    assert set(races) == {RACES}
    assert sum(wins) == RACES * COURSES
    assert sum(chance) == pytest.approx(RACES * COURSES, abs=3)
    mean = sum(share * n for share, n in zip(beaten, runs, strict=True)) / sum(runs)
    assert mean == pytest.approx(Decimal(50), abs=Decimal("0.05"))
    assert not any(row[-1] for row in found.values())


def test_a_biased_course_is_found_out(connection: Any) -> None:
    found = _run(connection, bias=0.2)
    low = [row for (_, third), row in found.items() if third == "low"]
    assert sum(row[5] > 1 for row in low) > 0.9 * COURSES
    assert all(row[4] > 50 for row in low)


def test_the_interval_is_that_of_the_textbook() -> None:
    # The exact limits of a count of ten rare events are 4.80 and 18.39.
    low, high = interval(Fraction(10))
    assert (round(float(low) / 10, 2), round(float(high) / 10, 2)) == (0.48, 1.84)


def test_few_races_are_marked(connection: Any) -> None:
    _run(connection, bias=0.0)
    connection.execute("DELETE FROM ra_races WHERE CAST(split_part(id, '_', 3) AS int) > 9")
    query = "SELECT DISTINCT is_small_sample, races FROM draw_bias"
    assert connection.execute(query).fetchall() == [(True, 10)]
