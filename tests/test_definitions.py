"""Indexes, comments and views of a database: there after a run, and left alone by the next."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg2
import pytest

from pipelines.api.answers import DayAnswer
from pipelines.api.endpoints import RESULTS
from pipelines.database import definitions
from pipelines.database.database import Database
from pipelines.database.definitions import (
    apply_definitions,
    apply_to_new,
    present_in,
    view_definitions,
)
from pipelines.database.sql import sql_text, statements_of
from pipelines.database.views import view_text
from pipelines.errors import DestinationError
from pipelines.mapping import Row
from pipelines.plan.coverage import Status, coverage_row
from pipelines.tables import COVERAGE, TABLES
from tests.faults.tables import run_on

ROOT = Path(__file__).parent.parent

VIEWS = [view.name for view in view_definitions()]
OF_CHANGES = {
    "morning_prices",
    "price_movements",
    "prices_before_off",
    "race_timeline",
    "recent_changes",
}
STAND_ON_RUNS = {*VIEWS} - {"coverage_by_day", "freshness", "non_runners"} - OF_CHANGES
JOCKEY: Row = {"_dlt_load_id": "1764100000.25", "id": "jky_1", "name": "Ryan Moore"}
DAY = date(2025, 11, 25)
RUNNER: Row = {
    "_dlt_load_id": "1764100000.25",
    "id": "rac_1-hrs_1",
    "race_id": "rac_1",
    "horse_id": "hrs_1",
    "horse_name": "Kauto Star",
    "race_date": DAY,
    "is_scratched": True,
    "is_reserve": False,
}
LOADED = datetime(2025, 11, 25, 19, 46, 40, 250000, UTC)
"""When it was loaded: the id of the load says it."""


def run(destination: str, statement: str) -> None:
    """Do by hand what somebody might."""
    if destination == "duckdb":
        with duckdb.connect(os.environ["DESTINATION__DUCKDB__CREDENTIALS"]) as file:
            file.execute(f"SET search_path = 'racing'; {statement}")
        return
    server = psycopg2.connect(os.environ["DESTINATION__POSTGRES__CREDENTIALS"])
    server.cursor().execute(f"SET search_path = 'racing'; {statement}")
    server.commit()
    server.close()


def found(database: Database) -> dict[str, int]:
    """Return the comments of everything in the dataset."""
    return present_in(database, "racing")


def created(database: Database, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Apply the definitions, without a note; returns the views that this creates."""
    statements: list[str] = []

    def watch(*some: str) -> None:
        statements.extend(some)
        database.run(*some)

    monkeypatch.setattr(database, "run_together", watch)
    assert apply_definitions(database) == []
    return {match[1] for each in statements if (match := re.match(r"\s*CREATE VIEW (\w+)", each))}


def columns(database: Database, view: str) -> list[str]:
    """Return the columns of a view."""
    query = (
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = 'racing' AND table_name = %s"
    )
    return [name for (name,) in database.rows(query, view)]


def test_every_view_and_each_of_its_columns_has_a_comment(destination: str) -> None:
    database = Database(destination)
    there = found(database)
    assert {view: there[view] for view in VIEWS} == {
        view: 1 + len(columns(database, view)) for view in VIEWS
    }


def test_a_new_database_has_all_of_it_early_and_another_one_at_the_end(
    new_destination: str,
) -> None:
    database = Database(new_destination)
    patience = database.patience
    apply_to_new(database)
    assert found(database).keys() >= {*VIEWS}
    database.run("DROP VIEW today_card")
    apply_to_new(database)
    assert "today_card" not in found(database)
    assert database.patience == patience
    assert apply_definitions(database) == []
    assert found(database).keys() >= {*VIEWS}


def test_only_postgres_has_more_indexes_than_keys(destination: str) -> None:
    database = Database(destination)
    apply_definitions(database)
    assert ("ra_runners_day" in found(database)) == (destination == "postgres")


def test_row_that_a_load_writes_has_its_time(destination: str) -> None:
    database = Database(destination)
    database.insert(TABLES["ra_mst_jockeys"], JOCKEY)
    database.follow_up()
    assert database.rows("SELECT updated_at FROM ra_mst_jockeys") == [(LOADED,)]


@pytest.mark.parametrize("destination", ["postgres"], indirect=True)
def test_lost_trigger_comes_back_and_rows_written_without_it_have_their_time(
    destination: str,
) -> None:
    database = Database(destination)
    run(destination, "DROP TRIGGER ra_mst_jockeys_updated_at ON ra_mst_jockeys")
    database.insert(TABLES["ra_mst_jockeys"], JOCKEY)
    Database(destination)
    assert database.rows("SELECT updated_at FROM ra_mst_jockeys") == [(LOADED,)]
    run(destination, "UPDATE ra_mst_jockeys SET _dlt_load_id = '1764100001.25'")
    later = LOADED + timedelta(seconds=1)
    assert database.rows("SELECT updated_at FROM ra_mst_jockeys") == [(later,)]


@pytest.mark.parametrize("destination", ["postgres"], indirect=True)
def test_postgres_plans_by_what_a_load_has_just_brought(destination: str) -> None:
    database = Database(destination)
    database.insert(TABLES["ra_runners"], RUNNER)
    database.insert(COVERAGE, coverage_row(DayAnswer(RESULTS, DAY), Status.COMPLETE, None, 0))
    database.follow_up()
    query = "SELECT tablename, count(*) FROM pg_stats WHERE schemaname = 'racing' GROUP BY 1"
    assert dict(database.rows(query)) == {"ra_coverage": 3, "ra_runners": 5}


@pytest.mark.parametrize("destination", ["postgres"], indirect=True)
def test_runners_that_postgres_knows_are_not_looked_at_again_for_a_few_more(
    destination: str,
) -> None:
    database = Database(destination)
    for number in range(2):
        database.insert(TABLES["ra_runners"], {**RUNNER, "horse_id": f"hrs_{number}"})
        database.follow_up()
    query = "SELECT reltuples FROM pg_class WHERE oid = CAST('racing.ra_runners' AS regclass)"
    assert database.rows(query) == [(1.0,)]


def test_second_run_touches_nothing(destination: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(destination)
    apply_definitions(database)

    def refuse(*statements: str) -> None:
        raise AssertionError(statements)

    monkeypatch.setattr(database, "run_together", refuse)
    assert apply_definitions(database) == []


def test_lost_view_is_made_again_with_what_reads_it(
    destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(destination)
    apply_definitions(database)
    before = found(database)
    run(destination, "DROP VIEW runs CASCADE")
    assert created(database, monkeypatch) == STAND_ON_RUNS
    assert found(database) == before


def test_lost_comment_is_said_again(destination: str) -> None:
    database = Database(destination)
    apply_definitions(database)
    run(destination, "COMMENT ON VIEW freshness IS NULL")
    assert apply_definitions(database) == []
    assert found(database)["freshness"] == 1 + len(columns(database, "freshness"))


def test_changed_file_renews_its_view_and_those_that_read_it(
    destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(destination)
    apply_definitions(database)

    def changed(name: str, commission_percent: float) -> str:
        # Not at the end: Postgres replaces no view whose columns have moved.
        text = view_text(name, commission_percent)
        return text.replace("    tsr,\n", "    tsr,\n    1 AS one,\n", 1)

    monkeypatch.setattr(definitions, "view_text", changed)
    assert created(database, monkeypatch) == STAND_ON_RUNS
    assert "one" in columns(database, "runs")


def test_another_commission_renews_the_views_that_take_it_off(
    destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(destination)
    apply_definitions(database)
    monkeypatch.setenv("SOURCES__RACING_API__COMMISSION_PERCENT", "5")
    assert created(database, monkeypatch) == STAND_ON_RUNS
    run(destination, f"INSERT INTO ra_races {RACE}")
    run(destination, f"INSERT INTO ra_race_results {WINNER_AT_11}")
    assert database.rows("SELECT profit_bsp FROM runs") == [(Decimal("9.5"),)]


RACE = (
    "(id, date, off_time, course_id, course_name, region, race_name, has_result, _dlt_load_id) "
    "VALUES ('rac_1', '2025-11-25', '1:00', 'crs_1', 'Ascot', 'GB', 'A Race', true, '')"
)
WINNER_AT_11 = (
    "(race_id, horse_id, runner_id, race_date, horse_name, position, position_str, finish_status, "
    "bsp, _dlt_load_id) VALUES "
    "('rac_1', 'hrs_1', 'x', '2025-11-25', 'Kauto Star', 1, '1', 'finished', 11, '')"
)


@pytest.mark.usefixtures("postgres")
def test_nobodys_own_view_is_dropped_for_ours() -> None:
    database = Database("postgres")
    apply_definitions(database)
    run("postgres", "CREATE VIEW mine AS SELECT runs FROM jockey_stats")
    run("postgres", "COMMENT ON VIEW jockey_stats IS NULL")
    assert apply_definitions(database) == [
        "views are left as they were: cannot drop view jockey_stats because other objects depend "
        "on it DETAIL:  view mine depends on view jockey_stats"
    ]
    assert {"mine", "jockey_stats"} <= found(database).keys()


def test_database_that_takes_no_views_costs_a_note(
    new_destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(new_destination)

    def refuse(*statements: str) -> None:
        raise DestinationError("no views here")

    monkeypatch.setattr(database, "run_together", refuse)
    assert apply_definitions(database)[-1] == "views are left as they were: no views here"


@pytest.mark.parametrize("destination", ["postgres"], indirect=True)
def test_postgres_knows_every_key_and_what_it_refers_to(destination: str) -> None:
    database = Database(destination)
    apply_definitions(database)
    assert apply_definitions(database) == []
    query = (
        "SELECT conrelid::regclass::text, conname, coalesce(confrelid::regclass::text, '') "
        "FROM pg_constraint WHERE contype = '{}' AND connamespace = 'racing'::regnamespace"
    )
    keys = {(name, f"{name}_key", "-") for name in TABLES}
    assert set(database.rows(query.format("p"))) == keys
    drawn = re.findall(
        r"^    (\w+) \|\|--o\{ (\w+) : (\w+)$",
        (ROOT / "docs" / "diagram.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert set(database.rows(query.format("f"))) == {
        (source, f"{source}_{column}_fk", target) for target, source, column in drawn
    }
    database.insert(TABLES["ra_runners"], RUNNER)  # before what it refers to
    database.rows("DROP TABLE ra_races CASCADE")
    database = Database(destination)  # which makes it anew
    apply_definitions(database)
    assert set(database.rows(query.format("p"))) == keys


def test_reader_reads_every_table_and_view_and_changes_nothing(postgres: str) -> None:
    database = Database("postgres")
    run_on(postgres, "DROP ROLE IF EXISTS racing_reader")
    database.run(*statements_of(sql_text("reader_role")))
    apply_definitions(database)
    try:
        with psycopg2.connect(postgres) as session, session.cursor() as cursor:
            cursor.execute("SET ROLE racing_reader")
            for name in (*TABLES, *VIEWS):
                cursor.execute(f"SELECT count(*) FROM racing.{name}")
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute("DELETE FROM racing.ra_runs")
        session.close()
    finally:
        run_on(postgres, "DROP OWNED BY racing_reader")
        run_on(postgres, "DROP ROLE racing_reader")
