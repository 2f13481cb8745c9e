"""Unfinished rebuilds, recorded in the database they rebuild.

A rebuild is recorded in the transaction that deletes the rows it will recreate: as long as the
record is there, tables are incomplete, whatever happened to the process.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pipelines.plan.coverage import Queried
from pipelines.plan.modes import Options
from pipelines.tables import HORSES, REBUILDS, TABLES, Table

WITH_PROFILE = f"SELECT count(*) FROM {HORSES} WHERE enriched_at IS NOT NULL"


@dataclass(frozen=True)
class Unfinished:
    """A rebuild that has begun: which tables, or all, and from which day, or all."""

    tables: frozenset[Table]
    start: date | None
    begun_at: datetime
    attempts: int
    """How often a later run has begun to finish it."""
    profiles: int
    """Horses that had a profile before it."""

    @property
    def scope(self) -> str:
        """What it recreates, in words."""
        return scope_of(self.tables, self.start)

    def __str__(self) -> str:
        return f"the rebuild of {self.scope} that began at {self.begun_at:%Y-%m-%d %H:%M}Z"


def scope_of(tables: Iterable[Table], start: date | None) -> str:
    """Say what a rebuild recreates; no tables means all of them."""
    named = ", ".join(sorted(map(str, tables))) or "all tables"
    return f"{named} since {start}" if start else named


def note_begun(options: Options) -> tuple[str, str]:
    """Return the statements that record that a rebuild begins, or begins again."""
    scope, now = scope_of(options.tables, options.start), datetime.now(UTC)
    names = f"'{','.join(sorted(map(str, options.tables)))}'" if options.tables else "NULL"
    start = f"DATE '{options.start}'" if options.start else "NULL"
    return (
        f"UPDATE {REBUILDS} SET begun_at = TIMESTAMPTZ '{now}', attempts = 0 "
        f"WHERE scope = '{scope}'",
        f"INSERT INTO {REBUILDS} (_dlt_load_id, scope, table_names, first_day, begun_at, attempts, "
        f"profiles) SELECT '', '{scope}', {names}, {start}, TIMESTAMPTZ '{now}', 0, "
        f"({WITH_PROFILE}) WHERE NOT EXISTS (SELECT 1 FROM {REBUILDS} WHERE scope = '{scope}')",
    )


def note_attempt(database: Queried, rebuild: Unfinished) -> None:
    """Record that a run tries to finish it, so that repeated crashes end the attempts."""
    query = f"UPDATE {REBUILDS} SET attempts = attempts + 1 WHERE scope = %s"
    database.rows(query, rebuild.scope)


def note_finished(database: Queried, options: Options) -> None:
    """Delete the records of rebuilds that a finished one has covered."""
    for one in unfinished(database):
        is_of_these = not options.tables or (one.tables and one.tables <= options.tables)
        is_since = not options.start or (one.start and one.start >= options.start)
        if is_of_these and is_since:
            database.rows(f"DELETE FROM {REBUILDS} WHERE scope = %s", one.scope)


def unfinished(database: Queried) -> list[Unfinished]:
    """Return the unfinished rebuilds, oldest first."""
    query = (
        "SELECT coalesce(table_names, ''), first_day, begun_at, attempts, profiles "
        f"FROM {REBUILDS} ORDER BY begun_at, scope"
    )
    return [
        Unfinished(frozenset(TABLES[name] for name in names.split(",") if name), *rest)
        for names, *rest in database.rows(query)
    ]
