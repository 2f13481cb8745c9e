"""What the database needs beside tables and columns, generated from the declarations.

dlt creates tables and columns; keys, defaults, `updated_at`, comments and relations are made here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pipelines.tables import (
    PRICE_CHANGES,
    PRICE_HISTORY,
    REFERENCES,
    RUNNER_ODDS,
    TABLES,
    Column,
    Table,
)

DATED: Final = tuple(table for table in TABLES.values() if "updated_at" in table.by_name)
"""Tables that say when each of their rows was last changed."""

_KEY: Final = "CREATE UNIQUE INDEX IF NOT EXISTS {table}_key ON {table} ({columns})"
KEYS: Final = {
    f"{table}_key": _KEY.format(table=table, columns=", ".join(table.key))
    for table in TABLES.values()
}
"""One row per key: the database itself refuses a second one. Not run on DuckDB 1, whose indexes
cannot be trusted after a crash."""

KEYS_OF_SERVERS: Final = frozenset(
    f"{prices}_key" for prices in (RUNNER_ODDS, PRICE_CHANGES, PRICE_HISTORY)
)
"""Keys that a DuckDB file does not get: the index would take ten times the bytes of its rows, and
no merge uses it. What adds a row looks first whether it is there."""

_DEFAULT: Final = "ALTER TABLE {table} ALTER COLUMN {column.name} SET DEFAULT {column.default}"
DEFAULTS: Final = {
    (table.name, column.name): _DEFAULT.format(table=table, column=column)
    for table in TABLES.values()
    for column in table.columns
    if column.default
}
"""For columns that not every source of a row has. They are constants: after a crash, DuckDB cannot
replay its log if a default is a function."""

_TIME_OF_LOAD: Final = "to_timestamp(CAST({row}_dlt_load_id AS double precision))"
"""The id of a load is its time: seconds since 1970."""

UPDATED_AT: Final = {
    table.name: f"UPDATE {table} SET updated_at = {_TIME_OF_LOAD.format(row='')}\n"
    f"WHERE updated_at <> {_TIME_OF_LOAD.format(row='')}"
    for table in DATED
}
"""A row that a load leaves unchanged keeps its time. DuckDB, which reads two columns quickly, runs
these after each load; Postgres runs each once, before its trigger takes over."""


def filled(table: Table, columns: Iterable[str], query: str) -> str:
    """Return the statement that fills an empty table, where no trigger sets its times."""
    names = [*columns, "_dlt_load_id"]
    values = [*names]
    if table in DATED:
        names, values = [*names, "updated_at"], [*values, _TIME_OF_LOAD.format(row="")]
    return (
        f"INSERT INTO {table} ({', '.join(names)})\nSELECT {', '.join(values)}\n"
        f"FROM ({query}) AS made"
    )


SET_UPDATED_AT: Final = (
    "CREATE OR REPLACE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n"
    f"    NEW.updated_at = {_TIME_OF_LOAD.format(row='NEW.')}; RETURN NEW; END $$"
)
TRIGGERS: Final = {
    f"{table}_updated_at": f"CREATE OR REPLACE TRIGGER {table}_updated_at "
    f"BEFORE INSERT OR UPDATE ON {table}\n"
    "    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at()"
    for table in DATED
}
"""On Postgres a row's time is set as the row is written: finding the rows afterwards would mean
reading the whole table, and setting the time would write each row twice."""


def comments() -> str:
    """Return the statements that add comments on tables and columns."""
    lines = []
    for table in TABLES.values():
        grain = f"{table.grain[:1].upper()}{table.grain[1:]}."
        lines += ["", f"COMMENT ON TABLE {table} IS {_quoted(grain)};"]
        lines += [
            f"COMMENT ON COLUMN {table}.{column.name} IS {_quoted(column.meaning)};"
            for column in table.columns
        ]
    return "\n".join(lines)


def target(table: Table, column: Column) -> str | None:
    """Return the table whose id a column holds, if that is another table."""
    found = REFERENCES.get(column.name)
    return None if found == table.name else found


def relations() -> str:
    """Return the statements that put primary and foreign keys into the catalogue of Postgres.

    Tools draw joins from them. The index of a key becomes that of the primary key. Foreign keys are
    not enforced (since Postgres 18): tables are loaded one after the other, and a row may refer to
    data that no plan includes.
    """
    keys = ",\n    ".join(f"'{table}'" for table in TABLES.values())
    references = ",\n    ".join(
        f"('{table}', '{column.name}', '{other}')"
        for table in TABLES.values()
        for column in table.columns
        if (other := target(table, column))
    )
    return _RELATIONS.format(keys=keys, references=references)


_RELATIONS: Final = """\
DO $$ DECLARE declared text; BEGIN
FOREACH declared IN ARRAY ARRAY[
    {keys}
] LOOP
    IF NOT EXISTS (
        SELECT FROM pg_constraint WHERE conrelid = declared::regclass AND contype = 'p'
    ) THEN
        EXECUTE format('ALTER TABLE %1$I ADD CONSTRAINT %2$I PRIMARY KEY USING INDEX %2$I',
            declared, declared || '_key'); END IF; END LOOP; END $$;
DO $$ DECLARE reference record; BEGIN
IF current_setting('server_version_num')::int < 180000 THEN RETURN; END IF;  FOR reference IN
SELECT *, source || '_' || field || '_fk' AS name FROM (VALUES
    {references}
) AS listed (source, field, target)
LOOP
    IF NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = reference.source::regclass AND conname = reference.name
    ) THEN
        EXECUTE format(
            'ALTER TABLE %I ADD CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %I (id) NOT ENFORCED',
            reference.source, reference.name, reference.field, reference.target
        ); END IF; END LOOP; END $$;"""
"""No line inside a statement may end with a semicolon."""


def _quoted(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
