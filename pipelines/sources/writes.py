"""Who writes what: for each dlt source, the tables it writes, which columns of them, and how.

A source table has one writer, and a model is made of source tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

from pipelines.api.endpoints import COURSES as COURSES_ENDPOINT
from pipelines.api.endpoints import HORSE_PRO, RACECARDS, RESULTS, Endpoint
from pipelines.models import columns_of, dates
from pipelines.settings import PIPELINE
from pipelines.tables import (
    CARD_RUNNERS,
    COVERAGE,
    ISSUES,
    MODELS,
    RACE_RESULTS,
    Column,
    Table,
    tables_from,
)
from pipelines.tables.people import BOOKMAKERS

UPSERT: Final = {"disposition": "merge", "strategy": "upsert", "skip_unchanged_rows": True}
INSERT_ONLY: Final = {"disposition": "merge", "strategy": "insert-only"}
REPLACE: Final = {"disposition": "merge", "strategy": "cdc", "skip_unchanged_rows": True}
"""Upsert, and delete what is absent, as far as Absence lets it."""
HAS_RUN: Final = (
    f"EXISTS (SELECT 1 FROM {PIPELINE}.{RACE_RESULTS} AS ran "
    "WHERE ran.race_id = {table}.race_id AND ran.horse_id = {table}.horse_id)"
)


@dataclass(frozen=True)
class Absence:
    """What it means, day by day, that a load's answers do not name a row."""

    doubtful: frozenset[date] = frozenset()
    """Days whose answers held a row that nobody can use: no row of theirs is known to be absent."""
    whole: frozenset[date] = frozenset()
    """Days whose answers have every race: one that they do not list has left."""

    def scope(self, unless: str = "") -> str:
        """Return the SQL condition of the rows to delete where a load does not have them.

        A race that is not in hand must never be in it: its runners would all be absent.
        """
        condition = "race_id IN (SELECT race_id FROM {staging_table})"
        if self.doubtful:
            condition += f" AND race_date NOT IN ({dates(self.doubtful)})"
        if self.whole:
            condition = f"({condition} OR race_date IN ({dates(self.whole)}))"
        return f"{condition} AND NOT {unless}" if unless else condition


ORDINARY: Final = Absence()
"""A row that its race does not name has left; a race that is not named says nothing."""


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


def _said(table: Table, endpoint: Endpoint) -> Write:
    """All that an endpoint says: a runner of a race that it names no more has left.

    Who has run stays on the card, whatever becomes of that afterwards. A bookmaker's name follows
    from its id, but for capitals: it stays as it was said first, whichever day is read again.
    """
    if table is CARD_RUNNERS:
        return replace(_all(table, endpoint, REPLACE), stays=HAS_RUN)
    if table is RACE_RESULTS:
        return _all(table, endpoint, REPLACE)
    return _all(table, endpoint, INSERT_ONLY if table is BOOKMAKERS else UPSERT)


def _bookkeeping(*tables: Table) -> Iterable[Write]:
    return (Write(table, None, table.columns, UPSERT) for table in tables)


WRITES: Final[dict[str, tuple[Write, ...]]] = {
    "reference": (
        *(_all(table, COURSES_ENDPOINT) for table in tables_from(COURSES_ENDPOINT)),
        *_bookkeeping(ISSUES),
    ),
    "racecards": (
        *(_said(table, RACECARDS) for table in tables_from(RACECARDS)),
        *_bookkeeping(COVERAGE, ISSUES),
    ),
    "results": (
        *(_said(table, RESULTS) for table in tables_from(RESULTS)),
        *_bookkeeping(COVERAGE, ISSUES),
    ),
    "models": tuple(Write(model, None, columns_of(model), UPSERT) for model in MODELS),
    "horse_profiles": (
        *(_all(table, HORSE_PRO) for table in tables_from(HORSE_PRO)),
        *_bookkeeping(ISSUES),
    ),
}
