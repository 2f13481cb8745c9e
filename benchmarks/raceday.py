"""`raceday`: a day watched every five minutes, and rounds with a large history stored.

The clock of the server stands still during a round, so what a round takes on this machine does not
change how many there are. Then two days and their prices are copied by SQL, under other ids and
each time two days earlier, until there are as many runners as wanted, with twenty prices each.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any, Final

import orjson

from benchmarks.bench import Bench, backfill, last_days
from benchmarks.databases import SCHEMA, Database
from benchmarks.errors import NotMeasuredError
from benchmarks.latency import latencies
from benchmarks.processes import Installation
from benchmarks.report import NO_TARGET, Finding, at_most, never_above
from benchmarks.server import PROJECT
from pipelines.parsing.values import LONDON

MINUTES: Final = 5
FIRST_HOUR: Final = 6
LAST_HOUR: Final = 21
SHORTLY_BEFORE: Final = timedelta(seconds=1)
"""Rounds come a second before the server looks at its cards: the worst that can be."""
NOON: Final = 12
ROUNDS_WITH_HISTORY: Final = 12
PRICES_OF_A_RUNNER: Final = 20
DAYS_A_YEAR: Final = 363
LOOKS: Final = 20
PRICES: Final = "ra_price_changes"
BLOCK: Final = 262_144
"""Bytes of a block in a DuckDB file."""

Round = dict[str, Any]

_RUNNER: Final = ("race_id", "horse_id")
COPIED: Final = {
    "ra_races": (("id",), "date"),
    "ra_card_races": (("id",), "date"),
    "ra_result_races": (("id",), "date"),
    "ra_runners": (("id", *_RUNNER), "race_date"),
    "ra_card_runners": (("id", *_RUNNER), "race_date"),
    "ra_race_results": (("runner_id", *_RUNNER), "race_date"),
    "ra_coverage": ((), "date"),
}
"""Tables with the columns that are different in a copy: ids, and the day."""


def measure(bench: Bench, destination: str) -> Iterator[Finding]:
    """Measure a day, and then rounds with a history, if one is wanted."""
    first, last = last_days(2, 2)
    day = last + timedelta(days=1)
    bench.server.begin()
    place = bench.installation(destination)
    place.run(*backfill(first, last))
    large = place.copy(bench.name("large"))
    bench.tell(f"raceday {destination}: a day")
    yield from _of_a_day(bench, place, day)
    place.remove()
    if bench.size.runners:
        bench.tell(f"raceday {destination}: copies up to {bench.size.runners:,} runners")
        _watch(bench, large, _at(day, NOON), 1)
        _enlarge(large.database, bench.size.runners, day)
        yield from _with_history(bench, large, day)
    large.remove()


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, datetime.min.time(), LONDON) + timedelta(hours=hour)


def _watch(bench: Bench, place: Installation, first: datetime, rounds: int) -> list[Round]:
    """Watch so many rounds in a process of their own, and return what each has cost."""
    notes = place.folder / "rounds.jsonl"
    notes.unlink(missing_ok=True)
    pid = bench.postgres.pid if place.database.is_postgres else 0
    arguments = (notes, place.database.destination, first.isoformat(), MINUTES, rounds, pid)
    environment = place.environment | {
        "PYTHONPATH": str(PROJECT),
        "SOURCES__RACING_API__PLAN": "pro",
        "SOURCES__RACING_API__READ_COPY": "false",
        "ARROW_DEFAULT_MEMORY_POOL": "system",  # as the command line sets it
        "MALLOC_ARENA_MAX": "1",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.watcher", *map(str, arguments)],
        env=environment,
        cwd=place.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if not notes.exists():
        raise NotMeasuredError(f"the race day did not begin: {ended.stderr[-500:]}")
    return [orjson.loads(line) for line in notes.read_bytes().splitlines()]


def _of_a_day(bench: Bench, place: Installation, day: date) -> Iterator[Finding]:
    bench.server.begin()
    before = place.database.count([PRICES])[PRICES]
    begin = _at(day, FIRST_HOUR) - SHORTLY_BEFORE
    rounds = _watch(bench, place, begin, (LAST_HOUR - FIRST_HOUR) * 60 // MINUTES + 1)
    ran = f"{len(rounds)} rounds, every {MINUTES} minutes"
    paths = [call.path for call in bench.server.calls()]
    calls = len(paths) / paths.count("/v1/results")  # one a round; the last has no cost noted
    yield Finding("calls per round", never_above(3), [calls], ran)
    yield from _cost(rounds[1:], ran)
    an_hour = 60 // MINUTES
    second, end = rounds[an_hour : 2 * an_hour], rounds[-an_hour:]
    ratio = median(_values(end, "megabytes")) / median(_values(second, "megabytes"))
    yield Finding("memory of the last hour / the second", at_most(1.05), [ratio], ran)
    lasted = {datetime.fromisoformat(each["at"]): float(each["seconds"]) for each in rounds}
    for kind, took in latencies(place.database, bench.server, lasted).items():
        if took:
            what, ran_of = f"seconds from {kind} to row", f"{len(took):,} changes, {ran}"
            yield Finding(f"{what}, at most", never_above(MINUTES * 60 + 60), took, ran_of)
            yield Finding(f"{what}, median", NO_TARGET, [median(took)], ran_of)
    rows = place.database.count([PRICES])[PRICES] - before
    size = _bytes(place.database) * rows / (rows + before)
    yield Finding("price changes of a day", NO_TARGET, [float(rows)], ran)
    yield Finding("their megabytes", NO_TARGET, [size / 1e6], ran)
    yield Finding("gigabytes of a year", NO_TARGET, [size * DAYS_A_YEAR / 1e9], ran)


def _cost(rounds: Sequence[Round], ran: str) -> Iterator[Finding]:
    yield Finding("CPU seconds of a round", at_most(2), _values(rounds, "cpu_seconds"), ran)
    yield Finding("wall seconds of a round", at_most(3), _values(rounds, "seconds"), ran)
    yield Finding("megabytes", never_above(400), _values(rounds, "megabytes"), ran)


def _values(rounds: Sequence[Round], name: str) -> list[float]:
    return [float(each[name]) for each in rounds]


def _bytes(database: Database) -> int:
    """Return what the prices take on the disk, their index included."""
    database.settle()
    name = f"{SCHEMA}.{PRICES}"
    query = (
        f"SELECT pg_total_relation_size('{name}')"
        if database.is_postgres
        else f"SELECT count(DISTINCT block_id) * {BLOCK} FROM pragma_storage_info('{name}') "
        "WHERE persistent"
    )
    return int(database.rows(query)[0][0])


def _enlarge(database: Database, runners: int, day: date) -> None:
    """Copy the days before a day, and the day's prices, until there are runners enough."""
    (counted,) = database.rows(
        f"SELECT count(*) FROM {SCHEMA}.ra_runners WHERE race_date < DATE '{day}'"
    )[0]
    (priced,) = database.rows(f"SELECT count(*) FROM {SCHEMA}.{PRICES}")[0]
    copies = max(1, runners // counted)
    of_prices = max(1, runners * PRICES_OF_A_RUNNER // priced)
    for table, (ids, of_day) in COPIED.items():
        changed = {name: f"said.{name} || '_' || copies.number" for name in ids}
        changed[of_day] = f"said.{of_day} - CAST(copies.number * 2 AS integer)"
        condition = f"said.{of_day} < DATE '{day}'"
        database.execute(_copy(database, table, changed, copies, condition))
    interval = "copies.number * INTERVAL '2' DAY"
    changed = {name: f"said.{name} || '_' || copies.number" for name in _RUNNER}
    changed["race_date"] = "said.race_date - CAST(copies.number * 2 AS integer)"
    changed["valid_from"] = f"said.valid_from - {interval}"
    changed["seen_at"] = f"said.seen_at - {interval}"
    changed["valid_to"] = f"said.seen_at - {interval} + INTERVAL '1' HOUR"
    database.execute(_copy(database, PRICES, changed, of_prices, "true"))
    database.settle()


def _copy(
    database: Database, table: str, changed: dict[str, str], copies: int, condition: str
) -> str:
    columns = database.columns(table)
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(changed.get(column, f'said."{column}"') for column in columns)
    return (
        f"INSERT INTO {SCHEMA}.{table} ({names}) SELECT {values} "
        f"FROM generate_series({copies}, 1, -1) AS copies (number) "
        f"CROSS JOIN (SELECT * FROM {SCHEMA}.{table} AS said WHERE {condition}) AS said"
    )


def _with_history(bench: Bench, large: Installation, day: date) -> Iterator[Finding]:
    counts = large.database.count(["ra_runners", PRICES])
    rounds = _watch(bench, large, _at(day, NOON + 1), ROUNDS_WITH_HISTORY + 1)
    ran = f"{counts['ra_runners']:,} runners and {counts[PRICES]:,} prices stored"
    yield from _cost(rounds[1:], ran)
    took = _milliseconds_of_a_race(large.database)
    yield Finding("ms for the prices of a race, long ago", at_most(50), took, ran)


def _milliseconds_of_a_race(database: Database) -> list[float]:
    name = f"{SCHEMA}.{PRICES}"
    race, day = database.rows(
        f"SELECT race_id, race_date FROM {name} "
        f"WHERE race_date = (SELECT min(race_date) FROM {name}) LIMIT 1"
    )[0]
    query = f"SELECT * FROM {name} WHERE race_id = '{race}' AND race_date = DATE '{day}'"
    took: list[float] = []
    with database.connected() as connection:
        cursor = connection.cursor()
        for _ in range(LOOKS):
            begun = time.perf_counter()
            cursor.execute(query)
            cursor.fetchall()
            took.append((time.perf_counter() - begun) * 1000)
    return took
