"""`features`: all of history and one changed day, from made-up rows that are inserted by SQL.

Fifty races of ten runners a day: 30,000 horses at a time, 700 trainers of whom few have most
runners, 500 jockeys and so on. Everything follows from the numbers of day, race and stall, so both
databases have the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from benchmarks.bench import Bench
from benchmarks.databases import SCHEMA, Database
from benchmarks.report import Finding, at_most
from pipelines.clock import uk_today

ONLY_COURSES: Final = ("run", "--mode", "backfill", "--table", "ra_mst_courses")
A_DAY: Final = 500
DAYS_WITH_CARDS: Final = 1000

NUMBERS: Final = """
    SELECT
        day, race, stall, 50 * day + race AS race_number,
        CAST(floor((50 * day + race) / 7.0) AS bigint) AS meeting,
        33 * day + mod((10 * race + stall) * 61 + 7919 * day, 30000) AS horse,
        mod((day + 3) * 7919 + (race + 5) * 104729 + (stall + 7) * 15485863, 1000003)
            / 1000003.0 AS luck
    FROM (
        SELECT
            CAST(days.day AS bigint) AS day, CAST(races.race AS bigint) AS race,
            CAST(stalls.stall AS bigint) AS stall
        FROM generate_series(0, {last}) AS days (day)
        CROSS JOIN generate_series(0, 49) AS races (race)
        CROSS JOIN generate_series(0, 9) AS stalls (stall)
    ) AS places"""
RUNNERS: Final = """
    SELECT
        day, race, stall, race_number, meeting, horse, luck,
        DATE '{first}' + CAST(day AS integer) AS date,
        mod(horse * 7919, 1000003) / 1000003.0 AS yard,
        mod(horse * 104729, 1000003) / 1000003.0 AS owned,
        row_number() OVER (PARTITION BY day, race ORDER BY luck, stall) AS place,
        CAST(1 + stall + floor(10 * luck) AS integer) AS odds
    FROM ({numbers}) AS numbers"""
RACE: Final = {
    "id": "'rac_' || race_number",
    "date": "date",
    "off_time": "'2:00'",
    "off_dt": "CAST(date AS timestamp) AT TIME ZONE 'UTC' + INTERVAL '14' HOUR",
    "course_id": "'crs_' || mod(meeting * 31, 60)",
    "course_name": "'Somewhere'",
    "region": "'GB'",
    "race_name": "CASE WHEN mod(race, 2) = 0 THEN 'Welcome Handicap' ELSE 'Welcome Maiden' END",
    "race_type": "CASE WHEN mod(meeting, 2) = 0 THEN 'Flat' ELSE 'Hurdle' END",
    "race_class": "'Class ' || (1 + mod(race, 6))",
    "distance_f": "5 + mod(race * 7, 20)",
    "going": "CASE mod(day, 3) WHEN 0 THEN 'Good' WHEN 1 THEN 'Soft' ELSE 'Good To Firm' END",
    "surface": "'Turf'",
    "field_size": "10",
}
RUNNER: Final = {
    "race_id": "'rac_' || race_number",
    "horse_id": "'hrs_' || horse",
    "race_date": "date",
    "horse_name": "'Horse ' || horse",
    "trainer_id": "'trn_' || CAST(floor(700 * power(yard, 2.5)) AS integer)",
    "jockey_id": "'jky_' || CAST(floor(500 * power(luck, 2.5)) AS integer)",
    "owner_id": "'own_' || CAST(floor(8000 * power(owned, 2)) AS integer)",
    "sire_id": "'sir_' || mod(horse * 31, 600)",
    "damsire_id": "'dsi_' || mod(horse * 37, 1500)",
    "draw": "stall + 1",
    "age": "3 + mod(horse, 6)",
    "weight": "126 + mod(horse + day, 20)",
    "official_rating": "50 + mod(horse + day, 40)",
}
RESULT: Final = {
    **RUNNER,
    "position": "place",
    "position_str": "CAST(place AS text)",
    "finish_status": "'finished'",
    "starting_price_decimal": "1 + odds",
    "bsp": "1 + 1.1 * odds",
    "race_comment": "CASE WHEN stall < 3 THEN 'Led - headed late' ELSE 'Held up in rear' END",
}
ID: Final = "'rac_' || race_number || '_' || horse"
TABLES: Final = {
    "ra_races": (RACE, "stall = 0"),
    "ra_result_races": (RACE, "stall = 0"),
    "ra_card_races": (RACE, "stall = 0 AND day > {first_card}"),
    "ra_race_results": (RESULT | {"runner_id": ID}, "day < {last}"),
    "ra_runners": (
        RUNNER | {"id": ID, "is_reserve": "false", "is_non_runner_on_card": "false"},
        "true",
    ),
    "ra_card_runners": (
        RUNNER | {"id": ID, "is_reserve": "false", "is_non_runner_on_card": "false"},
        "day > {first_card}",
    ),
}
"""Every table with the SQL of its columns, and which of the runners make its rows."""


def measure(bench: Bench, destination: str) -> Iterator[Finding]:
    """Measure the first computation and the one after a day's results have changed."""
    place = bench.installation(destination)
    place.run(*ONLY_COURSES)
    runners = fill(place.database, bench.size.runners)
    whole, day = [], []
    for _ in bench.repetitions(f"features {destination}"):
        whole.append(place.run("features", "--all").seconds)
        yesterday = uk_today() - timedelta(days=1)
        place.database.execute(
            f"UPDATE {SCHEMA}.ra_race_results SET _dlt_load_id = _dlt_load_id || '1' "
            f"WHERE race_date = DATE '{yesterday}'"
        )
        day.append(place.run("features").seconds)
    place.remove()
    ran = f"{runners:,} runners"
    yield Finding("seconds for all of history", at_most(600, " s"), whole, ran)
    yield Finding("seconds for a changed day and today", at_most(30, " s"), day, ran)


def fill(database: Database, runners: int) -> int:
    """Insert so many runners, the last of them today's, and return how many there are."""
    last = max(2, runners // A_DAY) - 1
    words = {
        "first": uk_today() - timedelta(days=last),
        "last": last,
        "first_card": last - DAYS_WITH_CARDS,
    }
    source = RUNNERS.format(numbers=NUMBERS.format(**words), **words)
    for table, (columns, which) in TABLES.items():
        more = {"_dlt_load_id": "'1700000000.1'", "updated_at": "to_timestamp(1700000000.1)"}
        every = columns | more
        database.execute(
            f"INSERT INTO {SCHEMA}.{table} ({', '.join(every)}) SELECT {', '.join(every.values())} "
            f"FROM ({source}) AS runners WHERE {which.format(**words)} ORDER BY day"
        )
    database.settle()
    return database.count(["ra_runners"])["ra_runners"]
