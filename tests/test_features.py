"""Features: reckoned again in plain Python, blind to what came later, alike on both databases."""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import isclose
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from pipelines.database.database import Database
from pipelines.database.kinds import Driver
from pipelines.errors import DestinationError
from pipelines.loading.features import Computed, _staged, compute_features
from pipelines.models.features import families
from pipelines.tables.features import FEATURES, KEYS, OF_PRICES, Counted
from pipelines.tables.features.model import LATE_DAYS
from tests.faults.tables import Tables
from tests.reckoning import COMMISSION, Ran, all_that_ran
from tests.stable import TODAY, conclude, days, rows_of, store
from tests.templates import template_database, template_file

pytestmark = pytest.mark.slow
NAMES = [feature.name for feature in (*KEYS, *FEATURES)]
Row = dict[str, Any]
RECKONED = 40 if "CI" in os.environ else 20
"""Runners whose features are counted again: a tenth of a second each."""


@dataclass(frozen=True)
class Made:
    """A database with rows and their features."""

    tables: Tables
    folder: Path

    def database(self) -> Database:
        with pytest.MonkeyPatch.context() as patch:
            name = self.tables.destination
            patch.setenv("DLT_DATA_DIR", str(self.folder / f"dlt_{name}"))
            patch.setenv(f"DESTINATION__{name.upper()}__CREDENTIALS", self.tables.credentials)
            return Database(name)

    def compute(self, today: date = TODAY, **options: bool) -> Computed:
        return compute_features(self.database(), today, float(COMMISSION), **options)

    def features(self, table: str = "features", where: str = "true") -> dict[tuple[str, str], Row]:
        sql = f"SELECT {', '.join(NAMES)} FROM racing.{table} WHERE {where}"
        rows = (dict(zip(NAMES, map(_single, row), strict=True)) for row in self.tables.rows(sql))
        return {(row["race_id"], row["horse_id"]): row for row in rows}

    def all_rows(self) -> dict[str, list[Row]]:
        names = ("ra_races", "ra_result_races", "ra_race_results", "ra_card_runners")
        keys = {name: ("id",) if name.endswith("races") else ("race_id",) for name in names}
        return self.tables.sorted_rows(keys)

    def copy(self, folder: Path) -> Made:
        return Made(self.tables.copy(folder, f"copy_{uuid4().hex}"), folder)


def _single(value: Any) -> Any:
    """Return a number of single precision as both drivers should: one writes it shorter."""
    if isinstance(value, float):
        (value,) = struct.unpack("f", struct.pack("f", value))
    return value


@pytest.fixture(scope="module")
def both(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Made]]:
    """The same rows in both databases, with their features."""
    folder = tmp_path_factory.mktemp("features")
    templates = (template_file(), template_database(postgres_server))
    found = [Made(each.copy(folder, f"features_{uuid4().hex}"), folder) for each in templates]
    for made in found:
        store(made.tables, rows_of())
        conclude(made.database())
        made.compute()
    yield found
    found[1].tables.drop()


@pytest.fixture(params=["duckdb", "postgres"])
def made(both: list[Made], request: pytest.FixtureRequest) -> Made:
    return next(made for made in both if made.tables.destination == request.param)


@pytest.fixture
def copied(made: Made, tmp_path: Path) -> Iterator[Made]:
    copy = made.copy(tmp_path)
    yield copy
    copy.tables.drop()


def test_there_are_hundreds_and_none_is_declared_twice() -> None:
    assert len(FEATURES) >= 300
    assert len(set(NAMES)) == len(NAMES)


def test_every_horse_that_ran_has_a_row_and_every_runner_of_today(both: list[Made]) -> None:
    made = both[0]
    ran = all_that_ran(made.all_rows())
    assert made.features().keys() == {(run["race_id"], run["horse_id"]) for run in ran}
    declared = made.tables.rows_in_dataset(
        "SELECT race_id, horse_id FROM ra_runners JOIN ra_races ON ra_races.id = race_id "
        f"WHERE race_date = '{TODAY}' AND is_scratched IS NOT true AND is_abandoned IS NOT true"
    )
    assert made.features("today_features").keys() == set(declared)
    assert len(declared) > 5


@pytest.mark.parametrize("table", ["features", "today_features"])
def test_both_databases_have_the_same_features(both: list[Made], table: str) -> None:
    one, other = (made.features(table) for made in both)
    assert len(one) >= 10
    assert differences(one, other) == {}


def test_nearly_every_feature_has_values_and_they_differ(both: list[Made]) -> None:
    rows = both[0].features().values()
    values = {name: {row[name] for row in rows} for name in NAMES}
    same = {name for name, found in values.items() if len(found) < 2}
    # What this world does not have: its cards say nothing of these.
    assert same == {
        "is_pattern",
        "is_big_race",
        "distance_y",
        "yard_percent_on_card",
        "yard_ran_to_form",
        "topspeed",
        "topspeed_to_field",
        "topspeed_to_best",
        "claim",
        "has_hood",
        "has_visor",
        "wind_surgery_first_run",
        "wind_surgery_run",
    }


# Reckoned again


def test_what_is_counted_is_what_plain_python_counts(made: Made) -> None:
    tables = made.all_rows()
    ran = all_that_ran(tables)
    rows = {**made.features(), **made.features("today_features")}
    facts = _declared(made)
    sample = random.Random(3).sample(sorted(rows), RECKONED)
    wrong = {}
    for key in sample:
        before = [run for run in ran if run["race_date"] < facts[key]["race_date"]]
        for feature in FEATURES:
            if isinstance(feature, Counted):
                expected = reckoned(feature, facts[key], before)
                if not _alike(rows[key][feature.name], expected):
                    wrong[feature.name, *key] = rows[key][feature.name], expected
    assert wrong == {}


def _alike(found: Any, expected: Any) -> bool:
    if expected is None or not isinstance(found, int | float):
        return bool(found == expected)
    return found == expected or isclose(found, expected, rel_tol=1e-6, abs_tol=1e-4)


def _declared(made: Made) -> dict[tuple[str, str], Row]:
    """Return what is said of each runner before the off: the card, or the result without one."""
    names = {"ra_card_races": ("id",), "ra_races": ("id",)}
    races = made.tables.sorted_rows(names)
    cards = {race["id"]: race for race in races["ra_card_races"]}
    whole = {race["id"]: race for race in races["ra_races"]} | cards
    runners = made.tables.sorted_rows({"ra_runners": ("id",), "ra_card_runners": ("id",)})
    on_card = {(row["race_id"], row["horse_id"]): row for row in runners["ra_card_runners"]}
    found = {(row["race_id"], row["horse_id"]): row for row in runners["ra_runners"]} | on_card
    facts = {
        key: whole[key[0]] | row | {"region": whole[key[0]]["region"]} for key, row in found.items()
    }
    thirds: dict[tuple[str, str], int | None] = {}
    for race_id, race in whole.items():
        field = [
            (row["draw"], key)
            for key, row in found.items()
            if key[0] == race_id
            and race["race_type"] == "Flat"
            and not row["is_reserve"]
            and not row["is_non_runner_on_card"]
            and (key in on_card) == (race_id in cards)
        ]
        if None not in dict(field):
            for place, (_, key) in enumerate(sorted(field)):
                thirds[key] = 1 + int(Fraction(3 * (2 * place + 1), 2 * len(field)))
    return {key: row | {"third": thirds.get(key)} for key, row in facts.items()}


KINDS: dict[str, Callable[[Any], Any]] = {
    "code": lambda row: "Flat" if row["race_type"] == "Flat" else row["race_type"] and "Jumps",
    "going": lambda row: {
        "Good To Firm": 1, "Good": 2, "Yielding": 3, "Soft": 4, "Heavy": 5, "Standard": 12,
    }.get(row["going"]),
    "class": lambda row: row["race_class"],
    "band": lambda row: _band(row),
}  # fmt: skip


def _band(row: Any) -> int | None:
    furlongs = row["distance_f"]
    if furlongs is None or row["race_type"] is None:
        return None
    limits = (7, 10, 13) if row["race_type"] == "Flat" else (Fraction(37, 2), Fraction(45, 2))
    return 1 + len([limit for limit in limits if furlongs >= limit])


def _value(row: Any, column: str) -> Any:
    return KINDS[column](row) if column in KINDS else row[column]


def _third_of(run: Ran) -> int | None:
    if run["race_type"] != "Flat" or run.draw_position is None:
        return None
    return 1 + int(3 * run.draw_position)


def reckoned(feature: Counted, target: Row, before: list[Ran]) -> Any:
    """Return a feature by counting: None where the card does not say whose or which."""
    keys = (*feature.who.keys, *feature.where.keys)
    wanted = {key: target["third"] if key == "third" else _value(target, key) for key in keys}
    if None in wanted.values():
        return None
    newest = 1 + (LATE_DAYS if feature.measure.name in ("profit_bsp", "best_rpr") else 0)
    oldest = feature.days or 10_000
    runs = [
        run
        for run in before
        if newest <= (target["race_date"] - run["race_date"]).days <= oldest
        and all(
            (_third_of(run) if key == "third" else _value(run, key)) == value
            for key, value in wanted.items()
        )
        and BANDS.get(feature.where.name, lambda price: True)(run.price)
    ]
    return MEASURES[feature.measure.name](runs)


BANDS: dict[str, Callable[[Any], bool]] = {
    "short": lambda price: price is not None and price < 4,
    "middle": lambda price: price is not None and 4 <= price < 10,
    "long": lambda price: price is not None and price >= 10,
}


def _total(values: list[Any]) -> Any:
    known = [value for value in values if value is not None]
    return sum(known, Fraction(0)) if known else None


def _ratio(part: Any, whole: Any) -> Any:
    return Fraction(part) / whole if whole and part is not None else None


def _pace(run: Ran) -> int | None:
    first = (run["race_comment"] or "").partition(" ")[0]
    return PLACES.get(first)


PLACES = {"Led": 4, "Tracked": 3, "Midfield": 2, "Held": 1}


def _average(values: list[Any]) -> Any:
    known = [value for value in values if value is not None]
    return _ratio(_total(known), len(known))


MEASURES: dict[str, Callable[[list[Ran]], Any]] = {
    "runs": len,
    "wins": lambda runs: sum(run["position"] == 1 for run in runs),
    "places": lambda runs: sum(run.placed for run in runs),
    "beaten": lambda runs: _average([run.rivals_beaten for run in runs]),
    "expected": lambda runs: _total([run.chance for run in runs if run.chance]),
    "ae": lambda runs: _ratio(
        _total([run.won for run in runs if run.chance]), _total([run.chance for run in runs])
    ),
    "profit": lambda runs: _total([run.profits["profit"] for run in runs]),
    "profit_bsp": lambda runs: _total([run.profits["profit_bsp"] for run in runs]),
    "best_or": lambda runs: max((run["official_rating"] or 0 for run in runs), default=0) or None,
    "best_winning_or": lambda runs: (
        max((run["official_rating"] or 0 for run in runs if run["position"] == 1), default=0)
        or None
    ),
    "best_rpr": lambda runs: max((run["rpr"] or 0 for run in runs), default=0) or None,
    "pace": lambda runs: _ratio(
        sum(_pace(run) or 0 for run in runs), sum(_pace(run) is not None for run in runs)
    ),
    "led": lambda runs: sum(_pace(run) == 4 for run in runs),
    "chance": lambda runs: _total([Fraction(1, len(run.field)) for run in runs]),
    "impact": lambda runs: _ratio(
        _total([run.won for run in runs]), _total([Fraction(1, len(run.field)) for run in runs])
    ),
}


def test_what_is_known_of_the_last_runs_is_what_plain_python_finds(made: Made) -> None:
    ran = all_that_ran(made.all_rows())
    facts = _declared(made)
    rows = {**made.features(), **made.features("today_features")}
    compared = 0
    for key, row in rows.items():
        target = facts[key]
        last = _last_runs(ran, target)
        here = KINDS["code"](target), target["region"]
        alike = [run for run in ran if here == (KINDS["code"](run), run.race["region"]) and here[0]]
        same = _last_runs(alike, target)
        card = target.get("last_run_days")
        off = [(target["race_date"] - last[0]["race_date"]).days] if last else []
        assert row["days_off"] == min([*off, *([card] if card else [])], default=None)
        assert row["last_position"] == (last[0]["position"] if last else None)
        assert row["last_position_3"] == (last[2]["position"] if len(last) > 2 else None)
        assert row["or_change"] == _change(target, same, "official_rating", 0)
        assert row["or_change_2"] == _change(target, same, "official_rating", 1)
        assert row["weight_change"] == _change(target, same, "weight", 0)
        winning = [run for run in same if run["position"] == 1 and run["official_rating"]]
        assert row["or_above_last_win"] == _change(target, winning, "official_rating", 0)
        assert row["is_debut"] == (not last and card is None)
        compared += bool(last)
    assert compared > 200


def _last_runs(ran: list[Ran], target: Row) -> list[Ran]:
    """Return a horse's earlier runs, the newest first; of two on a day the later one."""
    by_day: dict[date, Ran] = {}
    for run in sorted(ran, key=lambda run: (run["off_dt"], run["race_id"])):
        if run["horse_id"] == target["horse_id"] and run["race_date"] < target["race_date"]:
            by_day[run["race_date"]] = run
    return [run for _, run in sorted(by_day.items(), reverse=True)]


def _change(target: Row, runs: list[Ran], column: str, back: int) -> Any:
    if len(runs) <= back or None in (target[column], runs[back][column]):
        return None
    return target[column] - runs[back][column]


# Nothing of later


SAMPLE = [days()[at] for at in (-2, -8, -20, -32)]


@pytest.mark.parametrize("day", SAMPLE, ids=str)
def test_no_feature_changes_when_all_later_rows_are_deleted(
    made: Made, copied: Made, day: date
) -> None:
    """The rows that a morning of that day did not have: results, later cards, later prices."""
    evening = made.features(where=f"race_date = '{day}'")
    copied.tables.run(
        f"DELETE FROM ra_race_results WHERE race_date >= '{day}'",
        f"DELETE FROM ra_result_races WHERE date >= '{day}'",
        f"DELETE FROM ra_card_races WHERE date > '{day}'",
        f"DELETE FROM ra_card_runners WHERE race_date > '{day}'",
        "DELETE FROM ra_price_changes WHERE valid_from >= "
        "(SELECT off_dt FROM ra_card_races WHERE id = race_id) OR race_id NOT IN "
        "(SELECT id FROM ra_card_races)",
    )
    conclude(copied.database())
    copied.compute(day)
    morning = copied.features("today_features")
    on_card = set(copied.tables.rows_in_dataset("SELECT race_id, horse_id FROM ra_card_runners"))
    kept = evening.keys() & on_card
    assert {key: morning[key] for key in kept} == {key: evening[key] for key in kept}
    assert len(kept) >= 3
    assert copied.features(where=f"race_date >= '{day}'") == {}


def test_results_of_an_earlier_day_do_count(made: Made, copied: Made) -> None:
    """Without them the features of today are others: what is compared above can differ."""
    before = made.features("today_features")
    copied.tables.run(f"DELETE FROM ra_race_results WHERE race_date = '{days()[-2]}'")
    conclude(copied.database())
    copied.compute()
    after = copied.features("today_features")
    changed = set(differences(before, after))
    assert {"horse_runs", "trainer_runs_14d", "jockey_wins_365d", "days_off"} <= changed


# Only what has changed


def differences(one: dict[Any, Row], other: dict[Any, Row]) -> dict[str, list[Any]]:
    """Return up to three differing values of each feature, and keys that only one has."""
    found: dict[str, list[Any]] = {"rows": sorted(one.keys() ^ other.keys())}
    for key in one.keys() & other.keys():
        for name in NAMES:
            if not _alike(one[key][name], other[key][name]):
                found.setdefault(name, []).append((key, one[key][name], other[key][name]))
    return {name: some[:3] for name, some in found.items() if some}


def test_second_computation_has_nothing_to_do(copied: Made) -> None:
    before = copied.features()
    assert copied.compute().first is None
    assert copied.features() == before


def test_days_from_a_changed_one_on_are_computed_again_as_all_would_be(copied: Made) -> None:
    day = days()[-12]
    copied.tables.run(
        "UPDATE ra_race_results SET position = 1, finish_status = 'finished', "
        f"_dlt_load_id = '1700000001.1' WHERE race_date = '{day}'",
        f"DELETE FROM ra_race_results WHERE race_date = '{days()[-5]}'",
    )
    conclude(copied.database())
    done = copied.compute()
    assert done.first == day
    found = copied.features(), copied.features("today_features")
    copied.compute(is_all=True)
    assert differences(copied.features(), found[0]) == {}
    assert copied.features("today_features") == found[1]


def test_a_day_with_new_prices_is_computed_again(copied: Made) -> None:
    price = next(
        row
        for row in rows_of()["ra_price_changes"]
        if row["race_date"] == days()[-3] and row["bookmaker_id"] == "bet"
    )
    early = price | {"valid_from": price["valid_from"] - timedelta(days=1), "decimal_odds": 99}
    store(copied.tables, {"ra_price_changes": [early | {"valid_to": price["valid_from"]}]})
    before = copied.features()
    assert copied.compute().first == days()[-3]
    changed = differences(before, copied.features())
    assert set(changed) <= OF_PRICES
    assert changed["price_first"] != []


def test_a_day_later_yesterday_is_history(made: Made, copied: Made) -> None:
    yesterday = days()[-2]
    results = [row for row in rows_of()["ra_race_results"] if row["race_date"] == yesterday]
    races = [row for row in rows_of()["ra_result_races"] if row["date"] == yesterday]
    copied.tables.run(
        f"DELETE FROM ra_race_results WHERE race_date = '{yesterday}'",
        f"DELETE FROM ra_result_races WHERE date = '{yesterday}'",
    )
    conclude(copied.database())
    copied.compute(yesterday)
    store(copied.tables, {"ra_race_results": results, "ra_result_races": races}, "1700000002.1")
    conclude(copied.database())
    done = copied.compute()
    assert done.first == yesterday
    assert copied.features() == made.features()
    assert copied.features("today_features") == made.features("today_features")


def test_what_takes_more_memory_than_is_given_gets_it(
    copied: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = copied.features()
    monkeypatch.setattr("pipelines.loading.features.MEMORY", 1)
    copied.compute(is_all=True)
    assert copied.features() == before


@pytest.mark.parametrize("table", ["features", "today_features", "_feature_days"])
def test_tables_of_another_version_are_made_again(copied: Made, table: str) -> None:
    before = copied.features(), copied.features("today_features")
    copied.tables.run(f"ALTER TABLE {table} ADD COLUMN of_another_version integer")
    assert copied.compute().first == days()[0]
    assert (copied.features(), copied.features("today_features")) == before
    assert copied.compute().first is None


def test_one_failure_leaves_the_features_as_they_were(copied: Made) -> None:
    before = copied.features()
    copied.tables.run("DROP VIEW runs CASCADE")
    with pytest.raises(DestinationError, match="runs"):
        copied.compute(is_all=True)
    assert copied.features() == before


def test_postgres_knows_how_many_rows_a_figure_has_before_they_are_joined() -> None:
    day = date(2025, 10, 1)
    parameters: dict[str, object] = {"first": day, "since": day, "today": day, "commission": 2.0}
    said = [*_staged(parameters, None, Driver.POSTGRES)]
    made = [said.index(family.create(None)) for family in families()]
    assert [said[place + 1] for place in made] == [f"ANALYZE {one.table}" for one in families()]
