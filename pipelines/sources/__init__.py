"""The dlt sources, one for each way in which an endpoint writes.

    reference        /v1/courses                courses
    racecards        /v1/racecards/pro          what a card says, and which days are covered
    results          /v1/results                what a result says, and which days are covered
    horse_profiles   /v1/horses/{id}/pro, then  what a profile says of a horse
                     /standard

Asking and loading are two halves: `pipelines.api` asks; a source takes days that have been read, or
courses and profiles as they came, and hands rows to dlt, one transformer for each table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

import dlt
import pyarrow as pa
from dlt.extract import DltResource, DltSource
from dlt.extract.items_transform import MapItem

from pipelines.api.answers import Body
from pipelines.api.endpoints import COURSES, HORSE_PRO, Endpoint
from pipelines.mapping import (
    Inspection,
    Levels,
    Record,
    Row,
    RowReader,
    inspect,
    to_arrow,
    unique_issues,
)
from pipelines.sources.chunk import Chunk
from pipelines.sources.schema import FROZEN, resource_hints
from pipelines.sources.unique import whole
from pipelines.sources.writes import ORDINARY, WRITES, Absence, Write
from pipelines.tables import COVERAGE, ISSUES, Table

BEFORE_EVERY_DAY: Final = "1900-01-01"
LAG_DAYS: Final = 700 * 365
"""Leads before every day from any cursor up to the year 2599, where a clock was wrong."""

TablesOf = Callable[[list[Write]], dict[str, pa.Table]]
"""Returns the rows of each table, the same whenever it is called."""


def reference(courses: list[Any], tables: set[Table], found: Inspection) -> DltSource:
    """Courses of the configured regions."""
    return _undated("reference", inspect(COURSES, courses, None, found), tables, found)


def racecards(chunk: Chunk, tables: set[Table]) -> DltSource:
    """Cards of a chunk of days: everything a card says."""
    return _source("racecards", tables, _chunk_reader(chunk, tables), chunk)


def results(chunk: Chunk, tables: set[Table]) -> DltSource:
    """Results of a chunk of days: everything a result says."""
    return _source("results", tables, _chunk_reader(chunk, tables), chunk)


def horse_profiles(profiles: list[Body], tables: set[Table], found: Inspection) -> DltSource:
    """Profiles of horses: what they say, and that they have been asked for."""
    return _undated("horse_profiles", inspect(HORSE_PRO, profiles, None, found), tables, found)


# How a source is made


def _source(
    name: str, tables: set[Table], tables_of: TablesOf, covered: Chunk | None = None
) -> DltSource:
    """Make the source: the rows of all tables, one transformer for each table, and coverage."""
    wanted = [write for write in WRITES[name] if write.table in {*tables, ISSUES}]
    writes = [write for write in wanted if write.table is not COVERAGE]
    absence = covered.absence if covered else ORDINARY

    def read() -> Iterator[dict[str, pa.Table]]:
        yield tables_of(writes)

    @dlt.source(name=name, schema_contract=FROZEN)
    def declared() -> Iterator[DltResource]:
        rows = dlt.resource(read, name="rows", selected=False)
        for write in writes:
            yield _table(write, rows, absence)
        for write in wanted:
            if covered and write.table is COVERAGE:
                yield _coverage(write, covered)

    source = declared()
    source.schema.update_schema(source.discover_schema())
    return source


def _table(write: Write, rows: DltResource, absence: Absence) -> DltResource:
    """Make the resource of one table, which picks its rows from those of the chunk."""

    def table_rows(found: dict[str, pa.Table]) -> Iterator[pa.Table]:
        if found[write.table.name].num_rows:
            yield found[write.table.name]

    return dlt.transformer(table_rows, data_from=rows, **resource_hints(write, absence))


def _coverage(write: Write, chunk: Chunk) -> DltResource:
    """Make the resource of ra_coverage, with the cursor on its date.

    Only complete days move the cursor, if they have a race: one without may turn out to have some.
    Without a day that moves it, dlt would take the initial value for the last.
    The cursor records, and coverage decides what is fetched: a lag reaches back over every day,
    however far ahead the cursor is, so nothing is filtered.
    """
    rows = [row for row in chunk.coverage if row["date"] not in chunk.kept]
    days = [{"date": str(row["date"]) if _is_done(row) else None, "row": row} for row in rows]
    moves = chunk.moves_cursor and any(map(_is_done, rows))
    newest = max(chunk.days)
    cursor = dlt.sources.incremental(
        "date",
        # The same each time: dlt would take another one for the cursor itself.
        initial_value=BEFORE_EVERY_DAY,
        end_value=None if moves else (newest + timedelta(days=1)).isoformat(),
        primary_key=(),
        lag=LAG_DAYS if moves else None,
        on_cursor_value_missing="include",
    )
    resource: DltResource = dlt.resource([days], **resource_hints(write, chunk.absence))
    resource.add_step(cursor)
    resource.add_step(_RowsBehindCursor(lambda item: item["row"]))
    return resource


def _is_done(row: Row) -> bool:
    return row["status"] == "complete" and bool(row["loaded"])


class _RowsBehindCursor(MapItem):
    """Turns days into rows behind the cursor, where dlt puts the steps of a user before it."""

    placement_affinity = 1.5

    def __call__(self, items: list[dict[str, Any]], meta: Any = None) -> pa.Table:
        return to_arrow(COVERAGE, COVERAGE.columns, super().__call__(items, meta) or [])


def _chunk_reader(chunk: Chunk, tables: set[Table]) -> TablesOf:
    names = {table.name for table in tables}

    def tables_of(writes: list[Write]) -> dict[str, pa.Table]:
        read = chunk.tables([write for write in writes if write.endpoint])
        return read | _issues(writes, chunk.issue_rows(names))

    return tables_of


def _undated(name: str, records: list[Record], tables: set[Table], found: Inspection) -> DltSource:
    """Make a source of records without a date: read once, however often they are loaded."""
    read = {
        write.table.name: _undated_rows(write, write.endpoint, records, found)
        for write in WRITES[name]
        if write.endpoint and write.table in tables
    }
    return _source(name, tables, lambda writes: read | _issues(writes, unique_issues(found.issues)))


def _undated_rows(
    write: Write, endpoint: Endpoint, records: list[Record], found: Inspection
) -> pa.Table:
    """Read rows of records in no order: what they say decides which of one key is stored."""
    reader = RowReader(write.table, endpoint, write.columns)
    kept, _ = whole(reader.read(Levels(records), None, found), write.table.key)
    return kept.table


def _issues(writes: list[Write], rows: list[Row]) -> dict[str, pa.Table]:
    """Return the issues, which are all known when the other tables have been read."""
    wanted = any(write.table is ISSUES for write in writes)
    return {ISSUES.name: to_arrow(ISSUES, ISSUES.columns, rows)} if wanted else {}
