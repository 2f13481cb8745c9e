"""A database that questions are put to: read-only for the server too, whatever the question is.

On Postgres every transaction is read-only, and the server itself sees to it that a question is
one statement. A DuckDB file is opened read-only, and no other file, address or setting is in reach.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import psycopg2
import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from pipelines.database.destination import (
    credentials_of,
    duckdb_file,
    open_destination,
    place_of,
)
from pipelines.database.ducklake import opened_to_read
from pipelines.database.errors import DRIVER_ERRORS, line_of, patiently
from pipelines.database.kinds import DUCKLAKE, Driver, kind_of
from pipelines.database.read_copy import read_copy_of
from pipelines.errors import DestinationError, UsageError
from pipelines.settings import OPENING_PATIENCE, PIPELINE, destination_setting
from pipelines.tables.features import HISTORY, TODAY

ROWS_AT_ONCE: Final = 10_000
READ_ONLY: Final = (
    "-cdefault_transaction_read_only=on",
    f"-csearch_path={PIPELINE}",
    "-cTimeZone=UTC",
    "-clock_timeout=5s",
)
SEALED: Final = (
    "SET TimeZone = 'UTC'",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
"""Before DuckDB is asked: neither files nor settings are within reach of the question."""
ARROW: Final[dict[int, pa.DataType]] = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int64(),
    23: pa.int64(),
    700: pa.float64(),
    701: pa.float64(),
    1082: pa.date32(),
    1083: pa.time64("us"),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", "UTC"),
    1009: pa.list_(pa.string()),
}
"""Types of Postgres, by their number; a numeric has its own precision, all others are text."""
NUMERIC: Final = 1700
PLACE: Final = re.compile(r"%s\b")
OTHER_PERCENT: Final = re.compile(r"%(?!s\b)")
"""One that stands for itself: psycopg2 wants it doubled where there are parameters."""


@dataclass(frozen=True)
class Answer:
    """The rows of a question, and whether there were more than the limit."""

    table: pa.Table
    is_cut: bool = False


class AskedDatabase:
    """A DuckDB file, its read copy, a lake or a Postgres; each question has its own connection."""

    def __init__(self, database: str | Path = "") -> None:
        """Find the database; raises UsageError.

        It is a .duckdb file, a postgresql:// address, or the name of a destination, by default that
        of the settings. Of a DuckDB destination the read copy is used where there is one.
        """
        self.file: Path | None = None
        self._address = ""
        self._lake: Any = None
        if str(database).startswith(("postgresql://", "postgres://")):
            self._address = str(database)
            self.place = _place_in(self._address)
        elif str(database).endswith(".duckdb"):
            self.file = Path(database).resolve()
        else:
            self._find(str(database) or destination_setting())
        if self.file:
            self.place = str(self.file)
            if not self.file.exists():
                raise UsageError(
                    f"No {self.file.name} in {self.file.parent}: run `pipeline run` first, or name "
                    "another folder with RACING_FOLDER."
                )
        self.dialect = "postgres" if self._address else "duckdb"
        """What sqlglot calls its SQL."""

    def _find(self, destination: str) -> None:
        opened = open_destination(destination)
        kind = kind_of(opened)
        self.place = place_of(opened)
        if kind.driver is Driver.POSTGRES:
            self._address = credentials_of(opened).to_native_representation()
            return
        if kind is DUCKLAKE:
            self._lake = credentials_of(opened)
            return
        file = duckdb_file(opened)
        if not file:
            raise UsageError(
                f"Questions can be put to DuckDB, DuckLake and Postgres, not to {destination}."
            )
        copy = read_copy_of(file)
        self.file = copy if copy.exists() else file

    def ask(
        self,
        sql: str,
        *parameters: Any,
        most_rows: int | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """Answer one SELECT with %s parameters; raises UsageError for any other statement.

        Raises DestinationError if the database cannot be read, or not in that many seconds.
        """
        asked = self._asked_server if self._address else self._asked_duckdb
        try:
            with self.told():
                return asked(sql, parameters, most_rows, seconds)
        except UsageError as error:
            if NO_FEATURES.search(str(error)):
                raise UsageError(NOT_COMPUTED) from error
            raise

    def arrow(self, sql: str, *parameters: Any) -> pa.Table:
        """Return all rows of one SELECT as typed Arrow."""
        return self.ask(sql, *parameters).table

    def records(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """Return all rows of one SELECT by column."""
        return list(self.arrow(sql, *parameters).to_pylist())

    @contextmanager
    def told(self) -> Iterator[None]:
        """Raise our own error for the driver's."""
        try:
            yield
        except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as error:
            raise UsageError(f"The question cannot be understood: {line_of(error)}") from error
        except duckdb.InterruptException as error:
            raise DestinationError("The question took too long and was stopped.") from error
        except psycopg2.errors.QueryCanceled as error:
            raise DestinationError("The question took too long and was stopped.") from error
        except psycopg2.ProgrammingError as error:
            raise UsageError(f"The question cannot be understood: {line_of(error)}") from error
        except DRIVER_ERRORS as error:
            raise DestinationError(
                f"{self.place} refuses the question: {line_of(error)}"
            ) from error

    # DuckDB

    def _asked_duckdb(
        self, sql: str, parameters: tuple[Any, ...], most_rows: int | None, seconds: float | None
    ) -> Answer:
        with self._opened() as connection, _stopped_after(connection, seconds):
            for statement in SEALED:
                connection.execute(statement)
            if parameters:
                sql = PLACE.sub("?", sql)
            statements = connection.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise UsageError(ONLY_SELECT)
            found = connection.sql(sql, params=list(parameters) or None)
            reader = found.to_arrow_reader(ROWS_AT_ONCE)
            schema = pa.schema([_narrowed(field) for field in reader.schema])
            batches = (pa.Table.from_batches([batch]).cast(schema) for batch in reader)
            return _collected(batches, schema, most_rows)

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        with ExitStack() as stack:

            def enter() -> Any:
                if self._lake is not None:
                    return stack.enter_context(opened_to_read(self._lake, PIPELINE))
                connection = duckdb.connect(str(self.file), read_only=True)
                stack.callback(connection.close)
                connection.execute(f"SET search_path = '{PIPELINE}'")
                return connection

            yield patiently(enter, OPENING_PATIENCE, is_logged=False)

    # Postgres

    def _asked_server(
        self, sql: str, parameters: tuple[Any, ...], most_rows: int | None, seconds: float | None
    ) -> Answer:
        address = _read_only(self._address, seconds)
        if not parameters:
            _check_one_statement(address, sql)
        connection = patiently(lambda: psycopg2.connect(address), OPENING_PATIENCE, is_logged=False)
        with closing(connection), connection.cursor("question") as cursor:
            cursor.itersize = ROWS_AT_ONCE
            # Postgres itself refuses a cursor for anything but a SELECT that writes nothing.
            if parameters:
                sql = OTHER_PERCENT.sub("%%", sql)
            cursor.execute(sql.rstrip().rstrip(";"), parameters or None)
            rows = cursor.fetchmany(ROWS_AT_ONCE)
            schema = pa.schema([(each.name, _type(each)) for each in cursor.description or ()])

            def batches() -> Iterator[pa.Table]:
                some = rows
                while some:
                    yield _table(some, schema)
                    some = cursor.fetchmany(ROWS_AT_ONCE)

            return _collected(batches(), schema, most_rows)


NO_FEATURES: Final = re.compile(rf"\b({HISTORY}|{TODAY})\b\"? does not exist")
NOT_COMPUTED: Final = (
    f"The tables {HISTORY} and {TODAY} have not been computed: run `pipeline features` first."
)
ONLY_SELECT: Final = "Only one SELECT can be asked: the database is read, never written."


def _check_one_statement(address: str, sql: str) -> None:
    """Let the server parse a text without running it; raises UsageError if it is not one SELECT.

    A driver that sends text as it stands would run a second statement too.
    """
    try:
        with adbc.connect(address) as connection, connection.cursor() as cursor:
            cursor.adbc_prepare(sql)
    except adbc.OperationalError:
        raise
    except adbc.Error as error:
        if "multiple commands" in str(error):
            raise UsageError(ONLY_SELECT) from error
        raise UsageError(f"The question cannot be understood: {line_of(error)}") from error


@contextmanager
def _stopped_after(connection: Any, seconds: float | None) -> Iterator[None]:
    if seconds is None:
        yield
        return
    timer = threading.Timer(seconds, connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _collected(tables: Iterator[pa.Table], schema: pa.Schema, most_rows: int | None) -> Answer:
    found, rows = [], 0
    for table in tables:
        found.append(table)
        rows += table.num_rows
        if most_rows is not None and rows > most_rows:
            break
    whole = pa.concat_tables(found) if found else schema.empty_table()
    if most_rows is not None and rows > most_rows:
        return Answer(whole.slice(0, most_rows), is_cut=True)
    return Answer(whole)


def _narrowed(field: pa.Field) -> pa.Field:
    """Return a column as Postgres has it too: a whole number is one of 64 bits, a text a string."""
    kind = field.type
    is_huge = pa.types.is_decimal(kind) and kind.precision == 38 and kind.scale == 0
    if is_huge or pa.types.is_integer(kind):
        kind = pa.int64()
    if pa.types.is_float32(kind):
        kind = pa.float64()
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        kind = pa.string()
    if pa.types.is_timestamp(kind) and kind.tz:
        kind = pa.timestamp("us", "UTC")
    return pa.field(field.name, kind)


def _type(column: Any) -> pa.DataType:
    if column.type_code == NUMERIC:
        if column.precision and column.precision <= 38:
            return pa.decimal128(column.precision, column.scale or 0)
        return pa.float64()
    return ARROW.get(column.type_code, pa.string())


def _table(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = [
        pa.array([_plain(value, field.type) for value in values], field.type)
        for values, field in zip(zip(*rows, strict=True), schema, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _plain(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_string(kind):
        return str(value)
    return float(value) if pa.types.is_floating(kind) else value


def _read_only(address: str, seconds: float | None) -> str:
    """Return the address with the settings of a session that can only read."""
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    limit = [f"-cstatement_timeout={int(seconds * 1000)}"] if seconds is not None else []
    options = [query.get("options", ""), *READ_ONLY, *limit]
    query["options"] = " ".join(option for option in options if option)
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))


def _place_in(address: str) -> str:
    """Return which database an address names, without who may use it."""
    parts = urlsplit(address)
    host = parts.hostname or dict(parse_qsl(parts.query)).get("host", "localhost")
    return f"{parts.path.removeprefix('/')} on {host}"


def tables_in(sql: str, dialect: str) -> list[str]:
    """Return the tables and views that a question names, without its own WITH clauses."""
    try:
        parsed = sqlglot.parse_one(sql, dialect=dialect)
    except SqlglotError:
        return []
    own = {clause.alias for clause in parsed.find_all(exp.CTE)}
    return sorted({table.name for table in parsed.find_all(exp.Table)} - own - {""})
