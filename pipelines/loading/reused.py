"""Taking races out of the tables whose ids the API has given to other races."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from pipelines.database.database import Database
from pipelines.database.sql import AMONG, joined
from pipelines.mapping import Row, to_arrow
from pipelines.mapping.chunk import Chunk
from pipelines.sources import one_table
from pipelines.tables import API_TABLES, ISSUES, MODELS, Kind, Table

RACE_TABLES = [table for table in API_TABLES if table.kind is Kind.RACE]
NOTED_BY = "reference"
"""The smallest source that writes ra_issues."""


def take_out_replaced(database: Database, chunk: Chunk, made: Collection[Table]) -> None:
    """Delete what a chunk's races replace, once it is noted whole in ra_issues.

    Never half of one race and half of another. Models that are made afterwards stay until then:
    they say who was named before. Raises DestinationError.
    """
    if not chunk.replaced:
        return
    ids = joined(chunk.replaced)
    rows = defaultdict[str, dict[str, list[Row]]](dict)
    for table in RACE_TABLES:
        for row in _rows(database, table, ids):
            rows[str(row[_race_of(table)])].setdefault(table.name, []).append(row)
    issues = [
        chunk.reused_id(race, stored.day, rows[race]) for race, stored in chunk.replaced.items()
    ]
    noted = to_arrow(ISSUES, ISSUES.columns, [issue.row() for issue in issues])
    database.load(one_table(NOTED_BY, ISSUES, noted))
    database.run_together(
        *(
            f"DELETE FROM {table} WHERE {_race_of(table)} {AMONG}"
            for table in RACE_TABLES
            if table not in MODELS or table not in made
        ),
        parameter=ids,
    )
    chunk.found.issues.extend(issues)


def count_again(database: Database, chunk: Chunk) -> None:
    """Let ra_coverage count no race that another day has now; raises DestinationError."""
    if chunk.left:
        database.run_together(
            "UPDATE ra_coverage SET loaded = least(loaded, ("
            "SELECT count(*) FROM ra_races WHERE ra_races.date = ra_coverage.date "
            "AND (ra_coverage.endpoint = 'racecards' OR ra_races.has_result)"
            f")) WHERE CAST(date AS text) {AMONG}",
            parameter=joined(map(str, chunk.left)),
        )


def _rows(database: Database, table: Table, ids: str) -> list[dict[str, Any]]:
    names = [column.name for column in table.columns]
    query = f"SELECT {', '.join(names)} FROM {table} WHERE {_race_of(table)} {AMONG}"
    return [dict(zip(names, row, strict=True)) for row in database.rows(query, ids)]


def _race_of(table: Table) -> str:
    return table.key[0]  # id of a race, race_id of what belongs to it
