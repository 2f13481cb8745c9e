"""The statistics of sql/views/ reckoned again, in Python, from the rows of the tables.

It shares no text with the views: exact fractions, loops over runs, sets of days.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest

Row = dict[str, Any]
Tables = dict[str, list[Row]]


@dataclass(frozen=True)
class Ran:
    """A horse that ran, with its race."""

    result: Row
    race: Row
    field: list[Row]

    def __getitem__(self, column: str) -> Any:
        return self.result[column] if column in self.result else self.race[column]

    @property
    def code(self) -> str | None:
        """Flat or Jumps, or unknown."""
        jumps = dict.fromkeys(("Hurdle", "Chase", "NH Flat"), "Jumps")
        return {"Flat": "Flat", **jumps}.get(self.race["race_type"])

    @property
    def is_handicap(self) -> bool:
        """By the title."""
        return "handicap" in self.race["race_name"].lower()

    @property
    def won(self) -> Fraction:
        """1, or a share of a dead heat, or 0."""
        winners = sum(other["position"] == 1 for other in self.field)
        return Fraction(int(self["position"] == 1), max(winners, 1))

    @property
    def placed(self) -> bool:
        """By each-way terms."""
        places = 3 if len(self.field) >= 8 else 2 if len(self.field) >= 5 else 1
        if len(self.field) >= 16 and self.is_handicap:
            places = 4
        return self["position"] is not None and self["position"] <= places

    @property
    def price(self) -> Fraction | None:
        """Starting price; None without one above evens for nothing."""
        price = self["starting_price_decimal"]
        return Fraction(price) if price is not None and price > 1 else None


def all_that_ran(tables: Tables) -> list[Ran]:
    """Return every horse that ran: no void or unknown results, no race abandoned for good."""
    finished = {row["race_id"] for row in tables["ra_race_results"] if row["position"] is not None}
    said = {race["id"]: race for race in tables["ra_result_races"]}
    races = {
        race["id"]: race | _as_it_was_run(said.get(race["id"], {}))
        for race in tables["ra_races"]
        if not race["is_abandoned"] or race["id"] in finished
    }
    fields = defaultdict(list)
    for result in tables["ra_race_results"]:
        if result["finish_status"] not in ("void", "unknown"):
            fields[result["race_id"]].append(result)
    return [
        Ran(result, races[race_id], field)
        for race_id, field in fields.items()
        if race_id in races
        for result in field
    ]


def _as_it_was_run(result: Row) -> Row:
    """Return what a result says of the conditions of its race: they come before the card's."""
    names = ("off_dt", "race_class", "going", "distance_f", "distance_y")
    return {name: result[name] for name in names if result.get(name) is not None}


def decimal(value: Fraction, places: int) -> Decimal:
    """Round half away from zero."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def measures(runs: list[Ran]) -> Row:
    """Return what every statistics view carries."""
    priced = [run for run in runs if run.price]
    wins = sum(run["position"] == 1 for run in runs)
    places = sum(run.placed for run in runs)
    expected = sum((1 / run.price for run in priced if run.price), Fraction(0))
    profits = [run.won * run.price - 1 for run in priced if run.price]
    return {
        "runs": len(runs),
        "wins": wins,
        "places": places,
        "strike_rate": decimal(Fraction(100 * wins, len(runs)), 1) if runs else None,
        "place_rate": decimal(Fraction(100 * places, len(runs)), 1) if runs else None,
        "runs_with_sp": len(priced),
        "profit": decimal(sum(profits, Fraction(0)), 2) if priced else None,
        "actual_expected": _about(sum((run.won for run in priced), Fraction(0)), expected),
    }


def _about(actual: Fraction, expected: Fraction) -> Any:
    """Return the ratio to two places, whichever way a tie is rounded."""
    if not expected:
        return None
    return pytest.approx(decimal(actual / expected, 8), abs=Decimal("0.00500001"))


def totals(runs: list[Ran]) -> Row:
    """Return the measures with prize money and the days they span."""
    prizes = {
        f"prize_won_{currency.lower()}": sum(
            (run["prize_won"] for run in runs if run.result["prize_currency"] == currency
             and run["prize_won"] is not None), Decimal(0)
        ) or None
        for currency in ("GBP", "EUR")
    }  # fmt: skip
    days = [run["race_date"] for run in runs]
    return {**measures(runs), **prizes, "first_run": min(days), "last_run": max(days)}


def grouped(
    runs: Iterable[Ran], key: Callable[[Ran], tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[Ran]]:
    """Return the runs by key, those with a key of None left out."""
    groups = defaultdict(list)
    for run in runs:
        if key(run)[0] is not None:
            groups[key(run)].append(run)
    return groups


# Views about entities: whole rows by key


def by_columns(runs: list[Ran], *columns: str, what: Any = totals) -> dict[tuple[Any, ...], Row]:
    """Reckon a view that has one row a combination of columns."""
    groups = grouped(runs, lambda run: tuple(run[column] for column in columns))
    return {key: what(some) for key, some in groups.items() if None not in key}


def bred(runs: list[Ran], column: str) -> dict[tuple[Any, ...], Row]:
    """Reckon a view about sires, dams or damsires."""

    def figures(some: list[Ran]) -> Row:
        winners = {run["horse_id"] for run in some if run["position"] == 1}
        horses = {run["horse_id"] for run in some}
        return {"runners": len(horses), "winners": len(winners), **totals(some)}

    return by_columns(runs, column, what=figures)


def performance(runs: list[Ran], by: Callable[[Ran], tuple[Any, ...]]) -> dict[Any, Row]:
    """Reckon performance_by_distance or _by_course."""
    found = {}
    for entity in ("horse", "jockey", "trainer", "sire"):
        column = f"{entity}_id"
        groups = defaultdict(list)
        for run in runs:
            groups[run[column], *by(run)].append(run)
        for key, some in groups.items():
            if key[0] is not None:
                found[entity, *key] = measures(some)
    return found


def draw_bias(runs: list[Ran]) -> dict[Any, Row]:
    """Reckon draw_bias: thirds of the stalls of those that ran."""
    thirds = defaultdict(list)
    drawn = [run for run in runs if run["race_type"] == "Flat" and run["draw"] is not None]
    for field in grouped(drawn, lambda run: (run["race_id"],)).values():
        field.sort(key=lambda run: (run["draw"], run["horse_id"]))
        for place, run in enumerate(field, 1):
            third = ("low", "middle", "high")[-(-3 * place // len(field)) - 1]
            thirds[run["course_id"], run["surface"], run["distance_f"], third].append(run)
    return {key: measures(some) for key, some in thirds.items()}


def favourites(runs: list[Ran]) -> dict[Any, Row]:
    """Reckon favourites: whoever has the lowest price of the race."""
    kinds = defaultdict(list)
    for field in grouped(runs, lambda run: (run["race_id"],)).values():
        prices = Counter(run.price for run in field if run.price)
        for run in field:
            if prices and run.price == min(prices):
                race = (run.race["region"], run["race_type"], run["race_class"], run.is_handicap)
                kinds[*race, prices[run.price] > 1].append(run)
    return {key: measures(some) for key, some in kinds.items()}


# Views that know only what was before


def trainer_form(tables: Tables, runs: list[Ran]) -> dict[Any, Row]:
    """Reckon trainer_form_14d: a yard in the 14 days before each day with horses on a card."""
    ran = grouped(runs, lambda run: (run["trainer_id"], run["race_date"]))
    days: defaultdict[tuple[str, date], int] = defaultdict(int)
    for runner in tables["ra_runners"]:
        if runner["trainer_id"] is not None:
            days[runner["trainer_id"], runner["race_date"]] += runner["is_scratched"] is False
    return {
        (trainer, day): {
            "runners": runners,
            **measures(
                [run for ago in range(1, 15) for run in ran[trainer, day - timedelta(days=ago)]]
            ),
        }
        for (trainer, day), runners in days.items()
    }


def record(before: list[Ran], *tests: Callable[[Ran], bool]) -> tuple[int, int]:
    """Return runs and wins of those that pass."""
    passed = [run for run in before if all(test(run) for test in tests)]
    return len(passed), sum(run["position"] == 1 for run in passed)


def known_before(before: list[Ran], race: Row, rating: int | None) -> Row:
    """Return what a horse's runs before a race say; they are in order."""
    last = before[-1] if before else None
    code = "Flat" if race["race_type"] == "Flat" else "Jumps"

    def same(column: str) -> Callable[[Ran], bool]:
        known = race[column] is not None
        return lambda run: known and run.code == code and run.race[column] == race[column]

    last_rating = last["official_rating"] if last else None
    move = None
    if last and last["race_type"] == race["race_type"] and rating and last_rating:
        move = rating - last_rating
    return {
        "runs": len(before),
        "wins": sum(run["position"] == 1 for run in before),
        "places": sum(run.placed for run in before),
        "days_off": (race["date"] - last["race_date"]).days if last else None,
        "last_position": last["position"] if last else None,
        "last_finish_status": last["finish_status"] if last else None,
        "last_race_class": last["race_class"] if last else None,
        "last_distance_f": last["distance_f"] if last else None,
        "last_official_rating": last_rating,
        "rating_move": move,
        "course": record(before, same("course_id")),
        "distance": record(before, same("distance_f")),
        "both": record(before, same("course_id"), same("distance_f")),
        "going": record(before, same("going")),
    }
