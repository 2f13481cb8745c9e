"""The checks of sql/checks: silent on what was loaded, red on what each is there to find."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import psycopg2
import pytest

from pipelines.checks import CHECKS_FOLDER, Check, all_checks, findings
from pipelines.reader import Reader
from tests.faults.tables import Tables
from tests.world import World

RAN = "(SELECT race_id FROM ra_race_results WHERE position = 1 ORDER BY race_id LIMIT 1)"
BREAKS = {
    "born_after_race": f"UPDATE ra_mst_horses SET dob = '2025-01-01' WHERE id IN "
    f"(SELECT horse_id FROM ra_race_results WHERE race_id = {RAN})",
    "coverage_ahead": "DELETE FROM ra_races WHERE date = '2025-09-14'",
    "duplicate_keys": "CREATE TEMP VIEW ra_races AS SELECT * FROM racing.ra_races "
    "UNION ALL SELECT * FROM racing.ra_races",
    "few_runners": "DELETE FROM ra_runners WHERE number > 2",
    "has_result_without_results": f"DELETE FROM ra_race_results WHERE race_id = {RAN}",
    "issue_share": "INSERT INTO ra_issues (endpoint, table_name, row_key, field, problem, date, "
    "_dlt_load_id) SELECT 'racecards', 'ra_runners', race_id || '/' || horse_id, 'ofr', "
    "'unreadable', race_date, '' FROM ra_runners",
    "no_winner": f"UPDATE ra_race_results SET position = 2 WHERE race_id = {RAN}",
    "odd_ids": "UPDATE ra_mst_owners SET id = 'owner ' || id",
    "orphans": "DELETE FROM ra_mst_trainers",
    "prices_disagree": "UPDATE ra_race_results SET starting_price = '7/2F', "
    "starting_price_decimal = 4.6",
    "race_without_results": f"UPDATE ra_races SET has_result = false WHERE id = {RAN}",
    "results_without_race": f"DELETE FROM ra_races WHERE id = {RAN}",
    "same_course_and_time": "UPDATE ra_races SET off_dt = TIMESTAMPTZ '2025-09-14 12:00:00+00'",
    "starters": f"UPDATE ra_runners SET is_scratched = true WHERE race_id = {RAN}",
    "total_differs": "UPDATE ra_coverage SET total = received + 1",
    "unknown_words": "UPDATE ra_race_results SET finish_status = 'unknown' WHERE position = 2",
    "unlisted_courses": "DELETE FROM ra_mst_courses",
    "weights_disagree": "UPDATE ra_runners SET weight = 140, weight_stones_lbs = '10-1'",
}
"""What makes each check red."""


@pytest.fixture(params=["duckdb", "postgres"])
def loaded(request: pytest.FixtureRequest, world: World) -> Tables:
    """Three weeks in either database."""
    return world.both[request.param]


@pytest.fixture
def reader(loaded: Tables, monkeypatch: pytest.MonkeyPatch) -> Reader:
    name = f"DESTINATION__{loaded.destination.upper()}__CREDENTIALS"
    monkeypatch.setenv(name, loaded.credentials)
    return Reader(loaded.destination)


@contextmanager
def undone(tables: Tables) -> Iterator[Any]:
    """Open a session in the dataset that changes nothing in the end."""
    connect: Any = duckdb.connect if tables.destination == "duckdb" else psycopg2.connect
    connection = connect(tables.credentials)
    try:
        cursor = connection.cursor()
        if tables.destination == "duckdb":
            cursor.execute("BEGIN")
        cursor.execute("SET search_path TO racing")
        yield cursor
        cursor.execute("ROLLBACK")
    finally:
        connection.close()


def test_what_was_loaded_passes_every_check(reader: Reader) -> None:
    assert [str(finding) for finding in findings(reader)] == []


def test_every_check_is_broken_here() -> None:
    assert sorted(BREAKS) == [check.name for check in all_checks()]


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.name)
def test_check_finds_what_it_is_there_for(loaded: Tables, check: Check) -> None:
    with undone(loaded) as session:
        session.execute(BREAKS[check.name])
        session.execute(check.sql)
        assert session.fetchall() != []


def test_checks_can_be_run_by_hand() -> None:
    for path in CHECKS_FOLDER.glob("*.sql"):
        first, *_ = path.read_text(encoding="utf-8").splitlines()
        assert first.startswith(("-- error: ", "-- warning: ")), path
