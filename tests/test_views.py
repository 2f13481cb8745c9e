"""The views: the same on both databases, reckoned again in Python, blind to what follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import uuid4

import duckdb
import psycopg2
import pytest

from pipelines.database.views import view_names
from tests import reckoning
from tests.reckoning import Ran, Row, Tables
from tests.world import TODAY, World

VIEWS = view_names()
BEFORE = date(2025, 9, 26)
"""A day in the middle: the world knows what came of it and of five days after it."""
TABLES = (
    "ra_races",
    "ra_runners",
    "ra_result_races",
    "ra_race_results",
    "ra_runner_odds",
    "ra_mst_bookmakers",
)
BOTH = pytest.mark.parametrize("name", ["duckdb", "postgres"])

ODD_CASES = {
    "a dead heat of two": "ra_race_results SET position = 1 WHERE position = 2",
    "a dead heat of three": "ra_race_results SET position = 1 WHERE position IN (2, 3)",
    "a void race": "ra_race_results SET position = NULL, finish_status = 'void' WHERE true",
    "an abandoned race that was run": "ra_races SET is_abandoned = true WHERE true",
    "no winner": "ra_race_results SET position = NULL, finish_status = 'fell' WHERE true",
    "no starting prices": "ra_race_results SET starting_price_decimal = NULL WHERE true",
    "level for the last place": "ra_race_results SET position = 3 WHERE position = 4",
    "joint favourites": "ra_race_results SET starting_price_decimal = 1.5 WHERE position <= 2",
}
"""What a small world does not hold for certain, each made in a fifth of some day's races."""


class Database:
    """One of the two, asked by its own driver."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.cursor = connection.cursor()
        self.cursor.execute("SET search_path = 'racing'; SET TimeZone = 'UTC'")

    def rows(self, query: str) -> list[Row]:
        """Return rows by column."""
        self.cursor.execute(query)
        names = [column[0] for column in self.cursor.description]
        return [dict(zip(names, map(_in_utc, row), strict=True)) for row in self.cursor.fetchall()]

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Take back whatever a test changes."""
        self.cursor.execute("BEGIN")
        try:
            yield
        finally:
            self.cursor.execute("ROLLBACK")

    def run(self, *statements: str) -> None:
        """Run statements."""
        for statement in statements:
            self.cursor.execute(statement)


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


@dataclass(frozen=True)
class Reckoned:
    """What Python makes of the tables."""

    tables: Tables
    runs: list[Ran]


@pytest.fixture(scope="module")
def databases(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Database]]:
    """Open a copy of both, with the same odd cases in each."""
    odd = world.copy(tmp_path_factory.mktemp("views"), f"views_{uuid4().hex}")
    postgres = psycopg2.connect(odd.postgres.credentials)
    postgres.autocommit = True
    found = {
        "duckdb": Database(duckdb.connect(odd.duckdb.credentials)),
        "postgres": Database(postgres),
    }
    for database in found.values():
        database.run(*_odd_cases())
    yield found
    for database in found.values():
        database.connection.close()
    odd.postgres.drop()


_OF_A_DAY = (
    "FROM ra_runner_odds AS odds JOIN ra_races AS races ON races.id = odds.race_id "
    "WHERE odds.race_date = '2025-09-20' AND decimal_odds IS NOT NULL"
)
OLD = tuple(
    f"UPDATE {table} SET {day} = {day} - 346 WHERE {day} <= '2025-09-13'"
    for table, day in (
        ("ra_races", "date"), ("ra_runners", "race_date"), ("ra_race_results", "race_date")
    )
)  # fmt: skip
"""Two days put on either side of where the last twelve months begin."""
_PRICES = (
    "INSERT INTO ra_price_changes (race_id, horse_id, bookmaker_id, race_date, valid_from, "
    "valid_to, decimal_odds, price_status, seen_at, origin, _dlt_load_id) "
    "SELECT odds.race_id, odds.horse_id, odds.bookmaker_id, odds.race_date"
)
WATCHED = (
    f"{_PRICES}, off_dt - INTERVAL '90' MINUTE, off_dt - INTERVAL '12' MINUTE, "
    f"decimal_odds * 2, 'priced', off_dt - INTERVAL '85' MINUTE, 'cards', '' {_OF_A_DAY}",
    f"{_PRICES}, off_dt - INTERVAL '12' MINUTE, NULL, decimal_odds, 'priced', "
    f"off_dt - INTERVAL '10' MINUTE, 'cards', '' {_OF_A_DAY}",
    "INSERT INTO ra_runner_changes (race_id, horse_id, race_date, what, old_value, new_value, "
    "seen_before, seen_at, _dlt_load_id) "
    "SELECT race_id, horse_id, race_date, 'jockey', 'A Jockey', jockey_name, "
    "now() - INTERVAL '5' MINUTE, now(), '' FROM ra_runners "
    "WHERE race_date = '2025-09-20'",
    "INSERT INTO ra_race_changes (race_id, race_date, what, old_value, new_value, seen_before, "
    "seen_at, _dlt_load_id) SELECT id, date, 'going', 'Firm', going, NULL, "
    "TIMESTAMPTZ '2025-09-20 08:00:00+00', '' FROM ra_races WHERE date = '2025-09-20'",
)
"""What a race day has seen: each price halves twelve minutes before the off."""

NINE = "(odds.race_date + TIME '09:00') AT TIME ZONE 'Europe/London'"
_WITH_TERMS = _PRICES.replace("_dlt_load_id)", "_dlt_load_id, ew_places, ew_denom)")
MORNING = tuple(
    f"{_WITH_TERMS}, {begins}, {ends}, {price}, 'priced', {NINE}, 'cards', '', ew_places, ew_denom "
    + _OF_A_DAY.replace("2025-09-20", "2025-09-18")
    for begins, ends, price in (
        (f"{NINE} - INTERVAL '2' HOUR", NINE, "decimal_odds * 3"),
        (NINE, f"{NINE} + INTERVAL '1' MINUTE", "decimal_odds + 1"),
        (f"{NINE} + INTERVAL '1' MINUTE", "NULL", "decimal_odds * 5"),
    )
)
"""What is on offer at nine, begins at nine and is gone a minute later."""


def _odd_cases() -> Iterator[str]:
    for day, change in zip(range(13, 29, 2), ODD_CASES.values(), strict=True):
        key = "id" if change.startswith("ra_races") else "race_id"
        races = (
            "SELECT id FROM ra_races WHERE has_result "
            f"AND date BETWEEN '2025-09-{day}' AND '2025-09-{day + 1}' ORDER BY id LIMIT 8"
        )
        yield f"UPDATE {change} AND {key} IN ({races})"
    yield from (*WATCHED, *MORNING, *OLD)


@pytest.fixture(scope="module")
def reckoned(databases: dict[str, Database]) -> Reckoned:
    """Read the tables."""
    tables = {name: databases["duckdb"].rows(f"SELECT * FROM {name}") for name in TABLES}
    return Reckoned(tables, reckoning.all_that_ran(tables))


def keyed(rows: list[Row], *key: str) -> dict[Any, Row]:
    """Return rows by key, without names and the key itself."""
    found = {
        tuple(row[column] for column in key): {
            column: value
            for column, value in row.items()
            if column not in key and not column.endswith("_name")
        }
        for row in rows
    }
    assert len(found) == len(rows), "the key is not one"
    return found


SOME = "entity IN ('trainer', 'sire') AND entity_id LIKE '%7'"
"""Of the view that has sixteen rows for each entity."""


@pytest.mark.parametrize("view", VIEWS)
def test_both_databases_say_the_same(databases: dict[str, Database], view: str) -> None:
    some = f"WHERE {SOME}" if view == "performance_splits" else ""
    duck, postgres = (
        sorted(str(_lasting(row)) for row in database.rows(f"SELECT * FROM {view} {some}"))
        for database in databases.values()
    )
    assert duck == postgres
    assert duck, "an empty view proves nothing"


def _lasting(row: Row) -> Row:
    """Leave out when a day was asked for: the two were not loaded at the same time."""
    left_out = ("asked_at", "loaded_at", "seen_at", "seen_before")
    return {name: value for name, value in row.items() if not name.endswith(left_out)}


# Reckoned again

Reckon = Callable[[list[Ran]], dict[Any, Row]]
RECKONED: dict[str, tuple[tuple[str, ...], Reckon]] = {
    "jockey_stats": (("jockey_id",), lambda runs: reckoning.by_columns(runs, "jockey_id")),
    "trainer_stats": (("trainer_id",), lambda runs: reckoning.by_columns(runs, "trainer_id")),
    "owner_stats": (("owner_id",), lambda runs: reckoning.by_columns(runs, "owner_id")),
    "sire_stats": (("sire_id",), lambda runs: reckoning.bred(runs, "sire_id")),
    "dam_stats": (("dam_id",), lambda runs: reckoning.bred(runs, "dam_id")),
    "damsire_stats": (("damsire_id",), lambda runs: reckoning.bred(runs, "damsire_id")),
    "trainer_course": (
        ("trainer_id", "course_id"),
        lambda runs: reckoning.by_columns(runs, "trainer_id", "course_id"),
    ),
    "jockey_trainer": (
        ("jockey_id", "trainer_id"),
        lambda runs: reckoning.by_columns(runs, "jockey_id", "trainer_id"),
    ),
    "performance_by_distance": (
        ("entity", "entity_id", "code", "distance_f"),
        lambda runs: reckoning.performance(runs, lambda run: (run.code, run["distance_f"])),
    ),
    "performance_by_course": (
        ("entity", "entity_id", "course_id"),
        lambda runs: reckoning.performance(runs, lambda run: (run["course_id"],)),
    ),
    "draw_bias": (
        ("course_id", "surface", "distance_f", "is_handicap", "draw_third"),
        reckoning.draw_bias,
    ),
    "favourites": (
        ("region", "race_type", "race_class", "is_handicap", "is_joint"),
        reckoning.favourites,
    ),
}


@pytest.mark.parametrize("view", RECKONED)
def test_statistics_are_what_the_tables_say(
    databases: dict[str, Database], reckoned: Reckoned, view: str
) -> None:
    key, reckon = RECKONED[view]
    assert keyed(databases["duckdb"].rows(f"SELECT * FROM {view}"), *key) == reckon(reckoned.runs)


def test_runs_know_dead_heats_places_and_prices(
    databases: dict[str, Database], reckoned: Reckoned
) -> None:
    columns: dict[str, Callable[[Ran], Any]] = {
        "win_share": lambda run: reckoning.decimal(run.won, 10),
        "place_share": lambda run: reckoning.decimal(run.place_share, 10),
        "is_placed": lambda run: run.placed,
        "ew_places": lambda run: run.terms[0],
        "ew_denom": lambda run: run.terms[1],
        "starters": lambda run: len(run.field),
        "expected_wins": lambda run: _rounded(run.chance, 8),
        "profit": lambda run: _rounded(run.profits["profit"], 4),
        "profit_bsp": lambda run: _rounded(run.profits["profit_bsp"], 6),
        "profit_place": lambda run: _rounded(run.profits["profit_place"], 6),
        "profit_each_way": lambda run: _rounded(run.profits["profit_each_way"], 6),
        "rivals_beaten": lambda run: _rounded(run.rivals_beaten, 4),
        "draw_position": lambda run: _rounded(run.draw_position, 6),
        "drawn": lambda run: sum(other["draw"] is not None for other in run.field),
    }
    query = f"SELECT race_id, horse_id, {', '.join(columns)} FROM runs".replace(
        "expected_wins", "CAST(expected_wins AS decimal(10, 8)) AS expected_wins"
    )
    assert keyed(databases["duckdb"].rows(query), "race_id", "horse_id") == {
        (run["race_id"], run["horse_id"]): {name: what(run) for name, what in columns.items()}
        for run in reckoned.runs
    }
    assert {run.won.denominator for run in reckoned.runs} == {1, 2, 3}
    assert {run.place_share.denominator for run in reckoned.runs} > {1, 2}
    assert {run.terms for run in reckoned.runs} == {(1, 1), (2, 4), (3, 5), (3, 4), (4, 4)}


def _rounded(value: Fraction | None, places: int) -> Decimal | None:
    return None if value is None else reckoning.decimal(value, places)


def test_splits_add_up_to_what_the_tables_say(
    databases: dict[str, Database], reckoned: Reckoned
) -> None:
    rows = databases["duckdb"].rows(f"SELECT * FROM performance_splits WHERE {SOME}")
    key = ("entity", "entity_id", "code", "race_kind", "region", "period")
    assert keyed(rows, *key) == {
        entity_key: row
        for entity in ("trainer", "sire")
        for entity_key, row in reckoning.splits(
            [run for run in reckoned.runs if str(run[f"{entity}_id"]).endswith("7")], entity, TODAY
        ).items()
    }
    periods = {(row["period"], row["code"], row["race_kind"], row["region"]) for row in rows}
    assert len(periods) == 2 * 3 * 3 * 3


def test_what_a_bet_in_the_morning_returns_is_what_the_tables_say(
    databases: dict[str, Database], reckoned: Reckoned
) -> None:
    prices = reckoning.morning_prices(reckoned.tables, date(2025, 9, 18))
    duckdb = databases["duckdb"]
    found = keyed(duckdb.rows("SELECT * FROM morning_prices"), "race_id", "horse_id")
    assert found == prices
    runs = {
        (run["race_id"], run["horse_id"]): reckoning.at_morning_price(run, price)
        for run in reckoned.runs
        if (price := prices.get((run["race_id"], run["horse_id"])))
    }
    found = keyed(duckdb.rows("SELECT * FROM runs_at_morning_price"), "race_id", "horse_id")
    assert found == runs
    bets = [run for run in reckoned.runs if (run["race_id"], run["horse_id"]) in runs]
    rows = duckdb.rows("SELECT * FROM performance_at_morning_price WHERE entity = 'trainer'")
    assert keyed(rows, "entity", "entity_id") == {
        ("trainer", *trainer): reckoning.in_the_morning(some, prices)
        for trainer, some in reckoning.grouped(bets, lambda run: (run["trainer_id"],)).items()
    }


@pytest.mark.parametrize("kind", ["trainer", "jockey"])
def test_form_of_a_fortnight_is_what_the_tables_say(
    databases: dict[str, Database], reckoned: Reckoned, kind: str
) -> None:
    rows = databases["duckdb"].rows(f"SELECT * FROM {kind}_form_14d")
    assert keyed(rows, f"{kind}_id", "race_date") == reckoning.form(
        reckoned.tables, reckoned.runs, kind
    )


def _before(runs: list[Ran]) -> dict[str, list[Ran]]:
    horses = defaultdict(list)
    for run in sorted(runs, key=lambda run: (run["race_date"], run["off_dt"], run["race_id"])):
        horses[run["horse_id"]].append(run)
    return horses


def test_history_is_what_the_tables_say(databases: dict[str, Database], reckoned: Reckoned) -> None:
    found = databases["duckdb"].rows("SELECT * FROM runner_history")
    cards = {(row["race_id"], row["horse_id"]): row for row in reckoned.tables["ra_runners"]}
    expected = {
        (run["race_id"], horse): reckoning.known_before(
            runs[:place], run.race, run["official_rating"], cards[run["race_id"], horse]
        )
        for horse, runs in _before(reckoned.runs).items()
        for place, run in enumerate(runs)
    }
    assert {(row["race_id"], row["horse_id"]): _as_known(row) for row in found} == expected


def _as_known(row: Row) -> Row:
    kinds = {
        "course": "course",
        "distance": "distance",
        "both": "course_distance",
        "going": "going",
    }
    return {
        **{name: row[f"{name}_before"] for name in ("runs", "wins", "places")},
        **{name: row[name] for name in LAST},
        **{
            name: (row[f"{kind}_runs_before"], row[f"{kind}_wins_before"])
            for name, kind in kinds.items()
        },
    }


LAST = (
    "days_off",
    "last_position",
    "last_finish_status",
    "last_race_class",
    "last_distance_f",
    "last_official_rating",
    "rating_move",
)


NO_FORM = {"runs": 0, "wins": 0, "strike_rate": None}


def test_card_is_what_the_tables_say(databases: dict[str, Database], reckoned: Reckoned) -> None:
    horses = _before([run for run in reckoned.runs if run["race_date"] < TODAY])
    form = {
        kind: reckoning.form(reckoned.tables, reckoned.runs, kind) for kind in ("trainer", "jockey")
    }
    races = {race["id"]: race for race in reckoned.tables["ra_races"]}
    books = {row["id"]: (row["type"], row["name"]) for row in reckoned.tables["ra_mst_bookmakers"]}
    prices = defaultdict(list)
    for odds in reckoned.tables["ra_runner_odds"]:
        if odds["decimal_odds"] is not None:
            market, name = books[odds["bookmaker_id"]]
            offer = (-odds["decimal_odds"], name)
            prices[market, odds["race_id"], odds["horse_id"]].append(offer)
    expected = {}
    for runner in reckoned.tables["ra_runners"]:
        if runner["race_date"] != TODAY:
            continue
        key = (runner["race_id"], runner["horse_id"])
        known = reckoning.known_before(
            horses[key[1]], races[key[0]], runner["official_rating"], runner
        )
        recent = {
            f"{kind}_{name}_14d": rows.get((runner[f"{kind}_id"], TODAY), NO_FORM)[name]
            for kind, rows in form.items()
            for name in NO_FORM
        }
        is_off = runner["is_scratched"] or races[key[0]]["is_abandoned"]
        best, exchange, pool = (
            (None, None) if is_off else min(prices[market, *key], default=(None, None))
            for market in ("fixed_odds", "exchange", "pool")
        )
        expected[key] = {
            **{name: known[name] for name in LAST},
            **{f"{name}_before": known[name] for name in ("runs", "wins", "places")},
            "is_course_winner": known["course"][1] > 0,
            "is_distance_winner": known["distance"][1] > 0,
            "is_course_and_distance_winner": known["both"][1] > 0,
            "course_runs": known["course"][0],
            "distance_runs": known["distance"][0],
            "going_runs": known["going"][0],
            "going_wins": known["going"][1],
            **recent,
            "best_price": -best[0] if best[0] is not None else None,
            "best_bookmaker": best[1],
            "best_exchange_price": -exchange[0] if exchange[0] is not None else None,
            "best_exchange": exchange[1],
            "best_pool_price": -pool[0] if pool[0] is not None else None,
            "best_pool": pool[1],
            "is_first_time_headgear": runner["headgear_run"] == 1,
            "is_first_run_since_wind_surgery": runner["wind_surgery_run"] == 1,
            "is_non_runner": runner["is_scratched"],
        }
    columns = [*next(iter(expected.values()))]
    found = {
        (row["race_id"], row["horse_id"]): {column: row[column] for column in columns}
        for row in databases["duckdb"].rows("SELECT * FROM today_card")
    }
    assert found == expected


def test_non_runners_are_of_races_that_are_run_or_to_come(
    databases: dict[str, Database], reckoned: Reckoned
) -> None:
    days = databases["duckdb"].rows(
        "SELECT date FROM ra_coverage WHERE endpoint = 'results' AND status = 'complete'"
    )
    complete = {row["date"] for row in days}
    races = {race["id"]: race for race in reckoned.tables["ra_races"]}
    expected = {
        (runner["race_id"], runner["horse_id"])
        for runner in reckoned.tables["ra_runners"]
        if runner["is_scratched"]
        for race in [races[runner["race_id"]]]
        if race["has_result"] or (not race["is_abandoned"] and race["date"] not in complete)
    }
    found = databases["duckdb"].rows("SELECT race_id, horse_id FROM non_runners")
    assert {(row["race_id"], row["horse_id"]) for row in found} == expected


REASONS = {
    "Capone (unsuitable ground), {name} (self certificate, coughing), Harb (9:41)": (
        "self certificate, coughing",
        None,
    ),
    "{name} (withdrawn; refused to enter stalls)": ("withdrawn; refused to enter stalls", None),
    "Big {name} (lame), {name}(going, 9.41am); Old Harb": ("going", "9.41am"),
    "{name} (travel problems at 10:05)": ("travel problems", "10:05"),
    "{name} (reserve": ("reserve", None),
    "{name}, Capone (lame)": (None, None),
    "Big {name} (lame)": (None, None),
    "": (None, None),
}


@BOTH
@pytest.mark.parametrize("text", REASONS)
def test_reason_is_the_horses_own(databases: dict[str, Database], name: str, text: str) -> None:
    database = databases[name]
    key = "race_id = (SELECT min(race_id) FROM non_runners WHERE has_result)"
    with database.undone():
        database.run(
            f"CREATE TEMP TABLE one AS SELECT race_id, min(horse_id) AS horse_id FROM non_runners "
            f"WHERE {key} GROUP BY race_id",
            "UPDATE ra_runners SET horse_name = 'O''Brien''s Pride II' "
            "WHERE horse_id = (SELECT horse_id FROM one)",
            "UPDATE ra_races SET non_runners = '{}' WHERE id = (SELECT race_id FROM one)".format(
                text.format(name="OBriens Pride Ii")
            ),
        )
        (row,) = database.rows(
            "SELECT reason, reason_time FROM non_runners JOIN one USING (race_id, horse_id)"
        )
    assert tuple(row.values()) == REASONS[text]


def test_a_price_is_known_from_the_moment_it_was_on_offer(
    databases: dict[str, Database],
) -> None:
    for database in databases.values():
        before = {
            row["minutes"]: (row["shown"], row["firms"])
            for row in database.rows(
                "SELECT minutes, count(*) AS firms, count(DISTINCT before.decimal_odds / "
                "odds.decimal_odds) || ' x ' || CAST(min(before.decimal_odds / odds.decimal_odds) "
                "AS int) AS shown FROM prices_before_off AS before "
                "JOIN ra_runner_odds AS odds USING (race_id, horse_id, bookmaker_id) "
                "WHERE before.race_date = '2025-09-20' "
                "GROUP BY minutes"
            )
        }
        ((rows,),) = (row.values() for row in database.rows(f"SELECT count(*) AS rows {_OF_A_DAY}"))
        late, early = ("1 x 1", rows), ("1 x 2", rows)
        assert before == dict.fromkeys((0, 1, 2, 5, 10), late) | dict.fromkeys(
            (15, 20, 30, 60), early
        )
        moves = database.rows(
            "SELECT DISTINCT moves, moved_percent, high_odds / open_odds AS high, "
            "low_odds / now_odds AS low FROM price_movements WHERE race_date = '2025-09-20'"
        )
        assert [[float(value) for value in row.values()] for row in moves] == [[1, -50, 1, 1]]


# Blind to what follows

FUTURE = (
    f"UPDATE ra_race_results SET position = 1, finish_status = 'finished', "
    f"starting_price_decimal = 2, prize_won = 1 WHERE race_date >= '{BEFORE}'",
    f"UPDATE ra_race_results SET official_rating = 1 WHERE race_date > '{BEFORE}'",
    f"UPDATE ra_runners SET position = 1, finish_status = 'finished' WHERE race_date >= '{BEFORE}'",
    f"DELETE FROM ra_race_results WHERE race_date > '{BEFORE}'",
)
PAST = f"UPDATE ra_race_results SET position = 9 WHERE race_date < '{BEFORE}'"
AS_OF = {
    "runner_history": f"SELECT * FROM runner_history WHERE race_date = '{BEFORE}'",
    "trainer_form_14d": f"SELECT * FROM trainer_form_14d WHERE race_date = '{BEFORE}'",
    "today_card": "SELECT * FROM today_card",
}
OUTCOME = {
    "position",
    "finish_status",
    "is_winner",
    "is_placed",
    "starting_price_decimal",
    "profit",
}


@BOTH
@pytest.mark.parametrize("view", AS_OF)
def test_no_figure_knows_its_race_or_what_followed(
    databases: dict[str, Database], name: str, view: str
) -> None:
    database = databases[name]

    def figures() -> list[str]:
        rows = database.rows(AS_OF[view])
        left_out = OUTCOME if view == "runner_history" else set()
        return sorted(
            str({column: value for column, value in row.items() if column not in left_out})
            for row in rows
        )

    with database.undone():
        # The newest day with cards is the one that is looked at.
        database.run(f"DELETE FROM ra_races WHERE date > '{BEFORE}'")
        before = figures()
        database.run(*FUTURE)
        assert figures() == before
        database.run(PAST)
        assert figures() != before, "it knows nothing of what was before, either"
