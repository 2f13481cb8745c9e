"""The shape of the database: tables, columns, keys, defaults and triggers, as declared.

Whatever this version adds is created at once; anything somebody dropped is created and loaded
again.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Set
from datetime import date
from typing import Any, Final, TypeVar

from pipelines.api.endpoints import DATED, RequestedBy, requested_by
from pipelines.database.connection import Connection
from pipelines.database.sql import sql_text, statements_of
from pipelines.errors import DestinationError
from pipelines.models import dates
from pipelines.settings import PIPELINE
from pipelines.sources.schema import column_schema, declared_schema
from pipelines.tables import LOADED_RESPONSES, TABLES, Column, Table
from pipelines.tables.ddl import (
    DEFAULTS,
    KEYS,
    SET_UPDATED_AT,
    TRIGGERS,
    UPDATED_AT,
)

logger = logging.getLogger(__name__)

MOST_NAMED: Final = 5
"""Lost columns that are named in a reason."""

PRESENT_DEFAULTS: Final = (
    "SELECT table_name, column_name FROM information_schema.columns "
    "WHERE table_schema = %s AND column_default IS NOT NULL AND column_default <> 'NULL'"
)
REQUIRED: Final = (
    "SELECT 1 FROM information_schema.columns WHERE table_schema = %s "
    "AND table_name = 'ra_runners' AND column_name = 'is_scratched' AND is_nullable = 'NO'"
)
PRESENT_INDEXES: Final = "SELECT indexname FROM pg_indexes WHERE schemaname = %s"
PRESENT_TRIGGERS: Final = (
    "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
    "WHERE relnamespace = CAST(%s AS regnamespace)"
)

Key = TypeVar("Key")


def declare_tables(connection: Connection) -> None:
    """Create missing tables and columns, with their keys and defaults."""
    # Not `run`: it would note the schema as stored without creating tables that have no rows.
    connection.pipeline.schemas.save_schema(declared_schema())
    _note_new_columns(connection.pipeline.sync_schema(PIPELINE) or {})
    _restore(connection)
    # Only what is missing: an ALTER would wait for everybody who reads.
    defaults = {
        (table, column) for table, column in connection.rows(PRESENT_DEFAULTS, connection.dataset)
    }
    is_required = bool(connection.rows(REQUIRED, connection.dataset))
    if is_required or ("ra_runners", "is_scratched") not in defaults:
        mark, relax = statements_of(sql_text("is_scratched"))
        if is_required and connection.kind.is_file:
            _drop_indexes(connection)  # DuckDB drops no NOT NULL of a table that has an index
        connection.run_all([mark, relax] if is_required else [mark])
    _run_missing(connection, DEFAULTS, defaults)
    if connection.kind.keys:
        indexes = {name for (name,) in connection.rows(PRESENT_INDEXES, connection.dataset)}
        keys = {name: key for name, key in KEYS.items() if name in connection.kind.keys}
        _run_missing(connection, keys, indexes)
        made_before = sorted(indexes & (KEYS.keys() - connection.kind.keys))
        connection.run_all(f"DROP INDEX {name}" for name in made_before)
    if connection.kind.triggers:
        triggers = {name for (name,) in connection.rows(PRESENT_TRIGGERS, connection.dataset)}
        if not triggers.issuperset(TRIGGERS):
            connection.run_all([*UPDATED_AT.values(), SET_UPDATED_AT])
        _run_missing(connection, TRIGGERS, triggers)


def drop_keys(connection: Connection, tables: Collection[Table]) -> None:
    """Drop the keys of tables that are to be filled: an index is made faster than it is kept."""
    names = [f"{table}_key" for table in tables if f"{table}_key" in connection.kind.keys]
    connection.run_all(f"DROP INDEX IF EXISTS {name}" for name in names)


def add_keys(connection: Connection, tables: Collection[Table]) -> None:
    """Create the keys of tables again; raises DestinationError if two rows have the same."""
    names = [f"{table}_key" for table in tables if f"{table}_key" in connection.kind.keys]
    connection.run(*(KEYS[name] for name in names))


def drop_triggers(connection: Connection, tables: Collection[Table]) -> None:
    """Drop the triggers of tables that are to be filled, where there are any."""
    if connection.kind.triggers:
        connection.run_all(
            f"DROP TRIGGER {table}_updated_at ON {table}"
            for table in tables
            if f"{table}_updated_at" in TRIGGERS
        )


def add_triggers(connection: Connection, tables: Collection[Table]) -> None:
    """Create the triggers of tables again."""
    if connection.kind.triggers:
        names = (f"{table}_updated_at" for table in tables)
        connection.run_all(TRIGGERS[name] for name in names if name in TRIGGERS)


OF_ALL_DAYS: Final = "race_date IS NOT NULL"
"""Condition in sql/after_load.sql in whose place a load puts its days."""


def follow_up(
    connection: Connection, days: Collection[date] | None = None
) -> list[tuple[Any, ...]]:
    """Update everything that follows from the rows of a load; raises DestinationError.

    Who ran is concluded on all days, or on those that it has touched: among two million runners,
    Postgres takes seconds to find the few whom it concerns. Returns endpoint, day, status and
    reason of each day that is not complete after all, or is now.
    """
    if connection.kind.statistics:
        connection.run_sql("statistics")
    contradicted = connection.rows(sql_text("contradicted"))
    for endpoint, day, status, reason in contradicted:
        connection.rows(
            "UPDATE ra_coverage SET status = %s, reason = %s WHERE endpoint = %s AND date = %s",
            status,
            reason,
            endpoint,
            day,
        )
    if days is None:
        connection.run_sql("after_load")
    else:
        among = dates({*days, *(day for _, day, *_ in contradicted)})
        text = sql_text("after_load").replace(OF_ALL_DAYS, f"race_date IN ({among})")
        connection.run_all(statements_of(text))
    set_times(connection)
    return contradicted


def set_times(connection: Connection) -> None:
    """Set `updated_at` of what has changed since it was last set, where no trigger does."""
    if connection.kind.triggers:
        return
    ((last,),) = connection.rows("SELECT max(load_id) FROM _dlt_loads WHERE status = 0")
    recent = f"AND _dlt_load_id >= '{connection.timed_until}'"
    connection.run_all(f"{statement} {recent}" for statement in UPDATED_AT.values())
    connection.timed_until = last or ""


def distrust_indexes(connection: Connection) -> None:
    """Drop indexes that DuckDB 1 created; DuckDB 2 recreates them if a run was killed."""
    if connection.kind.keys and not (connection.lock and connection.lock.follows_a_death):
        return
    names = [
        name for (name,) in connection.rows(sql_text("indexes_of_duckdb1"), connection.dataset)
    ]
    if names:
        connection.run_together(
            *(f"DROP INDEX {name}" for name in names),
            *(KEYS[name] for name in names if name in connection.kind.keys),
        )


def _drop_indexes(connection: Connection) -> None:
    query = "SELECT index_name FROM duckdb_indexes() WHERE schema_name = %s"
    connection.run(
        *(f"DROP INDEX {name}" for (name,) in connection.rows(query, connection.dataset))
    )


def _run_missing(connection: Connection, statements: Mapping[Key, str], present: Set[Key]) -> None:
    missing = [statement for key, statement in statements.items() if key not in present]
    if missing:
        connection.run_all(missing)


def _note_new_columns(added: Mapping[str, Any]) -> None:
    """Log the columns that dlt added to tables loaded by an earlier version.

    No day is fetched again for them: the archive has their values, and a year is 700 calls.
    """
    names = sorted(
        f"{table}.{column}"
        for table, update in added.items()
        if table in TABLES and len(update["columns"]) < len(TABLES[table].columns)
        for column in update["columns"]
    )
    if names:
        logger.warning(
            "New columns: %s. They are filled from now on; for the days loaded before, "
            "`pipeline rebuild` fills them from the archive, without API calls.",
            ", ".join(names),
        )


def _restore(connection: Connection) -> None:
    """Recreate tables and columns that somebody dropped, to be loaded again.

    dlt has already added those it did not know: only a column that dlt believes to exist was
    dropped. Raises DestinationError if a key is missing.
    """
    present = set(
        connection.rows(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = %s",
            connection.dataset,
        )
    )
    names = {table for table, _ in present}
    with connection.pipeline.destination_client(PIPELINE) as client:
        for table in TABLES.values():
            lost = [column for column in table.columns if (table.name, column.name) not in present]
            if lost and table.name in names:
                _add_columns(client, table, lost)
            if lost and "ra_coverage" in names:
                _read_again(connection, table, lost)
            if lost and LOADED_RESPONSES.name in names:
                connection.rows(f"DELETE FROM {LOADED_RESPONSES}")
        if not names.issuperset(TABLES):
            client.update_stored_schema(force=True)


def _add_columns(client: Any, table: Table, columns: list[Column]) -> None:
    keys = [column.name for column in columns if column.name in table.key]
    if keys:
        raise DestinationError(
            f"{table} has lost its key ({', '.join(keys)}): drop the table, and the next run "
            "recreates it and loads its data again."
        )
    for column in columns:
        # Not NOT NULL, even where it was: the rows that are there have no value yet.
        hints = column_schema(column, is_key=False, nullable=True)
        kind = client.type_mapper.to_destination_type(hints, client.prepare_load_table(table.name))
        client.sql_client.execute_sql(
            f"ALTER TABLE {client.sql_client.make_qualified_table_name(table.name)} "
            f"ADD COLUMN {column.name} {kind}"
        )


def _read_again(connection: Connection, table: Table, columns: list[Column]) -> None:
    """Mark the days and records that fill these columns as not complete."""
    if not any(column.origins for column in columns):
        return  # nothing that is read fills them
    names = ", ".join(column.name for column in columns[:MOST_NAMED])
    reason = f"{table} had lost columns ({names}): to be loaded again"
    logger.warning("%s", reason)
    for endpoint in DATED:
        if any(endpoint.name in column.origins for column in columns):
            connection.rows(
                "UPDATE ra_coverage SET status = 'partial', reason = %s "
                "WHERE endpoint = %s AND status = 'complete'",
                reason,
                endpoint.name,
            )
    for endpoint in requested_by(RequestedBy.ID):
        if any(endpoint.name in column.origins for column in columns):
            for said in TABLES.values():
                if said.asked_at and endpoint.name in said.rows_from:
                    at = said.asked_at
                    connection.rows(f"UPDATE {said} SET {at} = NULL WHERE {at} IS NOT NULL")
