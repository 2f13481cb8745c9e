"""A small, dense world for features: horses that run often, and everything that can be odd.

Rows of the source tables, made up by a seed; the other tables are made of them by the models.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from pipelines.database.database import Database
from pipelines.loading.models import make_models_of_days
from pipelines.models import Days
from pipelines.tables import RACES, RUNNERS, TABLES
from tests.faults.tables import Tables

Row = dict[str, Any]
Rows = dict[str, list[Row]]

TODAY = date(2025, 6, 10)
GOINGS = ("Good", "Soft", "Good To Firm", "Heavy", "Standard", "Yielding", "Sticky", None)
COMMENTS = (
    "Led - headed late",
    "Held up in rear - no impression",
    "Tracked leaders",
    "Midfield",
    "",
)


def days() -> list[date]:
    """Days of racing: two years, denser towards the end, and the last one is today."""
    ago = [*range(20), *range(20, 90, 5), *range(90, 800, 23)]
    return sorted(TODAY - timedelta(days=number) for number in ago)


def rows_of(seed: int = 7) -> Rows:
    """Return the rows of a world; a race of today has a card only."""
    dice = random.Random(seed)
    rows: Rows = {name: [] for name in (*SOURCES, "ra_price_changes", "ra_mst_bookmakers")}
    rows["ra_mst_bookmakers"] = [
        {"id": "bet", "name": "Bet", "type": "fixed_odds"},
        {"id": "win", "name": "Win", "type": "fixed_odds"},
        {"id": "fair", "name": "Fair", "type": "exchange"},
    ]
    for day in days():
        resting = dice.sample(range(30), 30)
        for number in range(3):
            field = resting[number * 8 : number * 8 + dice.choice((1, 2, 5, 7, 8))]
            if number == 2 and dice.random() < 0.2:
                field[:1] = resting[:1]  # twice on one day
            _add_race(dice, rows, day, number, field)
    return rows


SOURCES = ("ra_card_races", "ra_card_runners", "ra_result_races", "ra_race_results")


def _add_race(dice: random.Random, rows: Rows, day: date, number: int, field: list[int]) -> None:
    race_id = f"rac_{day:%y%m%d}{number}"
    off = datetime(day.year, day.month, day.day, 13 + number, tzinfo=UTC)
    kind = dice.choice(("Flat", "Flat", "Flat", "Hurdle", "Chase", None))
    race = {
        "id": race_id,
        "date": day,
        "off_time": "2:00",
        "off_dt": off,
        "course_id": f"crs_{dice.randrange(3)}",
        "course_name": "Somewhere",
        "region": dice.choice(("GB", "GB", "GB", "IRE")),
        "race_name": dice.choice(("Welcome Handicap", "Welcome Maiden")),
        "race_type": kind,
        "race_class": dice.choice(("Class 4", "Class 5", None)),
        "surface": dice.choice(("Turf", "AW")),
        "distance_f": dice.choice((6.0, 8.0, 20.0, None)),
        "going": dice.choice(GOINGS),
        "field_size": len(field),
    }
    has_card = day > date(2024, 6, 1)
    if has_card:
        abandoned = day != TODAY and dice.random() < 0.05
        rows["ra_card_races"].append(race | {"is_abandoned": abandoned, "prize_money": 4000})
        if abandoned:
            return
    if day != TODAY:
        said = race | {"going": dice.choice((race["going"], "Soft"))}
        rows["ra_result_races"].append(said)
    places = list(range(1, len(field) + 1))
    if dice.random() < 0.2 and len(field) > 1:
        places[1] = 1  # a dead heat
    dice.shuffle(places)
    for stall, (horse, place) in enumerate(zip(field, places, strict=True), 1):
        who = _runner(dice, race, horse, stall)
        is_out = has_card and dice.random() < 0.06
        if has_card and dice.random() < 0.97:
            rows["ra_card_runners"].append(
                who
                | {
                    "id": f"{race_id}_{horse}",
                    "is_reserve": dice.random() < 0.03,
                    "is_non_runner_on_card": is_out and dice.random() < 0.7,
                    "headgear_run": dice.choice((1, 2, None)),
                    "last_run_days": dice.choice((9, 40, None)),
                    "rpr": dice.choice((71, 88, None)),
                }
            )
            _add_prices(dice, rows, who, off)
        if day != TODAY and not is_out:
            rows["ra_race_results"].append(who | _outcome(dice, who, place))


def _runner(dice: random.Random, race: Row, horse: int, stall: int) -> Row:
    return {
        "race_id": race["id"],
        "horse_id": f"hrs_{horse}",
        "race_date": race["date"],
        "horse_name": f"Horse {horse}",
        "trainer_id": None if dice.random() < 0.03 else f"trn_{horse % 4}",
        "jockey_id": None if dice.random() < 0.03 else f"jky_{dice.randrange(5)}",
        "owner_id": f"own_{horse % 7}",
        "sire_id": f"sir_{horse % 5}" if horse != 3 else None,
        "damsire_id": f"dsi_{horse % 6}",
        "draw": stall if race["race_type"] == "Flat" and dice.random() < 0.98 else None,
        "age": 3 + horse % 4,
        "sex_code": dice.choice(("G", "F", "C")),
        "weight": dice.choice((126, 130, 133, None)),
        "headgear": dice.choice(("b", "tp", None)),
        "official_rating": dice.choice((60, 71, 75, 80, None)),
    }


def _outcome(dice: random.Random, who: Row, place: int) -> Row:
    status = dice.choices(("finished", "fell", "void", "unknown"), (90, 5, 2, 2))[0]
    price = dice.choices((1.5, 2.75, 4.0, 9.99, 10.0, 26.0, None, 1.0), (9, 9, 9, 9, 9, 9, 1, 1))[0]
    return {
        "runner_id": f"{who['race_id']}_{who['horse_id']}",
        "position": place if status == "finished" else None,
        "position_str": str(place),
        "finish_status": status,
        "overall_beaten_distance": place * 1.25,
        "starting_price_decimal": price,
        "favourite_flag": dice.choice(("F", None)),
        "bsp": dice.choice((1.9, 6.2, 30.0, None)),
        "rpr": dice.choice((70, 85, 99, None)),
        "race_comment": dice.choice(COMMENTS),
    }


def _add_prices(dice: random.Random, rows: Rows, who: Row, off: datetime) -> None:
    for bookmaker in ("bet", "win", "fair"):
        starts = sorted(dice.sample((-400, -90, -45, -8, -1, 0, 6), dice.randrange(4)))
        moments = [off + timedelta(minutes=minutes) for minutes in starts]
        for begin, end in pairwise([*moments, None]):
            rows["ra_price_changes"].append(
                {
                    "race_id": who["race_id"],
                    "horse_id": who["horse_id"],
                    "bookmaker_id": bookmaker,
                    "race_date": who["race_date"],
                    "valid_from": begin,
                    "valid_to": end,
                    "decimal_odds": dice.choice((2.5, 4.0, 7.0, 11.0, None)),
                    "seen_at": begin,
                    "origin": dice.choice(("cards", "history")) if bookmaker == "win" else "cards",
                }
            )


def store(tables: Tables, rows: Rows, load: str = "1700000000.1") -> None:
    """Insert rows, as the load of an id has left them."""
    statements = []
    for name, some in rows.items():
        columns = list(dict.fromkeys(column for row in some for column in row))
        required = {
            column.name: ""
            for column in TABLES[name].columns
            if column.required and column.name not in columns and column.type.name == "text"
        }
        values = ", ".join(
            "("
            + ", ".join(_sql(value) for value in ([row.get(column) for column in columns]))
            + "".join(", ''" for _ in required)
            + f", '{load}')"
            for row in some
        )
        names = ", ".join([*columns, *required, "_dlt_load_id"])
        if some:
            statements.append(f"INSERT INTO {name} ({names}) VALUES {values}")
    tables.run(*statements)


def _sql(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        return f"TIMESTAMPTZ '{value.isoformat()}'"
    if isinstance(value, date):
        return f"DATE '{value}'"
    return str(value) if isinstance(value, int | float) else f"'{value}'"


def conclude(database: Database) -> None:
    """Make races and runners of what cards and results say, for all days."""
    every = frozenset(days())
    make_models_of_days(database, Days(every, every), [RACES, RUNNERS])
    database.follow_up()
