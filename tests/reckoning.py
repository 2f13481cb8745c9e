"""The statistics of sql/views/ reckoned again, in Python, from the rows of the tables.

It shares no text with the views: exact fractions, loops over runs, sets of days.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property
from itertools import product
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

    @cached_property
    def code(self) -> str | None:
        """Flat or Jumps, or unknown."""
        jumps = dict.fromkeys(("Hurdle", "Chase", "NH Flat"), "Jumps")
        return {"Flat": "Flat", **jumps}.get(self.race["race_type"])

    @cached_property
    def is_handicap(self) -> bool:
        """By the title."""
        return "handicap" in self.race["race_name"].lower()

    @cached_property
    def won(self) -> Fraction:
        """1, or a share of a dead heat, or 0."""
        winners = sum(other["position"] == 1 for other in self.field)
        return Fraction(int(self["position"] == 1), max(winners, 1))

    @cached_property
    def terms(self) -> tuple[int, int]:
        """Places that are paid, and the fraction of the price, by the number of starters."""
        n = len(self.field)
        if n < 5:
            return 1, 1
        if n < 8:
            return 2, 4
        if not self.is_handicap or n < 12:
            return 3, 5
        return (3, 4) if n < 16 else (4, 4)

    @cached_property
    def placed(self) -> bool:
        """By each-way terms."""
        return self["position"] is not None and self["position"] <= self.terms[0]

    @cached_property
    def place_share(self) -> Fraction:
        """Of the places that are usually paid."""
        return self.share_of(self.terms[0])

    @cached_property
    def price(self) -> Fraction | None:
        """Starting price; None without one above evens for nothing."""
        return price_of(self.result, "starting_price_decimal")

    @cached_property
    def chance(self) -> Fraction | None:
        """Of winning, as the market sees it, its margin taken off; None unless all have a price."""
        prices = [price_of(other, "starting_price_decimal") for other in self.field]
        known = [1 / price for price in prices if price]
        return 1 / self.price / sum(known) if self.price and len(known) == len(prices) else None

    @cached_property
    def profits(self) -> dict[str, Fraction | None]:
        """Of one unit in each kind of bet."""
        price, bsp, (places, denominator) = self.price, price_of(self.result, "bsp"), self.terms
        kinds: dict[str, Fraction | None] = dict.fromkeys(BETS)
        if price:
            win = self.won * price - 1
            place = self.place_share * (1 + (price - 1) / denominator) - 1
            kinds["profit"], kinds["profit_each_way"] = win, (win + place) / 2
            if places > 1:
                kinds["profit_place"] = place
        if bsp:
            before = self.won * bsp - 1
            kinds["profit_bsp"] = before - max(before, Fraction(0)) * COMMISSION
        return kinds

    @cached_property
    def rivals_beaten(self) -> Fraction | None:
        """Percentage of the others, by position: half of those that were level."""
        rivals = len(self.field) - 1
        level = sum(other["position"] == self["position"] for other in self.field) - 1
        behind = len(self.field) - self["position"] - level if self["position"] else 0
        return Fraction(100 * (2 * max(behind, 0) + level), 2 * rivals) if rivals else None

    @cached_property
    def draw_position(self) -> Fraction | None:
        """From 0 to 1 among those that ran, if all have a stall."""
        if any(other["draw"] is None for other in self.field):
            return None
        order = sorted(self.field, key=lambda other: (other["draw"], other["horse_id"]))
        place = [other["horse_id"] for other in order].index(self["horse_id"])
        return Fraction(2 * place + 1, 2 * len(order))

    def share_of(self, places: int) -> Fraction:
        """1 if the horse is placed, or a share of what is left of the last place, or 0."""
        if self["position"] is None or self["position"] > places:
            return Fraction(0)
        level = sum(other["position"] == self["position"] for other in self.field)
        taken = range(self["position"], self["position"] + level)
        return Fraction(sum(place <= places for place in taken), level)


BETS = ("profit", "profit_bsp", "profit_place", "profit_each_way")
COMMISSION = Fraction(2, 100)


def price_of(row: Row, column: str) -> Fraction | None:
    """Return decimal odds; None without any above evens for nothing."""
    price = row[column]
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
    return {
        "runs": len(runs),
        **rates(runs),
        **returns(runs),
        **against([(run.won, run.chance) for run in runs]),
    }


def rates(runs: list[Ran]) -> Row:
    """Return how many won and were placed, and what they beat."""
    wins = sum(run["position"] == 1 for run in runs)
    places = sum(run.placed for run in runs)
    beaten = [run.rivals_beaten for run in runs if run.rivals_beaten is not None]
    return {
        "wins": wins,
        "places": places,
        "strike_rate": decimal(Fraction(100 * wins, len(runs)), 1) if runs else None,
        "place_rate": decimal(Fraction(100 * places, len(runs)), 1) if runs else None,
        "rivals_beaten": _about(sum(beaten), len(beaten), 1),
    }


def returns(runs: list[Ran]) -> Row:
    """Return profits and returns on investment."""
    found: Row = {
        "runs_with_sp": sum(run.price is not None for run in runs),
        "runs_with_bsp": sum(run.profits["profit_bsp"] is not None for run in runs),
    }
    for bet in BETS:
        profits = [profit for run in runs if (profit := run.profits[bet]) is not None]
        found[bet] = _about(sum(profits), 1, 2) if profits else None
        found[bet.replace("profit", "roi")] = _about(100 * sum(profits), len(profits), 1)
    return found


def against(runs: list[tuple[Fraction, Fraction | None]]) -> Row:
    """Return actual wins against those expected, with what chance can do."""
    known = [(won, chance) for won, chance in runs if chance is not None]
    actual, expected = (sum(column) for column in zip(*known, strict=True)) if known else (0, 0)
    low, high = interval(actual)
    misses = len(known) - expected
    chi_squared = None
    if expected and misses:
        chi_squared = (actual - expected) ** 2 * (1 / expected + 1 / misses)
    return {
        "expected_wins": _about(expected, 1, 2) if known else None,
        "actual_expected": _about(actual, expected, 2),
        "actual_expected_low": _about(low, expected, 2),
        "actual_expected_high": _about(high, expected, 2),
        "chi_squared": None if chi_squared is None else _about(chi_squared, 1, 2),
        "is_small_sample": expected < 5 if known else None,
    }


def interval(wins: Fraction | int) -> tuple[Fraction, Fraction]:
    """Return what 95 % of all samples with so many wins stem from: Byar's approximation."""

    def end(count: float, side: int) -> float:
        root = 1 - 1 / (9 * count) + side * 1.959964 / (3 * math.sqrt(count))
        return float(count * max(root, 0) ** 3)

    low = end(float(wins), -1) if wins else 0.0
    return Fraction(low), Fraction(end(float(wins + 1), 1))


def _about(total: Any, by: Any, places: int) -> Any:
    """Return the ratio to so many places, whichever way a tie is rounded."""
    if not by:
        return None
    slack = Decimal("0.500001").scaleb(-places)
    return pytest.approx(decimal(Fraction(total) / by, 8), abs=slack)


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


def splits(runs: list[Ran], entity: str, today: date) -> dict[Any, Row]:
    """Reckon performance_splits: each run counts in all and in its own part of each split."""
    groups = defaultdict(list)
    for run in runs:
        parts = (
            ("all", run.code or "unknown"),
            ("all", "handicap" if run.is_handicap else "other"),
            ("all", run.race["region"] or "unknown"),
            ("all loaded", "12 months") if _is_of_a_year(run, today) else ("all loaded",),
        )
        for part in product(*parts):
            groups[entity, run[f"{entity}_id"], *part].append(run)
    return {key: measures(some) for key, some in groups.items() if key[1] is not None}


def _is_of_a_year(run: Ran, today: date) -> bool:
    return bool(run["race_date"] > today.replace(year=today.year - 1))


def morning_prices(tables: Tables, day: date) -> dict[Any, Row]:
    """Reckon morning_prices of the day on which each price was one more at nine."""
    books = {row["id"]: row for row in tables["ra_mst_bookmakers"] if row["type"] == "fixed_odds"}
    offers = defaultdict(list)
    for odds in tables["ra_runner_odds"]:
        if odds["race_date"] == day and odds["decimal_odds"] and odds["bookmaker_id"] in books:
            places, id = odds["ew_places"], odds["bookmaker_id"]
            rank = (
                -odds["decimal_odds"],
                -(places or 0),
                odds["ew_denom"] or 99,
                books[id]["name"],
            )
            offer = {
                "race_date": day,
                "decimal_odds": odds["decimal_odds"] + 1,
                "bookmaker_id": id,
                "ew_places": places,
                "ew_denom": odds["ew_denom"],
            }
            offers[odds["race_id"], odds["horse_id"]].append((rank, id, offer))
    return {key: min(some, key=lambda offer: offer[:2])[2] for key, some in offers.items()}


def _bets(run: Ran, price: Row) -> tuple[Fraction, Fraction | None]:
    """Return the profit of a unit to win, and each way by the bookmaker's own terms."""
    odds, places = Fraction(price["decimal_odds"]), price["ew_places"]
    if not places:
        return run.won * odds - 1, None
    back = run.share_of(places) * (1 + (odds - 1) / price["ew_denom"])
    return run.won * odds - 1, (run.won * odds + back) / 2 - 1


def at_morning_price(run: Ran, price: Row) -> Row:
    """Reckon a row of runs_at_morning_price."""
    win, each_way = _bets(run, price)
    better = 100 * (Fraction(price["decimal_odds"]) / run.price - 1) if run.price else None
    return {
        **{name: value for name, value in price.items() if name != "bookmaker_id"},
        "profit": decimal(win, 6),
        "profit_each_way": None if each_way is None else decimal(each_way, 6),
        "better_than_sp": None if better is None else _about(better, 1, 1),
    }


def in_the_morning(runs: list[Ran], prices: dict[Any, Row]) -> Row:
    """Reckon a row of performance_at_morning_price."""
    bets = [_bets(run, prices[run["race_id"], run["horse_id"]]) for run in runs]
    each_way = [back for _, back in bets if back is not None]
    at_sp = returns(runs)
    return {
        "runs": len(runs),
        "wins": sum(run["position"] == 1 for run in runs),
        "profit": _about(sum(win for win, _ in bets), 1, 2),
        "roi": _about(100 * sum(win for win, _ in bets), len(bets), 1),
        "runs_each_way": len(each_way),
        "profit_each_way": _about(sum(each_way), 1, 2) if each_way else None,
        "roi_each_way": _about(100 * sum(each_way), len(each_way), 1),
        "profit_at_sp": at_sp["profit"],
        "roi_at_sp": at_sp["roi"],
    }


def draw_bias(runs: list[Ran]) -> dict[Any, Row]:
    """Reckon draw_bias: thirds of the draw, in fields of eight or more."""
    thirds = defaultdict(list)
    for run in runs:
        position = run.draw_position
        if run.code == "Flat" and position is not None and len(run.field) >= 8:
            third = ("low", "middle", "high")[int(3 * position)]
            course = (run["course_id"], run["surface"], run["distance_f"])
            thirds[*course, run.is_handicap, third].append(run)
    return {key: _of_a_third(some) for key, some in thirds.items()}


def _of_a_third(runs: list[Ran]) -> Row:
    all_of_it = {**measures(runs), "races": len({run["race_id"] for run in runs})}
    by_chance = against([(run.won, Fraction(1, len(run.field))) for run in runs])
    named = {
        "chance_wins": "expected_wins",
        "impact_value": "actual_expected",
        "impact_value_low": "actual_expected_low",
        "impact_value_high": "actual_expected_high",
        "is_small_sample": "is_small_sample",
    }
    kept = (
        "races", "runs", "wins", "places", "strike_rate", "place_rate", "rivals_beaten",
        "runs_with_sp", "profit", "actual_expected",
    )  # fmt: skip
    return {
        **{name: all_of_it[name] for name in kept},
        **{name: by_chance[of] for name, of in named.items()},
    }


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


def form(tables: Tables, runs: list[Ran], kind: str) -> dict[Any, Row]:
    """Reckon trainer_form_14d or jockey_form_14d: the 14 days before each with one on a card."""
    column = f"{kind}_id"
    ran = grouped(runs, lambda run: (run[column], run["race_date"]))
    days: defaultdict[tuple[str, date], int] = defaultdict(int)
    for runner in tables["ra_runners"]:
        if runner[column] is not None:
            days[runner[column], runner["race_date"]] += runner["is_scratched"] is False
    return {
        (person, day): {
            "runners": runners,
            **measures(
                [run for ago in range(1, 15) for run in ran[person, day - timedelta(days=ago)]]
            ),
        }
        for (person, day), runners in days.items()
    }


def record(before: list[Ran], *tests: Callable[[Ran], bool]) -> tuple[int, int]:
    """Return runs and wins of those that pass."""
    passed = [run for run in before if all(test(run) for test in tests)]
    return len(passed), sum(run["position"] == 1 for run in passed)


def known_before(before: list[Ran], race: Row, rating: int | None, card: Row) -> Row:
    """Return what a horse's runs before a race say, which are in order, and its card."""
    last = before[-1] if before else None
    code = "Flat" if race["race_type"] == "Flat" else "Jumps"

    def same(column: str) -> Callable[[Ran], bool]:
        known = race[column] is not None
        return lambda run: known and run.code == code and run.race[column] == race[column]

    days = [card["last_run_days"], card["last_run_days_other_code"]]
    if last:
        days.append((race["date"] - last["race_date"]).days)
    last_rating = last["official_rating"] if last else None
    move = None
    is_same_scale = last and all(last.race[name] == race[name] for name in ("race_type", "region"))
    if is_same_scale and rating and last_rating:
        move = rating - last_rating
    return {
        "runs": len(before),
        "wins": sum(run["position"] == 1 for run in before),
        "places": sum(run.placed for run in before),
        "days_off": min((known for known in days if known is not None), default=None),
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
