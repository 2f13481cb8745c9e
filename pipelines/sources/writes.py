"""Who writes what: for each dlt source, the tables it writes, which columns of them, and how.

A MERGE of dlt names only the columns of its own source's schema, so two sources that write one
table leave each other's columns alone as long as neither deletes rows to insert them again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

from pipelines.endpoints import COURSES as COURSES_ENDPOINT
from pipelines.endpoints import HORSE_PRO, RACECARDS, RESULTS, Endpoint
from pipelines.tables import COVERAGE, ISSUES, RACE_RESULTS, RUNNERS, Column, Table, tables_from

UPSERT: Final = {"disposition": "merge", "strategy": "upsert", "skip_unchanged_rows": True}
INSERT_ONLY: Final = {"disposition": "merge", "strategy": "insert-only"}
REPLACE: Final = {"disposition": "merge", "strategy": "cdc", "skip_unchanged_rows": True}
"""Upsert, and delete what is absent, as far as Absence lets it."""


@dataclass(frozen=True)
class Absence:
    """What it means, day by day, that a load's answers do not name a row."""

    doubtful: frozenset[date] = frozenset()
    """Days whose answers held a row that nobody can use: no row of theirs is known to be absent."""
    whole: frozenset[date] = frozenset()
    """Days whose answers have every race: one that they do not list has left."""

    def scope(self, unless: str) -> str:
        """Return the SQL condition of the rows to delete where a load does not have them.

        A race that is not in hand must never be in it: its runners would all be absent.
        """
        condition = "race_id IN (SELECT race_id FROM {staging_table})"
        if self.doubtful:
            condition += f" AND race_date NOT IN ({_dates(self.doubtful)})"
        if self.whole:
            condition = f"({condition} OR race_date IN ({_dates(self.whole)}))"
        return f"{condition} AND NOT ({unless})" if unless else condition


ORDINARY: Final = Absence()
"""A row that its race does not name has left; a race that is not named says nothing."""


def _dates(days: Iterable[date]) -> str:
    return ", ".join(f"DATE '{day}'" for day in sorted(days))


Names = tuple[str, ...]
"""Of a table, and of some of its columns."""


@dataclass(frozen=True)
class Write:
    """What one source writes of one table."""

    table: Table
    endpoint: Endpoint | None
    columns: tuple[Column, ...]
    disposition: dict[str, Any]
    stays: str = ""
    """SQL condition of the rows that stay, absent or not."""
    clears: bool = False
    """True where a row that the answers name no more stays and loses these columns."""

    @cached_property
    def names(self) -> Names:
        """The table and the columns."""
        return (self.table.name, *(column.name for column in self.columns))

    def disposition_for(self, absence: Absence) -> dict[str, Any]:
        """Return dlt's write disposition for a load whose absent rows mean this."""
        if self.disposition is not REPLACE:
            return self.disposition
        return {**REPLACE, "destination_scope": absence.scope(self.stays)}


def _all(table: Table, endpoint: Endpoint, disposition: dict[str, Any] = UPSERT) -> Write:
    columns = table.columns_from(endpoint.name)
    # With nothing beside the key to compare, dlt would take every row for a changed one.
    is_key_alone = len(columns) == len(table.key)
    return Write(table, endpoint, columns, INSERT_ONLY if is_key_alone else disposition)


def _entries(table: Table) -> Write:
    """All of a card: a horse that has left it does not run, unless a result names it."""
    if table is not RUNNERS:
        return _all(table, RACECARDS)
    return replace(_all(table, RACECARDS, REPLACE), stays="finish_status IS NOT NULL")


def _own(table: Table, endpoint: Endpoint) -> Write:
    """Columns that this endpoint gives and no card does.

    A horse that a result names no more leaves the results, and those columns of its entry.
    """
    columns = tuple(
        column
        for column in table.columns_from(endpoint.name)
        if RACECARDS.name not in column.origins or column.name in table.key
    )
    disposition = REPLACE if table is RACE_RESULTS else UPSERT
    return Write(table, endpoint, columns, disposition, clears=table is RUNNERS)


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
        *map(_entries, _CARD_TABLES),
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
