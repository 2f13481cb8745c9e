"""Our SQL can be said in the words of other engines, as far as sqlglot knows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from pipelines.api.endpoints import RACECARDS, RESULTS
from pipelines.database.definitions import view_definitions
from pipelines.database.dialects import translated
from pipelines.database.sql import AMONG, SQL_FOLDER, sql_text, statements_of
from pipelines.models import Days, changes, named_on, statements
from pipelines.tables import MODELS, TABLES
from pipelines.tables.ddl import UPDATED_AT

WAREHOUSES = ("bigquery", "databricks", "snowflake", "spark")
UNSAYABLE = {
    ("bigquery", "views/today_card"),
    ("databricks", "views/today_card"),
    ("spark", "views/today_card"),
}
"""The best price's bookmaker is the first of an aggregate with an order and a condition."""
DAY = date(2025, 9, 8)


def of_ours() -> Iterator[tuple[str, str]]:
    """Every statement that is not for Postgres or DuckDB alone, and a name for it."""
    for view in view_definitions():
        yield f"views/{view.name}", view.statements[0]
    for file in sorted(SQL_FOLDER.glob("checks/*.sql")):
        yield f"checks/{file.stem}", sql_text(f"checks/{file.stem}")
    for name in ("after_load", "contradicted"):
        for statement in statements_of(sql_text(name)):
            yield name, statement
    days = Days(frozenset({DAY}), frozenset({DAY, date(2025, 9, 9)}))
    for model in MODELS:
        of = named_on(model, days) if model.named_as else days
        for statement in statements(model, of):
            yield f"models/{model}", statement
    now = datetime(2025, 9, 8, 12, tzinfo=UTC)
    for endpoint in (RACECARDS, RESULTS):
        seen = [changes.Seen(DAY, now, None, True)]
        for statement in changes.statements(endpoint, seen, [*TABLES.values()]):
            yield f"changes/{endpoint.name}", statement
    yield from UPDATED_AT.items()


STATEMENTS = [*of_ours()]


@pytest.mark.parametrize("dialect", WAREHOUSES)
def test_every_statement_can_be_said_or_is_listed_as_unsayable(dialect: str) -> None:
    assert len(STATEMENTS) > 80
    unsayable = {(dialect, name) for name, sql in STATEMENTS if not is_sayable(sql, dialect)}
    assert unsayable == {(engine, name) for engine, name in UNSAYABLE if engine == dialect}


def is_sayable(sql: str, dialect: str) -> bool:
    """Return whether sqlglot can say it, read it again, and nothing in it is only ours."""
    try:
        (said,) = sqlglot.parse(translated(sql, dialect), read=dialect)
    except SqlglotError:
        return False
    return said is not None and not said.find(exp.Filter, exp.Any, exp.Lateral, exp.Command)


@pytest.mark.parametrize(
    ("ours", "spark"),
    [
        ("count(*) FILTER (WHERE won)", "COUNT(CASE WHEN won THEN 1 END)"),
        ("count(DISTINCT id) FILTER (WHERE won)", "COUNT(DISTINCT CASE WHEN won THEN id END)"),
        ("sum(a) FILTER (WHERE b) / c", "CAST(SUM(CASE WHEN b THEN a END) AS DOUBLE) / c"),
        ("race_date - 7", "race_date - 7"),
        ("race_date - min(race_date)", "DATEDIFF(DAY, MIN(race_date), race_date)"),
        ("1 - starts", "1 - starts"),
        ("lower(name) = %s", "LOWER(name) = %s"),
        (f"id {AMONG}", "ARRAY_CONTAINS(SPLIT(%s, CONCAT('\\\\Q', CHR(31), '\\\\E')), id)"),
    ],
)
def test_what_others_lack_is_said_in_simpler_terms(ours: str, spark: str) -> None:
    assert translated(f"SELECT {ours} FROM t", "spark") == f"SELECT {spark} FROM t"


def test_blanks_come_last_where_an_engine_has_no_word_for_it() -> None:
    sql = "SELECT rank() OVER (ORDER BY a DESC NULLS LAST) FROM t"
    assert translated(sql, "bigquery") == "SELECT RANK() OVER (ORDER BY a IS NULL, a DESC) FROM t"


def test_counts_beside_each_row_are_counted_by_its_key() -> None:
    sql = """
        SELECT result.horse_id, field.n FROM ra_race_results AS result CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM ra_race_results AS other WHERE other.race_id = result.race_id
        ) AS field
    """
    assert translated(sql, "spark") == (
        "SELECT result.horse_id, field.n FROM ra_race_results AS result JOIN ("
        "SELECT result.race_id, result.horse_id, COUNT(*) AS n FROM ra_race_results AS result "
        "JOIN ra_race_results AS other ON other.race_id = result.race_id "
        "GROUP BY result.race_id, result.horse_id) AS field "
        "ON field.race_id = result.race_id AND field.horse_id = result.horse_id"
    )


def test_short_series_are_written_out() -> None:
    sql = "SELECT n FROM generate_series(1, 2) AS s (n)"
    expected = "SELECT n FROM (SELECT 1 AS n UNION ALL SELECT 2 AS n) AS s"
    assert translated(sql, "databricks") == expected
