"""A connection to the destination: statements and queries, retried while the database is away."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import dlt
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.pipeline import get_dlt_pipelines_dir
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.sql_client import SqlClientBase
from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines.database.destination import (
    has_memory_to_bound,
    open_destination,
)
from pipelines.database.errors import (
    DRIVER_ERRORS,
    causes,
    is_out_of_memory,
    line_of,
    needs_reopening,
    patiently,
    reason_of,
)
from pipelines.database.kinds import kind_of
from pipelines.database.lock import RunLock
from pipelines.database.postgres import STATEMENT_SECONDS, Limits
from pipelines.database.sql import sql_text, statements_of
from pipelines.errors import DestinationError, PipelineError, UsageError
from pipelines.mapping import Row
from pipelines.settings import DATABASE_PATIENCE, OPENING_PATIENCE, PIPELINE
from pipelines.tables import Table

logger = logging.getLogger(__name__)

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

DUCKDB_MEMORY: Final = 150
"""Megabytes that DuckDB takes, beside what our rows take: it would keep what it has read of its
file, and grow with it. What needs more is tried again with twice as many."""
DUCKDB_MEMORY_TO_FILL: Final = 100
"""The same, where tables are made again: each is filled by one statement or a few."""
TIMES_FOR_A_LOAD: Final = 4
"""How many times as much memory a load gets for which this was not enough."""
UNBOUND: Final = 2**40
"""More than there are: as much as DuckDB would take by itself."""
MEGABYTES: Final = {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024, "TiB": 1024**2}

Result = TypeVar("Result")


@dataclass(frozen=True)
class Beside:
    """Another place for the tables, while they are made again and everybody reads the old ones."""

    folder: Path
    """Where dlt works."""
    file: Path | None = None
    """The DuckDB file."""
    dataset: str = PIPELINE
    """The schema."""


class Connection:
    """One dlt pipeline and its database: queries and statements."""

    def __init__(
        self,
        destination: str,
        lock: RunLock | None = None,
        patience: float | None = None,
        beside: Beside | None = None,
    ) -> None:
        """Prepare dlt and the destination, without connecting.

        The database may be unreachable, or open elsewhere, for `patience` seconds. Raises
        UsageError or DestinationError.
        """
        for key, value in NEEDED_BY_DLT.items():
            if dlt.config.get(key) is None:
                dlt.config[key] = value
        if dlt.config.get("runtime.log_level") is None:
            # What fails is told in one sentence of ours, not in dlt's tracebacks.
            logging.getLogger("dlt").setLevel(logging.CRITICAL)
        self.name = destination
        self.lock = lock
        opened = open_destination(destination, beside.file if beside else None)
        self.kind = kind_of(opened)
        self.limits: Limits = getattr(opened, "limits", Limits())
        """How long a server may take for a statement, where it is one."""
        self.patience = self.limits.statement = OPENING_PATIENCE if patience is None else patience
        self._bounds_memory = has_memory_to_bound(opened)
        self._memory_of_its_own = 0
        """Megabytes that DuckDB would take, where they are bounded."""
        self._memory_limit = 0
        """Those that it may take now; not known of a file that has just been opened."""
        self._memory_times = 1
        """How often its bound it gets: more, once something has needed more."""
        self._most_memory = UNBOUND
        """What most of the work in hand can do with."""
        self._keeps_open = False
        self._open: list[SqlClientBase[Any]] = []
        """Clients that are connected and not in use."""
        self._closed: list[SqlClientBase[Any]] = []
        """Clients whose connection is closed, to be opened again."""
        self._must_reopen = False
        self.timed_until = ""
        """The last load when `updated_at` was last set, where that is for us to do."""
        self.dataset = beside.dataset if beside else PIPELINE
        """The schema of the tables."""
        self.pipeline = attach(opened, beside)

    def reach(self) -> None:
        """Connect for the first time; raises DestinationError."""
        self.rows("SELECT 1")
        if self._bounds_memory:
            ((limit,),) = self.rows("SELECT current_setting('memory_limit')")
            number, unit = limit.split()
            self._memory_of_its_own = int(float(number) * MEGABYTES[unit])

    @contextmanager
    def held_open(self) -> Iterator[None]:
        """Keep connections open for several queries and loads.

        DuckDB then opens its file once and writes it out once, and Postgres starts a process once.
        Inside another `held_open` they stay open until that one ends. Raises DestinationError.
        """
        is_outer, self._keeps_open = not self._keeps_open, True
        try:
            with self._reopening_if_broken():
                if self.kind.is_in_process and not self._open:
                    with self.client():  # dlt's own would each open the file
                        pass
                yield
        finally:
            if is_outer:
                self._keeps_open = False
                self.release()

    def release(self) -> None:
        """Close what is open and not in use, so that others can read DuckDB's file.

        The next query opens one again.
        """
        while self._open:
            client = self._open.pop()
            client.close_connection()
            self._closed.append(client)

    @contextmanager
    def within(self, megabytes: int) -> Iterator[None]:
        """Have DuckDB get by with so much memory; only what needs more gets more, for itself."""
        self._most_memory = megabytes
        try:
            yield
        finally:
            self._most_memory = UNBOUND

    @contextmanager
    def as_much_memory_afterwards(self) -> Iterator[None]:
        """Take back what `wants_memory` has given."""
        times = self._memory_times
        try:
            yield
        finally:
            self._memory_times = times

    @contextmanager
    def client(self, *, bound: int | None = None, times: int = 1) -> Iterator[SqlClientBase[Any]]:
        """Open a connection; raises DestinationError.

        The bound is what DuckDB may take of memory, in megabytes, instead of DUCKDB_MEMORY; it gets
        so many times as much.
        """
        if self._must_reopen:
            self.release()
            self._must_reopen = False
        with self._connected() as client:
            if self._memory_of_its_own:
                # Not RESET: DuckDB 1.5 would show its own limit again, and keep to the other.
                least = min(DUCKDB_MEMORY if bound is None else bound, self._most_memory)
                self._limit_memory(client, least * max(times, self._memory_times))
            with self._reopening_if_broken():
                yield client

    def _limit_memory(self, client: SqlClientBase[Any], limit: int) -> None:
        """Set what DuckDB may take; if it cannot get by with that, it gets more."""
        limit = min(limit, self._memory_of_its_own)
        if limit == self._memory_limit:
            return
        try:
            client.execute_sql(f"SET memory_limit = '{limit}MiB'")
        except DatabaseException as error:
            self._memory_limit = limit
            if not self._is_cramped(error):
                raise
            self._memory_times *= 2  # what it holds now, it would hold each time
            self._limit_memory(client, 2 * limit)
        else:
            self._memory_limit = limit

    @contextmanager
    def _connected(self) -> Iterator[SqlClientBase[Any]]:
        client = self._open.pop() if self._open else self._opened()
        try:
            yield client
        except BaseException:
            client.close_connection()
            raise
        self._open.append(client)
        if not self._keeps_open:
            self.release()

    def _opened(self) -> SqlClientBase[Any]:
        self._memory_limit = 0
        # To make a client takes dlt longer than most statements.
        client = self._closed.pop() if self._closed else self.pipeline.sql_client()
        try:
            client.open_connection()
        except Exception as error:
            raise DestinationError(f"{self.name} cannot be reached: {line_of(error)}") from error
        return client

    @contextmanager
    def _reopening_if_broken(self) -> Iterator[None]:
        """Have DuckDB's file opened again after an error that it does not recover from."""
        try:
            yield
        except Exception as error:
            self._must_reopen |= self.kind.is_in_process and needs_reopening(error)
            raise

    def wants_memory(self, error: Exception) -> bool:
        """Return whether memory was short; if so, DuckDB gets several times as much from now on."""
        is_cramped = self._is_cramped(error)
        if is_cramped:
            self._memory_times *= TIMES_FOR_A_LOAD
        return is_cramped

    def _is_cramped(self, error: Exception) -> bool:
        return self._memory_limit < self._memory_of_its_own and is_out_of_memory(error)

    def _ask(
        self,
        action: Callable[[SqlClientBase[Any]], Result],
        what: str,
        *,
        bound: int | None = None,
        times: int = 1,
    ) -> Result:
        """Use a connection, retrying while the database is unreachable, within patience."""

        def ask() -> Result:
            with self.client(bound=bound, times=times) as client:
                return action(client)

        try:
            return patiently(ask, self.patience)
        except (DatabaseException, *DRIVER_ERRORS) as error:
            if self._is_cramped(error):
                times *= 2
                if self._most_memory == UNBOUND:  # what is asked each time would fail each time
                    self._memory_times = max(times, self._memory_times)
                return self._ask(action, what, bound=bound, times=times)
            raise DestinationError(f"{self.name} refuses {what}: {line_of(error)}") from error

    def use(self, action: Callable[[SqlClientBase[Any]], Result]) -> Result:
        """Let dlt's client do what may take long, all of it or nothing; raises DestinationError."""
        with self.limits.allowing(STATEMENT_SECONDS):
            return self._ask(action, "a load", bound=UNBOUND)

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query with %s parameters; raises DestinationError."""
        return self._ask(
            lambda client: [tuple(row) for row in client.execute_sql(sql, *parameters) or ()],
            "a query",
        )

    def run_sql(self, name: str) -> None:
        """Run each statement of a file in sql/; raises DestinationError."""
        self.run_all(statements_of(sql_text(name)))

    def run_all(self, statements: Iterable[str]) -> None:
        """Run short statements, one after the other; raises DestinationError."""
        with self.limits.allowing(max(self.patience, DATABASE_PATIENCE)):
            self._ask(lambda client: _run_each(client, statements), "a statement")

    def run(self, *statements: str, bound: int = UNBOUND) -> None:
        """Run statements that may take long, such as creating an index; raises DestinationError.

        With a bound, DuckDB puts on disk what would take more memory.
        """
        with self.limits.allowing(STATEMENT_SECONDS):
            self._ask(lambda client: _run_each(client, statements), "a statement", bound=bound)

    def run_together(
        self, *statements: str, parameter: str | None = None, bound: int = UNBOUND
    ) -> None:
        """Run statements in one transaction: all of them or none; raises DestinationError.

        The parameter is what %s stands for in each of them. With a bound, DuckDB puts on disk what
        would take more memory.
        """
        parameters = () if parameter is None else (parameter,)

        def run(client: SqlClientBase[Any]) -> None:
            with client.begin_transaction():
                _run_each(client, statements, *parameters)

        with self.limits.allowing(STATEMENT_SECONDS):
            self._ask(run, "a statement", bound=bound)

    def insert(self, table: Table, row: Row) -> None:
        """Insert one row, unless it is there already; raises DestinationError."""
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
    def explained(self) -> Iterator[None]:
        """Raise PipelineError for any error inside, with what the database said."""
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
                    f"dlt's folder {self.pipeline.working_dir} cannot be used: {reason_of(cause)}."
                )
        return DestinationError(f"{self.name} refuses a load: {line_of(error)}")


def attach(destination: Any, beside: Beside | None = None) -> dlt.Pipeline:
    """Return the pipeline with its working folder, or with an empty one if that is damaged.

    Raises DestinationError if the folder cannot be written.
    """
    place = beside or Beside(Path(get_dlt_pipelines_dir()))
    folder = place.folder / PIPELINE
    try:
        pipeline = _open(destination, place)
        for name in pipeline.schema_names:
            pipeline.schemas.load_schema(name)
    except Exception as error:
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            raise DestinationError(f"dlt's folder {folder} cannot be used: {error}.") from error
        logger.warning("dlt's folder %s is damaged; starting with an empty one", folder)
        logger.debug("What is wrong with it", exc_info=True)
        shutil.rmtree(folder)
        return _open(destination, place)
    return pipeline


def _open(destination: Any, place: Beside) -> dlt.Pipeline:
    return dlt.pipeline(
        PIPELINE,
        destination=destination,
        dataset_name=place.dataset,
        pipelines_dir=str(place.folder),
    )


def _run_each(client: SqlClientBase[Any], statements: Iterable[str], *parameters: Any) -> None:
    for statement in statements:
        client.execute_sql(statement, *parameters)
