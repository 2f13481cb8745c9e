"""`merge`: the same daily run into tables with a large history, and into empty ones.

A month before the days of the daily run is loaded by a backfill. Then its races, runners, results
and days are copied by SQL, under other ids and each time a month earlier, until there are as many
runners as wanted: what a merge costs depends on how many rows there are and on their keys, not on
where they came from. Prices, people and horses are not copied. Of the cards between the month and
the daily run only the days are noted, so that both runs ask for the same; the figure is not
measured unless they did.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from benchmarks.bench import Bench, backfill, last_days
from benchmarks.databases import SCHEMA, Database
from benchmarks.errors import NotMeasuredError
from benchmarks.processes import Installation
from benchmarks.report import Finding, at_most
from pipelines.settings import Settings

DAYS: Final = 30
DAYS_BEFORE: Final = Settings.results_days_back + 1
DAYS_BETWEEN: Final = Settings.results_days_back - Settings.racecards_days_back
DAILY: Final = ("run", "--mode", "daily", "--max-horses", "0")
ONLY_COURSES: Final = ("run", "--mode", "backfill", "--table", "ra_mst_courses")
"""What leaves the other tables there, and empty."""

COPIED: Final = {
    "ra_races": (("id",), "date"),
    "ra_runners": (("id", "race_id"), "race_date"),
    "ra_race_results": (("runner_id", "race_id"), "race_date"),
    "ra_card_races": (("id",), "date"),
    "ra_card_runners": (("id", "race_id"), "race_date"),
    "ra_result_races": (("id",), "date"),
    "ra_coverage": ((), "date"),
}
"""Tables with the columns that are different in a copy: ids, and the day."""


def measure(bench: Bench, destination: str) -> Iterator[Finding]:
    """Measure both runs in turn, each in copies."""
    bench.server.begin()
    empty = bench.installation(destination)
    empty.run(*ONLY_COURSES)
    large = bench.installation(destination)
    large.run(*backfill(*last_days(DAYS, DAYS_BEFORE)))
    runners = _enlarge(bench, large.database)
    pairs = [
        (_seconds(bench, empty), _seconds(bench, large))
        for _ in bench.repetitions(f"merge {destination}")
    ]
    for place in (empty, large):
        place.remove()
    if len({calls for pair in pairs for _, calls in pair}) != 1:
        raise NotMeasuredError(f"the runs have not asked for the same: {pairs}")
    yield _finding(pairs, runners)


def _enlarge(bench: Bench, database: Database) -> int:
    """Copy the month until there are runners enough, and return how many there are."""
    bench.tell(f"merge {database.destination}: copies up to {bench.size.runners:,} runners")
    counted = database.count(["ra_runners"])["ra_runners"]
    copies = max(0, -(-bench.size.runners // counted) - 1)
    database.execute(
        *(_copy(database, table, copies) for table in COPIED if copies),
        _days_between(database),
    )
    database.settle()
    return database.count(["ra_runners"])["ra_runners"]


def _copy(database: Database, table: str, copies: int) -> str:
    ids, day = COPIED[table]
    expressions = {name: f"\"{name}\" || '_' || copies.number" for name in ids}
    expressions[day] = f'"{day}" - CAST(copies.number * {DAYS} AS integer)'
    source = f"{SCHEMA}.{table} CROSS JOIN generate_series(1, {copies}) AS copies (number)"
    return _insert(database, table, expressions, source)


def _days_between(database: Database) -> str:
    """Note the days of cards after the month as loaded, as those before them are."""
    newest = last_days(1, DAYS_BEFORE)[1]
    source = (
        f"{SCHEMA}.ra_coverage WHERE endpoint = 'racecards' "
        f"AND \"date\" > DATE '{newest}' - {DAYS_BETWEEN}"
    )
    return _insert(database, "ra_coverage", {"date": f'"date" + {DAYS_BETWEEN}'}, source)


def _insert(database: Database, table: str, expressions: dict[str, str], source: str) -> str:
    columns = database.columns(table)
    names = ", ".join(f'"{column}"' for column in columns)
    own = {column: f'{table}."{column}"' for column in columns}
    values = ", ".join(expressions.get(column, own[column]) for column in columns)
    return f"INSERT INTO {SCHEMA}.{table} ({names}) SELECT {values} FROM {source}"


def _seconds(bench: Bench, before: Installation) -> tuple[float, int]:
    """Run the day from a copy, and return its wall time and its calls."""
    place = before.copy(bench.name("merge"))
    bench.server.begin()
    outcome = place.run(*DAILY)
    place.remove()
    return outcome.seconds, len(bench.server.calls())


def _finding(pairs: list[tuple[tuple[float, int], tuple[float, int]]], runners: int) -> Finding:
    return Finding(
        "wall time with history / empty",
        at_most(1.5),
        [with_history / empty for (empty, _), (with_history, _) in pairs],
        f"daily run into {runners:,} runners / into none",
        [
            {"seconds": with_history, "seconds_empty": empty, "calls": calls}
            for (empty, calls), (with_history, _) in pairs
        ],
    )
