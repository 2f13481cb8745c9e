"""The checks of sql/checks: silent on what was loaded, red on what each is there to find."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from typing import Any

import duckdb
import psycopg2
import pytest

from pipelines.database.reader import Reader
from pipelines.mapping.differences import DIFFERS
from pipelines.status.checks import CHECKS_FOLDER, Check, all_checks, findings
from tests.faults.tables import Tables
from tests.world import TODAY, World

RAN = "(SELECT race_id FROM ra_race_results WHERE position = 1 ORDER BY race_id LIMIT 1)"
BREAKS = {
    "abandoned_with_result": f"UPDATE ra_races SET is_abandoned = true WHERE id = {RAN}",
    "born_after_race": f"UPDATE ra_mst_horses SET dob = '2025-01-01' WHERE id IN "
    f"(SELECT horse_id FROM ra_race_results WHERE race_id = {RAN})",
    "coverage_ahead": "DELETE FROM ra_races WHERE date = '2025-09-14'",
    "duplicate_keys": "CREATE TEMP VIEW ra_races AS SELECT * FROM racing.ra_races "
    "UNION ALL SELECT * FROM racing.ra_races",
    "few_runners": "DELETE FROM ra_runners WHERE number > 2",
    "finish_contradicts": "UPDATE ra_race_results SET position = NULL WHERE position = 2",
    "has_result_without_results": f"DELETE FROM ra_race_results WHERE race_id = {RAN}",
    "incomplete_results": f"DELETE FROM ra_race_results WHERE position = 1 AND race_id = {RAN}",
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
    "total_differs": "UPDATE ra_coverage SET total = received + 1",
    "unknown_words": "UPDATE ra_race_results SET finish_status = 'unknown' WHERE position = 2",
    "unlisted_courses": "DELETE FROM ra_mst_courses",
    "weights_disagree": "UPDATE ra_runners SET weight = 140, weight_stones_lbs = '10-1'",
}
"""What makes each check red."""

CONTRADICTIONS = (
    "UPDATE ra_race_results SET finish_status = 'pulled_up' WHERE position = 1",
    "UPDATE ra_race_results SET position = 0 WHERE position = 1",
    "UPDATE ra_runners SET position = 3 WHERE position = 2",
    "UPDATE ra_runners SET finish_status = 'fell' WHERE position = 2",
)
"""What else a position and a finish status can be."""


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


@pytest.mark.parametrize("statement", CONTRADICTIONS)
def test_position_and_finish_status_agree(loaded: Tables, statement: str) -> None:
    (check,) = (check for check in all_checks() if check.name == "finish_contradicts")
    with undone(loaded) as session:
        session.execute(statement)
        session.execute(check.sql)
        assert session.fetchall() != []


def test_results_that_differ_from_their_cards_are_no_share_of_issues(loaded: Tables) -> None:
    (check,) = (check for check in all_checks() if check.name == "issue_share")
    with undone(loaded) as session:
        session.execute(BREAKS["issue_share"].replace("'unreadable'", f"'{DIFFERS}'"))
        session.execute(check.sql)
        assert session.fetchall() == []


RECENT = {
    "incomplete_results": (
        "DELETE FROM ra_race_results WHERE position = 1",
        TODAY - timedelta(days=14),
    ),
    "race_without_results": (
        "UPDATE ra_races SET has_result = false",
        TODAY - timedelta(days=1),
    ),
}
"""Checks of which only recent rows are errors: what breaks them, and the first recent day."""


@pytest.mark.parametrize("name", RECENT)
def test_what_has_long_been_so_is_no_error(loaded: Tables, name: str) -> None:
    (check,) = (check for check in all_checks() if check.name == name)
    statement, first = RECENT[name]
    with undone(loaded) as session:
        session.execute(statement)
        session.execute(f"SELECT DISTINCT date, is_recent FROM (\n{check.sql}) AS found")
        found = dict(session.fetchall())
    assert {day for day in found if day < first}
    assert {day for day, is_recent in found.items() if is_recent} == {
        day for day in found if day >= first
    }


class Told:
    """A reader of a database that has these rows, whatever is asked."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.rows = rows

    def held_open(self) -> AbstractContextManager[None]:
        return nullcontext()

    def records(self, query: str) -> list[dict[str, Any]]:
        assert query.startswith("SELECT * FROM (")
        return [dict(row) for row in self.rows]


def test_rows_that_are_not_recent_are_a_warning() -> None:
    old, new = {"race_id": "rac_1", "is_recent": False}, {"race_id": "rac_2", "is_recent": True}
    found = [
        (one.check.is_error, one.rows)
        for one in findings(Told(old, new))  # type: ignore[arg-type]
        if one.check.name == "incomplete_results"
    ]
    assert found == [(True, [{"race_id": "rac_2"}]), (False, [{"race_id": "rac_1"}])]


def test_checks_can_be_run_by_hand() -> None:
    for path in CHECKS_FOLDER.glob("*.sql"):
        first, *_ = path.read_text(encoding="utf-8").splitlines()
        assert first.startswith(("-- error: ", "-- warning: ")), path
