"""Three weeks of the sandbox in DuckDB and in Postgres: the same contents, table by table."""

from __future__ import annotations

import pytest

from pipelines.tables import API_TABLES, PRICE_HISTORY, PRICE_REQUESTS, Table
from tests.jobs import SYSTEM_COLUMNS
from tests.world import World

LOADED = [table for table in API_TABLES if table not in (PRICE_HISTORY, PRICE_REQUESTS)]
"""Price histories have runs of their own: test_prices.py has them on both databases."""


@pytest.mark.parametrize("table", LOADED, ids=str)
def test_table_is_the_same_in_duckdb_and_postgres(world: World, table: Table) -> None:
    # When a profile was asked for is a time of the run, like the load ids.
    without = {*SYSTEM_COLUMNS, "enriched_at"}
    duck, postgres = (
        tables.sorted_rows({table.name: table.key}, without) for tables in world.both.values()
    )
    assert duck == postgres
    assert duck[table.name], "an empty table proves nothing"
