"""The destination: one dlt pipeline, what is loaded into it, and what it is asked."""

from __future__ import annotations

import logging
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import dlt
import pyarrow as pa
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.sql_client import SqlClientBase
from dlt.extract import DltSource
from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines.database.destination import (
    has_memory_to_bound,
    has_unique_indexes,
    is_duckdb,
    is_postgres,
    open_destination,
)
from pipelines.database.errors import (
    DRIVER_ERRORS,
    causes,
    is_about_a_value,
    is_for_good,
    is_out_of_memory,
    line_of,
    needs_reopening,
    patiently,
)
from pipelines.database.lock import RunLock
from pipelines.database.postgres import STATEMENT_SECONDS, Limits
from pipelines.database.quarantine import MOST_REFUSED, set_aside
from pipelines.database.recovery import attach, note_new_columns, restore, take_over
from pipelines.errors import DestinationError, PipelineError, UsageError
from pipelines.mapping import Issue, Row
from pipelines.settings import DATABASE_PATIENCE, OPENING_PATIENCE, PIPELINE
from pipelines.sources.schema import declared_schema
from pipelines.tables import Table
from pipelines.tables.ddl import DEFAULTS, KEYS, SET_UPDATED_AT, TRIGGERS, UPDATED_AT

logger = logging.getLogger(__name__)

PACKAGE: Final = Path(__file__).parent.parent
SQL_FOLDER: Final = next(
    folder for folder in (PACKAGE / "sql", PACKAGE.parent / "sql") if folder.is_dir()
)
NEEDED_BY_DLT: Final = {
    # Arrow tables get dlt's load id only if asked; it tells which load last changed a row.
    "normalize.parquet_normalizer.add_dlt_load_id": True,
    "runtime.dlthub_telemetry": False,
    # Our own handler tells a stop at once; dlt's would first let every job come to its end.
    "runtime.intercept_signals": False,
    # What is loaded need not fill the disk as well, nor the database a second time.
    "load.delete_completed_jobs": True,
    "load.truncate_staging_dataset": True,
    # More than a small machine can do at once takes memory, and time from the calls.
    "load.workers": 3,
    # Trying again is for us to decide: what dlt merged again at once, into a DuckDB that could not
    # commit it, would be refused.
    "load.raise_on_max_retries": 1,
}

PACKAGES_KEPT: Final = 5
DUCKDB_MEMORY: Final = "200MB"
"""What DuckDB takes, beside what our rows take: it would keep what it has read of its file, and
grow with it. What needs more is tried again without a bound, and making an index has none."""

AMONG: Final = "= ANY(string_to_array(%s, chr(31)))"
"""Condition of a text that is one of many; they are one parameter, made by `joined`, since DuckDB
takes as long for each parameter as for many rows."""

PRESENT_DEFAULTS: Final = (
    "SELECT table_name, column_name, is_nullable = 'YES' FROM information_schema.columns "
    "WHERE table_schema = %s AND column_default IS NOT NULL"
)
PRESENT_INDEXES: Final = "SELECT indexname FROM pg_indexes WHERE schemaname = %s"
PRESENT_TRIGGERS: Final = (
    "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
    "WHERE relnamespace = CAST(%s AS regnamespace)"
)

Result = TypeVar("Result")
Key = TypeVar("Key")


def joined(texts: Iterable[str]) -> str:
    """Join texts into the parameter of AMONG; the character between them is in no id."""
    return "\x1f".join(texts)


class Database:
    """A destination, opened: its tables exist and nothing of an earlier run is left to load."""

    def __init__(
        self, destination: str, lock: RunLock | None = None, patience: float | None = None
    ) -> None:
        """Open the destination; raises UsageError or DestinationError, before any call is made.

        It may be away, or open elsewhere, for as many seconds as patience says.
        """
        for key, value in NEEDED_BY_DLT.items():
            if dlt.config.get(key) is None:
                dlt.config[key] = value
        if dlt.config.get("runtime.log_level") is None:
            # What fails is told in one sentence of ours, not in dlt's tracebacks.
            logging.getLogger("dlt").setLevel(logging.CRITICAL)
        self.name = destination
        self.lock = lock
        self.load_ids: list[str] = []
        self.seconds: defaultdict[str, float] = defaultdict(float)
        """Seconds that loading took, by table; both since they were last cleared."""
        self.refused: list[Issue] = []
        """Values and rows that the database has refused."""
        opened = open_destination(destination)
        self.limits: Limits = getattr(opened, "limits", Limits())
        """How long a server may take for a statement, where it is one."""
        self.patience = self.limits.statement = OPENING_PATIENCE if patience is None else patience
        self._bounds_memory = has_memory_to_bound(opened)
        self._memory_of_its_own = ""
        """What DuckDB would take, where it is bounded."""
        self._held = ExitStack()
        self._idle: list[SqlClientBase[Any]] = []
        """Clients whose connection is closed, to be opened again."""
        self._must_reopen = False
        self._is_postgres = is_postgres(opened)
        self._is_file = is_duckdb(opened)
        self._has_unique_indexes = has_unique_indexes(opened)
        self.pipeline = attach(opened)
        with self._told(), self.held_open():
            self.rows("SELECT 1")
            if self._bounds_memory:
                ((self._memory_of_its_own,),) = self.rows("SELECT current_setting('memory_limit')")
            patiently(self._begin, self.patience)
        self.patience = self.limits.statement = max(DATABASE_PATIENCE, patience or 0.0)

    def _begin(self) -> None:
        with self._client():
            if self._is_file:
                self._distrust_indexes()
            take_over(self)
            self.declare_tables()
            self.follow_up()

    def declare_tables(self) -> None:
        """Create what tables and columns are missing, with their keys and defaults."""
        # Not `run`: it would note the schema as stored without creating tables that have no rows.
        self.pipeline.schemas.save_schema(declared_schema())
        note_new_columns(self.pipeline.sync_schema(PIPELINE) or {})
        restore(self)
        # Only what is missing: an ALTER would wait for everybody who reads.
        nullable = {
            (table, column): yes for table, column, yes in self.rows(PRESENT_DEFAULTS, PIPELINE)
        }
        if not nullable.get(("ra_runners", "is_scratched")):
            if self._is_file:  # DuckDB drops no NOT NULL of a table that has an index
                self._drop_indexes()
            self.run_sql("is_scratched")
        self._run_missing(DEFAULTS, nullable.keys())
        if self._has_unique_indexes:
            self._run_missing(KEYS, {name for (name,) in self.rows(PRESENT_INDEXES, PIPELINE)})
        if self._is_postgres:
            triggers = {name for (name,) in self.rows(PRESENT_TRIGGERS, PIPELINE)}
            if not triggers.issuperset(TRIGGERS):
                self._run_all([*UPDATED_AT.values(), SET_UPDATED_AT])
            self._run_missing(TRIGGERS, triggers)

    def _run_missing(self, statements: Mapping[Key, str], present: Set[Key]) -> None:
        missing = [statement for key, statement in statements.items() if key not in present]
        if missing:
            self._run_all(missing)

    def _drop_indexes(self) -> None:
        query = "SELECT index_name FROM duckdb_indexes() WHERE schema_name = %s"
        self.run(*(f"DROP INDEX {name}" for (name,) in self.rows(query, PIPELINE)))

    def _distrust_indexes(self) -> None:
        """Drop what DuckDB 1 has made; DuckDB 2 makes it again at once, if a run was killed."""
        if self._has_unique_indexes and not (self.lock and self.lock.follows_a_death):
            return
        names = [name for (name,) in self.rows(sql_text("indexes_of_duckdb1"), PIPELINE)]
        if names:
            keys = KEYS if self._has_unique_indexes else {}
            self.run_together(
                *(f"DROP INDEX {name}" for name in names),
                *(keys[name] for name in names if name in keys),
            )

    def follow_up(self) -> list[tuple[Any, ...]]:
        """Bring up to date what follows from the rows of a load; raises DestinationError.

        Returns endpoint, day and reason of each day that is not complete after all.
        """
        if self._is_postgres:
            self.run_sql("statistics")
        contradicted = self.rows(sql_text("contradicted"))
        self.run_sql("after_load")
        if not self._is_postgres:
            self._run_all(UPDATED_AT.values())
        return contradicted

    @contextmanager
    def held_open(self) -> Iterator[None]:
        """Let DuckDB open its file once for all that is asked and loaded, and write it out once.

        For a chunk, and no longer: others can read the file in between. Raises DestinationError.
        """
        with self._held:
            if self._is_file:
                patiently(lambda: self._held.enter_context(self._client()), self.patience)
            yield

    def load(self, *sources: DltSource) -> Counter[str]:
        """Load sources, each as one package, in this order, and return their rows by table.

        A value that the database refuses is set aside in ra_issues, and the rest is loaded.
        Raises DestinationError; nothing of the packages is then left in the way of the next.
        """
        refused: list[Issue] = []
        with self._told():
            while True:
                try:
                    rows = self.deliver(*sources)
                except PipelineStepFailed as error:
                    if self.pipeline.has_pending_data and is_for_good(error):
                        self.pipeline.abort_packages()
                    if self._wants_memory(error):
                        continue
                    if not is_about_a_value(error) or len(refused) >= MOST_REFUSED:
                        raise
                    refused += set_aside(self, sources, error)
                else:
                    self.refused += [issue for issue in refused if issue not in self.refused]
                    return rows

    def deliver(self, *sources: DltSource) -> Counter[str]:
        """Load sources, or what is pending, however long the database is away, within patience.

        All packages are made before the first is loaded: what a run leaves behind that dies
        meanwhile is whole. Returns rows by table; raises PipelineStepFailed or DestinationError.
        """
        rows: Counter[str] = Counter()

        def run() -> None:
            if self.lock:
                self.lock.ensure()
            with self._client():  # DuckDB opens its file once, not for every job of dlt's
                if not self.pipeline.has_pending_data:
                    for source in sources:
                        self.pipeline.extract(source, loader_file_format="parquet")
                    # The rows are files now: 90 MB of a month's, which glibc would keep.
                    pa.default_memory_pool().release_unused()
                try:
                    info = self.pipeline.run()
                finally:
                    rows.update(self._rows_read())
            self._note(info)

        patiently(run, self.patience)
        return rows

    def _rows_read(self) -> Counter[str]:
        """Return rows by table; what two packages say of one table are the same rows."""
        read: Counter[str] = Counter()
        trace = self.pipeline.last_trace
        if trace and trace.last_normalize_info:
            for metrics in trace.last_normalize_info.metrics.values():
                tables = metrics[0]["table_metrics"]
                read |= Counter({name: table.items_count for name, table in tables.items()})
        return read

    def _note(self, info: Any) -> None:
        if info is None:
            return
        self.load_ids.extend(info.loads_ids)
        for metrics in (step for steps in info.metrics.values() for step in steps):
            for job in metrics["job_metrics"].values():
                if job.finished_at:
                    took = (job.finished_at - job.started_at).total_seconds()
                    self.seconds[job.table_name] += took
        self._forget_packages()

    def _forget_packages(self) -> None:
        """Keep what dlt notes of the last loads only: a backfill has thousands."""
        folder = Path(self.pipeline.working_dir) / "load" / "loaded"
        for package in sorted(folder.iterdir())[:-PACKAGES_KEPT]:
            shutil.rmtree(package)

    @contextmanager
    def _client(self, *, is_bounded: bool = True) -> Iterator[SqlClientBase[Any]]:
        if self._must_reopen:
            self._held.close()
            self._must_reopen = False
        # To make a client takes dlt longer than most statements.
        client = self._idle.pop() if self._idle else self.pipeline.sql_client()
        try:
            client.open_connection()
        except Exception as error:
            raise DestinationError(f"{self.name} cannot be reached: {line_of(error)}") from error
        try:
            if self._memory_of_its_own:
                # Not RESET: DuckDB 1.5 would show its own limit again, and keep to the other.
                is_bounded &= self._bounds_memory
                limit = DUCKDB_MEMORY if is_bounded else self._memory_of_its_own
                client.execute_sql(f"SET memory_limit = '{limit}'")
            yield client
        except Exception as error:
            self._must_reopen |= self._is_file and needs_reopening(error)
            raise
        else:
            self._idle.append(client)
        finally:
            client.close_connection()

    def _wants_memory(self, error: Exception) -> bool:
        """Tell whether it was for want of memory, and from now on let DuckDB have what it wants."""
        is_cramped = self._bounds_memory and is_out_of_memory(error)
        self._bounds_memory &= not is_cramped
        return is_cramped

    def _ask(
        self,
        action: Callable[[SqlClientBase[Any]], Result],
        what: str,
        *,
        is_bounded: bool = True,
    ) -> Result:
        """Do something over a connection, however long the database is away, within patience."""

        def ask() -> Result:
            with self._client(is_bounded=is_bounded) as client:
                return action(client)

        try:
            return patiently(ask, self.patience)
        except (DatabaseException, *DRIVER_ERRORS) as error:
            if self._wants_memory(error):
                return self._ask(action, what, is_bounded=False)
            raise DestinationError(f"{self.name} refuses {what}: {line_of(error)}") from error

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query with %s parameters; raises DestinationError."""
        return self._ask(
            lambda client: [tuple(row) for row in client.execute_sql(sql, *parameters) or ()],
            "a query",
        )

    def run_sql(self, name: str) -> None:
        """Run each statement of a file in sql/; raises DestinationError."""
        self._run_all(statements_of(sql_text(name)))

    def _run_all(self, statements: Iterable[str]) -> None:
        with self.limits.allowing(max(self.patience, DATABASE_PATIENCE)):
            self._ask(lambda client: _run_each(client, statements), "a statement")

    def run(self, *statements: str) -> None:
        """Run statements, one after the other, such as make an index; raises DestinationError."""
        with self.limits.allowing(STATEMENT_SECONDS):
            self._ask(lambda client: _run_each(client, statements), "a statement", is_bounded=False)

    def run_together(self, *statements: str, parameter: str | None = None) -> None:
        """Run statements in one transaction: all of them or none; raises DestinationError.

        The parameter is what %s stands for in each of them.
        """
        parameters = () if parameter is None else (parameter,)

        def run(client: SqlClientBase[Any]) -> None:
            with client.begin_transaction():
                _run_each(client, statements, *parameters)

        with self.limits.allowing(STATEMENT_SECONDS):
            self._ask(run, "a statement", is_bounded=False)

    def insert(self, table: Table, row: Row) -> None:
        """Add one row by itself, not by a load, unless it is there; raises DestinationError."""
        columns = {"_dlt_load_id": "", **row}
        places = ", ".join(["%s"] * len(columns))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"
        keys = " AND ".join(f"{name} = %s" for name in table.key)
        look = f"SELECT 1 FROM {table} WHERE {keys}"

        def insert(client: SqlClientBase[Any]) -> None:
            # Done again after a connection was lost, it may have been done before.
            if not client.execute_sql(look, *(row[name] for name in table.key)):
                client.execute_sql(sql, *columns.values())

        self._ask(insert, "a row")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Raise our own error for what goes wrong inside: a source's, or what the database said."""
        try:
            yield
        except ConfigurationException as error:
            line = line_of(error)
            raise UsageError(f"The settings of {self.name} cannot be used: {line}") from None
        except (PipelineStepFailed, DatabaseException, OSError, *DRIVER_ERRORS) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> PipelineError:
        """Return the sentence for an error; raises KeyboardInterrupt if that stopped dlt."""
        for cause in causes(error):
            if isinstance(cause, KeyboardInterrupt):
                raise cause
            if isinstance(cause, PipelineError):
                return cause
            if isinstance(cause, OSError) and not isinstance(cause, ConnectionError):
                return DestinationError(
                    f"dlt's folder {self.pipeline.working_dir} cannot be used: {cause}."
                )
        return DestinationError(f"{self.name} refuses a load: {line_of(error)}")

    def count(self, tables: Iterable[Table]) -> dict[str, tuple[int, int]]:
        """Return for each table its rows, and those that the loads noted have added or changed."""
        loads = ", ".join(f"'{load_id}'" for load_id in self.load_ids) or "''"
        touched = f"count(CASE WHEN _dlt_load_id IN ({loads}) THEN 1 END)"
        counts = (f"SELECT '{table}', count(*), {touched} FROM {table}" for table in tables)
        return {
            name: (rows, changed) for name, rows, changed in self.rows(" UNION ALL ".join(counts))
        }


def _run_each(client: SqlClientBase[Any], statements: Iterable[str], *parameters: Any) -> None:
    for statement in statements:
        client.execute_sql(statement, *parameters)


def sql_text(name: str) -> str:
    """Return a file of sql/ without its comments."""
    lines = (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))


def statements_of(text: str) -> list[str]:
    """Return the statements of a text, each of which ends where a line does."""
    return [part.strip() for part in re.split(r";\s*(?:\n|$)", text) if part.strip()]
