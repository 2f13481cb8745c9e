"""Who writes what: for each dlt source, the tables it writes, which columns of them, and how.

A MERGE of dlt names only the columns of its own source's schema, so two sources that write one
table leave each other's columns alone as long as neither deletes rows to insert them again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from pipelines.endpoints import COURSES as COURSES_ENDPOINT
from pipelines.endpoints import HORSE_PRO, RACECARDS, RESULTS, Endpoint
from pipelines.tables import COVERAGE, ISSUES, Column, Table, tables_from
from pipelines.tables.runners import RUNNERS

UPSERT: Final = {"disposition": "merge", "strategy": "upsert", "skip_unchanged_rows": True}
INSERT_ONLY: Final = {"disposition": "merge", "strategy": "insert-only"}
REPLACE_ENTRIES: Final = {
    "disposition": "merge",
    "strategy": "cdc",
    "skip_unchanged_rows": True,
    # A horse that has left the card does not run. Only races in hand, and never one that a result
    # names.
    "destination_scope": (
        "race_id IN (SELECT race_id FROM {staging_table}) AND position_str IS NULL"
    ),
}


@dataclass(frozen=True)
class Write:
    """What one source writes of one table."""

    table: Table
    endpoint: Endpoint | None
    columns: tuple[Column, ...]
    disposition: dict[str, Any]


def _all(table: Table, endpoint: Endpoint, disposition: dict[str, Any] = UPSERT) -> Write:
    columns = table.columns_from(endpoint.name)
    # With nothing beside the key to compare, dlt would take every row for a changed one.
    is_key_alone = len(columns) == len(table.key)
    return Write(table, endpoint, columns, INSERT_ONLY if is_key_alone else disposition)


def _own(table: Table, endpoint: Endpoint) -> Write:
    """Columns that this endpoint gives and no card does."""
    columns = tuple(
        column
        for column in table.columns_from(endpoint.name)
        if RACECARDS.name not in column.origins or column.name in table.key
    )
    return Write(table, endpoint, columns, UPSERT)


def _shared(table: Table, endpoint: Endpoint, disposition: dict[str, Any]) -> Write:
    """Columns that a card gives too, for rows that no card has written."""
    columns = tuple(
        column for column in table.columns_from(endpoint.name) if RACECARDS.name in column.origins
    )
    return Write(table, endpoint, columns, disposition)


def _has_own(table: Table, endpoint: Endpoint) -> bool:
    return len(_own(table, endpoint).columns) > len(table.key)


def _bookkeeping(*tables: Table) -> Iterable[Write]:
    return (Write(table, None, table.columns, UPSERT) for table in tables)


_CARD_TABLES = tables_from(RACECARDS)
_RESULT_TABLES = tables_from(RESULTS)
_PROFILE_TABLES = tables_from(HORSE_PRO)

WRITES: Final[dict[str, tuple[Write, ...]]] = {
    "reference": (
        *(_all(table, COURSES_ENDPOINT) for table in tables_from(COURSES_ENDPOINT)),
        *_bookkeeping(ISSUES),
    ),
    "racecards": (
        *(
            _all(table, RACECARDS, REPLACE_ENTRIES if table is RUNNERS else UPSERT)
            for table in _CARD_TABLES
        ),
        *_bookkeeping(COVERAGE, ISSUES),
    ),
    "result_entries": tuple(
        _shared(table, RESULTS, INSERT_ONLY) for table in _RESULT_TABLES if table in _CARD_TABLES
    ),
    "results": (
        *(_own(table, RESULTS) for table in _RESULT_TABLES if _has_own(table, RESULTS)),
        *_bookkeeping(COVERAGE, ISSUES),
    ),
    "profile_entries": tuple(_shared(table, HORSE_PRO, UPSERT) for table in _PROFILE_TABLES),
    "horse_profiles": (
        *(_own(table, HORSE_PRO) for table in _PROFILE_TABLES if _has_own(table, HORSE_PRO)),
        *_bookkeeping(ISSUES),
    ),
}
