"""The loaded tables as anybody finds them: plain SQL, nothing of the pipeline's own."""

from __future__ import annotations

import base64
import json
import shutil
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

import duckdb
import psycopg2
from psycopg2 import extensions

KEYS: Final = {
    "ra_mst_courses": ("id",),
    "ra_mst_bookmakers": ("id",),
    "ra_mst_jockeys": ("id",),
    "ra_mst_trainers": ("id",),
    "ra_mst_owners": ("id",),
    "ra_mst_horses": ("id",),
    "ra_races": ("id",),
    "ra_runners": ("race_id", "horse_id"),
    "ra_race_results": ("race_id", "horse_id"),
    "ra_horse_pedigree": ("horse_id",),
    "ra_runner_odds": ("race_id", "horse_id", "bookmaker_id"),
    "ra_horse_prev_trainers": ("horse_id", "trainer_id", "change_date"),
    "ra_horse_prev_owners": ("horse_id", "owner_id", "change_date"),
    "ra_horse_medical": ("horse_id", "date", "type"),
    "ra_horse_quotes": ("horse_id", "race_id"),
    "ra_card_races": ("id",),
    "ra_card_runners": ("race_id", "horse_id"),
    "ra_result_races": ("id",),
    "ra_runner_changes": ("race_id", "horse_id", "what", "seen_at"),
    "ra_race_changes": ("race_id", "what", "seen_at"),
    "ra_price_changes": ("race_id", "horse_id", "bookmaker_id", "origin", "valid_from"),
    "ra_horse_profiles": ("id",),
    "ra_coverage": ("endpoint", "date"),
    "ra_issues": ("endpoint", "table_name", "row_key", "field"),
    "ra_runs": ("run_id",),
    "ra_rebuilds": ("scope",),
    "ra_access": ("path",),
    "ra_wanted": ("endpoint",),
    "ra_last_seen": ("race_id", "horse_id", "fact"),
    "ra_last_responses": ("endpoint", "date"),
    "ra_loaded_responses": ("endpoint", "about"),
    "ra_price_history": ("race_id", "horse_id", "bookmaker_id", "changed_at"),
    "ra_price_requests": ("race_id", "horse_id"),
}
"""Every table with its key, as README.md promises it."""
KEYLESS_IN_FILES: Final = {"ra_runner_odds", "ra_price_changes", "ra_price_history"}
"""Tables so large that a DuckDB file gets no index of their key."""
OF_ONE_HISTORY: Final = {"ra_runs", "ra_loaded_responses"}
"""Tables that depend on which runs there were: what need not be loaded again only costs a load."""
OF_THE_LOAD: Final = {
    *("_dlt_load_id", "_dlt_id", "updated_at", "loaded_at", "enriched_at"),
    *("checked_at", "included_since", "declared_at"),
}
"""Columns that say when something was loaded or asked for: not part of what was loaded."""

Row = tuple[Any, ...]
Contents = dict[str, dict[Row, dict[str, Any]]]
"""For each table its rows by key."""
_HELD: Final[dict[str, Any]] = {}
"""Connections that are held open, by credentials."""


@dataclass(frozen=True)
class Tables:
    """The dataset `racing` in a DuckDB file or a Postgres database."""

    destination: str
    credentials: str
    """The path of the file, or a connection string."""

    def rows(self, sql: str) -> list[Row]:
        """Rows of a query."""
        return self.each([sql])[0]

    def rows_in_dataset(self, sql: str) -> list[Row]:
        """Rows of a query whose tables are named without their schema."""
        with self._cursor() as cursor:
            cursor.execute("SET search_path = 'racing'")
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

    def each(self, queries: Iterable[str]) -> list[list[Row]]:
        """Rows of each query, all over one connection."""
        with self._cursor() as cursor:
            found = []
            for sql in queries:
                cursor.execute(sql)
                found.append([tuple(row) for row in cursor.fetchall()])
            return found

    def run(self, *statements: str) -> None:
        """Run statements in the dataset, each in a transaction of its own."""
        with self._cursor() as cursor:
            cursor.execute("SET search_path = 'racing'")
            for statement in statements:
                cursor.execute(statement)

    @contextmanager
    def held_open(self) -> Iterator[None]:
        """Ask all over one connection: to open a file that a killed process left takes long."""
        if self.credentials in _HELD or (
            self.destination == "duckdb" and not Path(self.credentials).exists()
        ):
            yield
            return
        with self._connection() as connection:
            _HELD[self.credentials] = connection
            try:
                yield
            finally:
                del _HELD[self.credentials]

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        if self.credentials in _HELD:
            yield _HELD[self.credentials].cursor()
            return
        with self._connection() as connection:
            yield connection.cursor()

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        connection: Any = (
            duckdb.connect(self.credentials)
            if self.destination == "duckdb"
            else psycopg2.connect(self.credentials)
        )
        if self.destination == "postgres":
            connection.autocommit = True
        try:
            yield connection
        finally:
            connection.close()

    def copy(self, folder: Path, name: str) -> Tables:
        """Copy the database: a file into the folder, or a database of that name."""
        if self.destination == "duckdb":
            path = folder / f"{name}.duckdb"
            if Path(self.credentials).exists():
                shutil.copyfile(self.credentials, path)
            return Tables(self.destination, str(path))
        old = self.database_name
        run_on(self.administrator, f'CREATE DATABASE "{name}" TEMPLATE "{old}"')
        return Tables(self.destination, self.credentials.replace(f"/{old}?", f"/{name}?"))

    def take_rows(self, file: Tables) -> None:
        """Fill the tables of a Postgres with the rows of a DuckDB file that has the same ones."""
        with (
            self._cursor() as to,
            file._cursor() as of,
            TemporaryDirectory() as folder,
            _without_wait_callback(),  # psycopg2 cannot COPY with it
        ):
            # Nothing is set, checked or made by triggers: the rows are as they are in the file.
            to.execute("SET session_replication_role = replica")
            for table in KEYS:
                path, names = Path(folder) / table, _columns_of(of, table)
                of.execute(rf"COPY racing.{table} TO '{path}' (FORMAT csv, NULLSTR '\N')")
                with path.open(encoding="utf-8") as rows:
                    into = f"racing.{table} ({', '.join(names)})"
                    to.copy_expert(rf"COPY {into} FROM STDIN (FORMAT csv, HEADER, NULL '\N')", rows)

    def drop(self) -> None:
        """Remove the database, whoever is connected to it, or the file."""
        if self.destination == "duckdb":
            Path(self.credentials).unlink(missing_ok=True)
            return
        name = self.database_name
        run_on(self.administrator, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @property
    def administrator(self) -> str:
        """The connection string of the database from which others are made."""
        return self.credentials.replace(f"/{self.database_name}?", "/postgres?")

    @property
    def database_name(self) -> str:
        """The path of the file, or the name of the database."""
        if self.destination == "duckdb":
            return self.credentials
        return urlsplit(self.credentials).path.removeprefix("/")

    def names(self) -> set[str]:
        """Tables of the dataset that exist, dlt's own included."""
        if self.destination == "duckdb" and not Path(self.credentials).exists():
            return set()
        sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'racing'"
        return {name for (name,) in self.rows(sql)}

    def contents(self) -> Contents:
        """Every row that was loaded, by key, without the columns that depend on the load."""
        existing, loaded = self.names(), [name for name in KEYS if name not in OF_ONE_HISTORY]
        if not existing:
            return {name: {} for name in loaded}
        with self._cursor() as cursor:
            return {name: _by_key(cursor, name) if name in existing else {} for name in loaded}

    def sorted_rows(
        self, keys: Mapping[str, Iterable[str]], without: Iterable[str] = ()
    ) -> dict[str, list[dict[str, Any]]]:
        """Every row of some tables, sorted by their keys, without some columns."""
        left_out = set(without)
        with self._cursor() as cursor:
            return {
                table: _named(cursor, f"{table} ORDER BY {', '.join(key)}", left_out)
                for table, key in keys.items()
            }

    def coverage(self) -> dict[tuple[str, str], tuple[str, int | None, int | None]]:
        """Status, total and loaded by endpoint and day, or nothing where there is no table."""
        if "ra_coverage" not in self.names():
            return {}
        found = self.rows("SELECT endpoint, date, status, total, loaded FROM racing.ra_coverage")
        return {(name, day.isoformat()): (status, *rest) for name, day, status, *rest in found}

    def unique_indexes(self) -> set[tuple[str, frozenset[str]]]:
        """Table and columns of each unique index or constraint, as the catalogue has them."""
        if self.destination == "duckdb":
            return self._unique_in_duckdb()
        sql = """
            SELECT tables.relname, array_agg(columns.attname::text)
            FROM pg_index AS indexes
            JOIN pg_class AS tables ON tables.oid = indexes.indrelid
            JOIN pg_attribute AS columns
              ON columns.attrelid = tables.oid AND columns.attnum = ANY (indexes.indkey)
            WHERE indexes.indisunique AND indexes.indisvalid AND indexes.indpred IS NULL
              AND tables.relnamespace = 'racing'::regnamespace
            GROUP BY indexes.indexrelid, tables.relname
        """
        return {(table, frozenset(columns)) for table, columns in self.rows(sql)}

    def _unique_in_duckdb(self) -> set[tuple[str, frozenset[str]]]:
        indexes = self.rows(
            "SELECT table_name, expressions FROM duckdb_indexes() "
            "WHERE is_unique AND schema_name = 'racing'"
        )
        constraints = self.rows(
            "SELECT table_name, constraint_column_names FROM duckdb_constraints() "
            "WHERE constraint_type IN ('UNIQUE', 'PRIMARY KEY') AND schema_name = 'racing'"
        )
        return {(table, frozenset(_names(columns))) for table, columns in (*indexes, *constraints)}

    def states(self) -> list[dict[str, Any]]:
        """dlt's states that count, for their load is complete: oldest first."""
        if "_dlt_pipeline_state" not in self.names():
            return []
        sql = (
            "SELECT state FROM racing._dlt_pipeline_state WHERE _dlt_load_id IN "
            "(SELECT load_id FROM racing._dlt_loads WHERE status = 0) ORDER BY version"
        )
        return [json.loads(zlib.decompress(base64.b64decode(text))) for (text,) in self.rows(sql)]

    @property
    def has_unique_indexes(self) -> bool:
        """Whether the database is to have them: DuckDB 1 gets none."""
        return self.destination == "postgres" or not duckdb.__version__.startswith("1.")

    def not_found(self) -> list[tuple[str, Row, str]]:
        """Table and key of rows that a look-up by key does not find, and how that was opened.

        Some rows of each table are tried. A DuckDB file is looked at in a copy: read-only, then
        after it was opened for writing and closed, which replays what a killed process has left.
        """
        if self.destination == "postgres":
            with self._cursor() as cursor:
                return [(*lost, "") for lost in _not_found(cursor)]
        if not Path(self.credentials).exists():
            return []
        with TemporaryDirectory() as folder:
            copy = Path(folder) / "copy.duckdb"
            for ending in ("", ".wal"):
                if Path(self.credentials + ending).exists():
                    shutil.copyfile(self.credentials + ending, f"{copy}{ending}")
            lost = []
            for read_only in (True, False, True):
                with duckdb.connect(str(copy), read_only=read_only) as connection:
                    how = " (read-only)" if read_only else " (for writing)"
                    lost += [(*each, how) for each in _not_found(connection)]
            return lost

    def texts(self) -> Iterator[tuple[str, str]]:
        """Table and column, and a value, of every text in the tables; views only repeat them."""
        if not self.names():
            return
        places: defaultdict[str, list[str]] = defaultdict(list)
        for table, column in self.rows(
            "SELECT table_name, column_name FROM information_schema.columns "
            "JOIN information_schema.tables USING (table_schema, table_name) "
            "WHERE table_schema = 'racing' AND table_type = 'BASE TABLE' "
            "AND lower(data_type) IN ('text', 'varchar', 'character varying', 'json', 'jsonb')"
        ):
            places[table].append(column)
        found = self.each(
            "SELECT "
            + ", ".join(f'CAST("{column}" AS varchar)' for column in columns)
            + f" FROM racing.{table}"
            for table, columns in places.items()
        )
        for (table, columns), rows in zip(places.items(), found, strict=True):
            for column, values in zip(columns, zip(*rows, strict=True), strict=bool(rows)):
                yield from ((f"{table}.{column}", value) for value in {*values} - {None})


def run_on(credentials: str, statement: str) -> None:
    """Run a statement on a Postgres, outside a transaction."""
    connection = psycopg2.connect(credentials)
    connection.autocommit = True  # a database is not created within a transaction
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()


def _not_found(cursor: Any) -> list[tuple[str, Row]]:
    cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'racing'")
    existing = {name for (name,) in cursor.fetchall()}
    lost = []
    for table, key in KEYS.items():
        if table not in existing:
            continue
        # Every column by CAST, so that the look-up for a key cannot be answered by this scan.
        texts = ", ".join(f"CAST({name} AS varchar)" for name in key)
        cursor.execute(f"SELECT {texts} FROM racing.{table} ORDER BY 1 LIMIT 3")
        for values in cursor.fetchall():
            pairs = zip(key, (value.replace("'", "''") for value in values), strict=True)
            where = " AND ".join(f"{name} = '{value}'" for name, value in pairs)
            cursor.execute(f"SELECT count(*) FROM racing.{table} WHERE {where}")
            lost += [] if cursor.fetchone() == (1,) else [(table, tuple(values))]
    return lost


def _by_key(cursor: Any, table: str) -> dict[Row, dict[str, Any]]:
    rows = _named(cursor, table, OF_THE_LOAD)
    return {tuple(row[name] for name in KEYS[table]): row for row in rows}


@contextmanager
def _without_wait_callback() -> Iterator[None]:
    callback = extensions.get_wait_callback()
    extensions.set_wait_callback(None)
    try:
        yield
    finally:
        extensions.set_wait_callback(callback)


def _columns_of(cursor: Any, table: str) -> list[str]:
    cursor.execute(f"SELECT * FROM racing.{table} LIMIT 0")
    return [column[0] for column in cursor.description]


def _named(cursor: Any, table: str, without: Collection[str] = ()) -> list[dict[str, Any]]:
    names = [name for name in _columns_of(cursor, table) if name not in without]
    cursor.execute(f"SELECT {', '.join(names)} FROM racing.{table}")
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _names(columns: Any) -> list[str]:
    """Column names of an index, which DuckDB gives as a list or as the text of one."""
    listed = columns.strip("[]").split(",") if isinstance(columns, str) else columns
    return [name.strip().strip("'\"") for name in listed]
