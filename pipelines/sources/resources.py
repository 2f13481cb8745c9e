"""The resources of a source: one for each table, whose rows are there or read when dlt asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from typing import Any, Final

import dlt
import pyarrow as pa
from dlt.extract import DltResource, DltSource
from dlt.extract.items_transform import MapItem

from pipelines.api.endpoints import Endpoint
from pipelines.mapping import Inspection, Record, Row, to_arrow
from pipelines.mapping.chunk import Chunk
from pipelines.mapping.undated import read_undated
from pipelines.sources.dispositions import INSERT_ONLY, UPSERT
from pipelines.sources.schema import FROZEN, resource_hints
from pipelines.tables import ISSUES, Table

BEFORE_EVERY_DAY: Final = "1900-01-01"
LAG_DAYS: Final = 700 * 365
"""Leads before every day from any cursor up to the year 2599, where a clock was wrong."""

RowsOf = Callable[[Table], pa.Table]
"""Returns the rows of a table, the same whenever it is called."""


def rows(table: Table, of: RowsOf, disposition: dict[str, Any] = UPSERT) -> DltResource:
    """Make the resource of one table."""

    def read() -> Iterator[pa.Table]:
        found = of(table)
        if found.num_rows:
            yield found

    resource: DltResource = dlt.resource(read, **resource_hints(table, disposition))
    return resource


def issues(found: list[Row]) -> DltResource:
    """Make the resource of what could not be read."""
    return rows(ISSUES, lambda table: to_arrow(table, table.columns, found))


def races(table: Table, chunk: Chunk) -> DltResource:
    """Make the resource of the races of a chunk, with the cursor on their days.

    Only complete days move the cursor, if they have a race: one without may turn out to have some.
    Without a day that moves it, dlt would take the initial value for the last.
    The cursor records, and coverage decides what is fetched: a lag reaches back over every day,
    however far ahead the cursor is, so nothing is filtered.
    """
    days = [
        {"date": str(day) if day in chunk.done else None, "rows": rows}
        for day, rows in chunk.rows_by_day(table).items()
        if rows.num_rows
    ]
    moves = chunk.moves_cursor and any(day["date"] for day in days)
    cursor = dlt.sources.incremental(
        "date",
        # The same each time: dlt would take another one for the cursor itself.
        initial_value=BEFORE_EVERY_DAY,
        end_value=None if moves else (max(chunk.days) + timedelta(days=1)).isoformat(),
        primary_key=(),
        lag=LAG_DAYS if moves else None,
        on_cursor_value_missing="include",
    )
    resource: DltResource = dlt.resource([days], **resource_hints(table, UPSERT))
    resource.add_step(cursor)
    resource.add_step(_RowsBehindCursor(lambda day: day["rows"]))
    return resource


class _RowsBehindCursor(MapItem):
    """Turns days into rows behind the cursor, where dlt puts the steps of a user before it."""

    placement_affinity = 1.5

    def __call__(self, items: list[dict[str, Any]], meta: Any = None) -> pa.Table | None:
        found = super().__call__(items, meta)
        return pa.concat_tables(found) if found else None


def undated(
    table: Table, endpoint: Endpoint, records: list[Record], found: Inspection
) -> DltResource:
    """Make the resource of one table of records without a date.

    What they say, not their order, decides which of one key is stored.
    """
    read = read_undated(table, endpoint, records, found)
    return rows(table, lambda _: read)


# What is loaded of a source


def chosen(source: DltSource, tables: Collection[Table]) -> DltSource:
    """Leave out tables that are not wanted, and declare the schema before the first row comes."""
    names = source.resources.keys() & {str(table) for table in (*tables, ISSUES)}
    source = source.with_resources(*names)
    source.schema.update_schema(source.discover_schema())
    return source


def one_table(name: str, table: Table, found: pa.Table) -> DltSource:
    """Make a source of some rows of one table; they add or change rows and delete none."""
    is_key_alone = len(table.loaded) == len(table.key)

    @dlt.source(name=name, schema_contract=FROZEN)
    def declared() -> Iterator[DltResource]:
        yield rows(table, lambda _: found, INSERT_ONLY if is_key_alone else UPSERT)

    return chosen(declared(), [table])
