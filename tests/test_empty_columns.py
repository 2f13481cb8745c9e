"""A column that was filled for months and has been empty for a week is named."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.api.endpoints import DATED
from pipelines.database.reader import Reader
from pipelines.settings import load_settings
from pipelines.status.empty_columns import empty_columns, empty_since
from pipelines.status.health import health_of
from pipelines.status.state import state_of
from pipelines.tables import COVERAGE, RACE_RESULTS, RUNNERS, Table
from pipelines.tables.races import RACES
from tests.jobs import tables_in

TODAY = date(2026, 11, 29)
DAYS = [TODAY - timedelta(days=past) for past in range(430, 0, -1)]
SUMMER = date(2026, 8, 14)


def filled(first_empty: date, days: list[date] = DAYS) -> dict[date, bool]:
    return {day: day < first_empty for day in days}


def test_a_column_that_was_filled_for_months_is_empty_since_its_first_day_without() -> None:
    assert empty_since(filled(SUMMER)) == SUMMER
    assert empty_since(filled(TODAY - timedelta(days=7))) == TODAY - timedelta(days=7)
    assert empty_since(filled(TODAY - timedelta(days=6))) is None
    assert empty_since(filled(SUMMER, DAYS[-200:])) == SUMMER


@pytest.mark.parametrize(
    "filled",
    [
        pytest.param({day: day < SUMMER and day.day % 3 > 0 for day in DAYS}, id="now and then"),
        pytest.param({day: DAYS[250] < day < SUMMER for day in DAYS}, id="for some weeks"),
        pytest.param({day: 4 <= day.month <= 10 for day in DAYS}, id="in its season"),
        pytest.param(dict.fromkeys(DAYS, False), id="never"),
        pytest.param({}, id="no day"),
    ],
)
def test_a_column_that_was_not_always_filled_has_lost_nothing(filled: dict[date, bool]) -> None:
    assert empty_since(filled) is None


def insert(destination: str, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows; what else a row needs is made up."""
    made_up = {
        column.name: {"bool": False, "bigint": 0, "text": "x"}.get(column.type.name, DAYS[0])
        for column in table.columns
        if column.required and column.name != "updated_at"
    }
    whole = [made_up | {"_dlt_load_id": ""} | row for row in rows]
    names = ", ".join(whole[0])
    values = (f"({', '.join(map(_literal, row.values()))})" for row in whole)
    tables_in(destination).run(f"INSERT INTO {table} ({names}) VALUES {', '.join(values)}")


def _literal(value: Any) -> str:
    return "NULL" if value is None else str(value) if isinstance(value, int) else f"'{value}'"


def test_columns_are_named_with_the_day_since_when(destination: str) -> None:
    # Fourteen months with a race and a runner a day, but for a week around Christmas.
    days = [day for day in DAYS if (day.month, day.day // 7) != (12, 3)]
    for endpoint in DATED:
        covered = {"endpoint": endpoint.name, "status": "complete", "loaded": 1}
        insert(destination, COVERAGE, [covered | {"date": day} for day in days])
    insert(
        destination,
        RACES,
        [{"id": f"rac_{day}", "date": day, "going": before(SUMMER, day, "Good")} for day in days],
    )
    keys = [{"race_id": f"rac_{day}", "horse_id": "hrs_1", "race_date": day} for day in days]
    three_weeks_ago, a_week_ago = (TODAY - timedelta(days=past) for past in (21, 7))
    insert(
        destination,
        RUNNERS,
        [
            key
            | {"id": f"{key['race_id']}_hrs_1", "horse_name": before(a_week_ago, day, "Name")}
            | {"rpr": before(SUMMER, day, 77), "draw": day.day % 2 or None, "form": "12"}
            for day, key in zip(days, keys, strict=True)
        ],
    )
    insert(
        destination,
        RACE_RESULTS,
        [
            key
            | {"rpr": before(a_week_ago, day, 80), "tsr": before(three_weeks_ago, day, 70)}
            | {"starting_price": before(TODAY - timedelta(days=6), day, "5/1")}
            for day, key in zip(days, keys, strict=True)
        ],
    )
    assert list(empty_columns(Reader(destination), TODAY)) == [
        f"ra_races.going: empty since {SUMMER}",
        f"ra_runners.horse_name: empty since {a_week_ago}",
        f"ra_runners.rpr: empty since {SUMMER}",
        f"ra_race_results.tsr: empty since {three_weeks_ago}",
    ]
    health = health_of(
        Reader(destination),
        state_of(Reader(destination), TODAY),
        load_settings(with_credentials=False),
    )
    assert f"empty_columns: ra_runners.rpr: empty since {SUMMER}" in health.details
    assert f"ra_races.going: empty since {SUMMER}" in health.facts


def before(day: date, this: date, value: Any) -> Any:
    """The value on days before a day, and nothing from it on."""
    return value if this < day else ("" if value == "Name" else None)


def test_a_few_days_are_no_history(destination: str) -> None:
    assert list(empty_columns(Reader(destination), TODAY)) == []
