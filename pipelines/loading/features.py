"""Computing features in the database: of the days that are new or whose inputs have changed.

A result counts in the features of every later day, so all days from the first changed one on are
computed again; after a daily run these are the last two weeks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from pipelines.database.database import Database
from pipelines.database.kinds import Driver, Kind
from pipelines.database.sql import sql_text, statements_of
from pipelines.models.features import comments, create, facts, families, insert
from pipelines.settings import PIPELINE
from pipelines.tables.features import FEATURES, HISTORY, KEYS, TODAY
from pipelines.tables.features.model import LATE_DAYS, YEAR

COMPUTED: Final = "_feature_days"
"""Table of the days that are computed, each with what its inputs were."""
STAGES: Final = ("words", "past", "target", "last", "prices")
EPOCH: Final = date(2000, 1, 1)
BEFORE_ALL: Final = date(1, 1, 1)
DAYS_AT_ONCE: Final = {Driver.DUCKDB: 92, Driver.POSTGRES: 366}
"""How many days are joined in memory; Postgres reads every figure again for each piece."""
MEMORY: Final = 2_000
"""What DuckDB takes, where its memory is bounded: it puts the rest on disk. Without a bound, all of
history would take as much as there is: 7 GB for 2,000,000 runners."""

FOR_POSTGRES: Final = ("SET LOCAL jit = off", "SET LOCAL work_mem = '128MB'")
"""Compiling a statement of 400 columns takes longer than running it, and sorting in memory pays."""

INPUTS: Final = {
    "ra_card_races": "date",
    "ra_card_runners": "race_date",
    "ra_result_races": "date",
    "ra_race_results": "race_date",
}
"""Tables that features are made of, with the column of the day."""


@dataclass(frozen=True)
class Computed:
    """What has been computed."""

    first: date | None
    """The first day whose features were computed; None if nothing had changed."""
    rows: int
    rows_today: int


def compute_features(
    database: Database, today: date, commission: float, *, is_all: bool = False
) -> Computed:
    """Compute the features of the days that have changed, and those of today's runners.

    All of it or nothing is stored. Raises DestinationError.
    """
    declared = _digest(commission)
    is_all = is_all or not _is_there(database)
    changed = database.rows(_changed(declared, is_all=is_all, today=today))[0][0]
    latest = database.rows("SELECT max(date) FROM ra_races WHERE date <= %s", today)[0][0] or today
    first = min(changed or latest, latest)
    since = BEFORE_ALL if is_all else first - timedelta(days=YEAR)
    parameters = {"first": first, "since": since, "today": today, "commission": commission}
    statements = [
        *(FOR_POSTGRES if database.kind.driver is Driver.POSTGRES else ()),
        *_staged(parameters, None if is_all else _number(first), database.kind.driver),
        *(
            _created()
            if is_all
            else [
                f"DELETE FROM {HISTORY} WHERE race_date >= DATE '{first}'",
                f"DELETE FROM {TODAY}",
            ]
        ),
        *(
            insert(HISTORY, "has_run", f"BETWEEN {_number(begin)} AND {_number(end)}")
            for begin, end in _pieces(first, today, DAYS_AT_ONCE[database.kind.driver])
        ),
        insert(TODAY, "is_of_today", f"= {_number(latest)}"),
        *(_keyed(database.kind) if is_all else ()),
        f"DELETE FROM {COMPUTED}",
        f"INSERT INTO {COMPUTED} {_inputs(declared, today)}",
        *(f"DROP TABLE {name}" for name in _temporary()),
    ]
    database.run_together(*statements, bound=MEMORY)
    ((rows,),) = database.rows(f"SELECT count(*) FROM {HISTORY} WHERE race_date >= DATE '{first}'")
    ((of_today,),) = database.rows(f"SELECT count(*) FROM {TODAY}")
    return Computed(changed, rows, of_today)


def _is_there(database: Database) -> bool:
    """Return whether the tables have all columns that are declared, and no other."""
    query = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s"
    found: dict[str, set[str]] = {}
    for table, column in database.rows(query, PIPELINE):
        found.setdefault(table, set()).add(column)
    features = {feature.name for feature in (*KEYS, *FEATURES)}
    declared = {HISTORY: features, TODAY: features, COMPUTED: {"day", "inputs", "prices"}}
    return all(found.get(table) == columns for table, columns in declared.items())


def _created() -> Iterator[str]:
    for table in (HISTORY, TODAY):
        yield f"DROP TABLE IF EXISTS {table}"
        yield create(table)
        yield from comments(table)
    yield f"DROP TABLE IF EXISTS {COMPUTED}"
    yield f"CREATE TABLE {COMPUTED} (day date NOT NULL, inputs text NOT NULL, prices bigint)"


def _keyed(kind: Kind) -> Iterator[str]:
    """Yield the statements that add indexes: of many rows at once, once these are there."""
    if kind.indexes:
        for table in (HISTORY, TODAY):
            yield f"CREATE UNIQUE INDEX {table}_key ON {table} (race_id, horse_id)"
            yield f"CREATE INDEX {table}_day ON {table} (race_date)"


def _staged(parameters: dict[str, object], day: int | None, driver: Driver) -> Iterator[str]:
    for stage in STAGES:
        yield from statements_of(sql_text(f"features/{stage}").format(**parameters))
        if stage in ("past", "target"):
            yield f"ANALYZE feature_{stage}"
    yield facts()
    for family in families():
        yield family.create(day)
        if driver is Driver.POSTGRES:
            # Else it expects one row of a piece's days, and reads all of them for each runner.
            yield f"ANALYZE {family.table}"


def _temporary() -> Iterator[str]:
    yield from (
        f"feature_{name}"
        for name in ("goings", "bands", "past", "target", "last", "same", "prices", "facts")
    )
    yield from (family.table for family in families())


def _number(day: date) -> int:
    """Return a day as the SQL counts it."""
    return (day - EPOCH).days


def _pieces(first: date, last: date, days: int) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of each piece of the time from one day to another."""
    while first <= last:
        end = min(first + timedelta(days=days - 1), last)
        yield first, end
        first = end + timedelta(days=1)


def _digest(commission: float) -> str:
    """Return a digest of all that decides what features are made of their inputs."""
    texts = [
        str(commission),
        facts(),
        insert(HISTORY, ""),
        *(family.create() for family in families()),
    ]
    texts += [sql_text(f"features/{stage}") for stage in STAGES]
    return sha256("\n".join(texts).encode()).hexdigest()


def _inputs(declared: str, today: date) -> str:
    """Return the query of what the inputs of each day are: how many rows, and the newest load.

    Of the days whose prices may still arrive also how many there are.
    """
    counts = " UNION ALL ".join(
        f"SELECT '{table}' AS source, {day} AS day, count(*) AS rows, max(_dlt_load_id) AS load "
        f"FROM {table} WHERE {day} <= DATE '{today}' GROUP BY {day}"
        for table, day in INPUTS.items()
    )
    parts = "string_agg(source || ' ' || rows || ' ' || load, ', ' ORDER BY source)"
    return (
        f"SELECT counted.day, '{declared} ' || {parts} AS inputs, max(priced.prices) AS prices "
        f"FROM ({counts}) AS counted LEFT JOIN ("
        "SELECT race_date AS day, count(*) AS prices FROM ra_price_changes "
        f"WHERE race_date BETWEEN DATE '{_late(today)}' AND DATE '{today}' GROUP BY race_date"
        ") AS priced ON priced.day = counted.day GROUP BY counted.day"
    )


def _changed(declared: str, *, is_all: bool, today: date) -> str:
    """Return the query of the first day whose inputs are not what they were."""
    if is_all:
        return f"SELECT min(day) FROM ({_inputs(declared, today)}) AS now"
    return (
        f"SELECT min(coalesce(now.day, computed.day)) FROM ({_inputs(declared, today)}) AS now "
        f"FULL JOIN {COMPUTED} AS computed ON computed.day = now.day "
        "WHERE now.inputs IS DISTINCT FROM computed.inputs "
        f"OR (now.day >= DATE '{_late(today)}' AND now.prices IS DISTINCT FROM computed.prices)"
    )


def _late(today: date) -> date:
    return today - timedelta(days=LATE_DAYS)
