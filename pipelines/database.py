"""The destination: one dlt pipeline, what is loaded into it, and what it is asked."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import dlt
from dlt.common.configuration.exceptions import ConfigFieldMissingException, ConfigurationException
from dlt.common.destination.exceptions import (
    UnknownDestinationModule,
)
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.sql_client import SqlClientBase
from dlt.extract import DltSource
from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines.errors import DestinationError, PipelineError, UsageError
from pipelines.settings import DEFAULT_DUCKDB_FILE, PIPELINE
from pipelines.sources.schema import declared_schema
from pipelines.tables import Table

logger = logging.getLogger(__name__)

SQL_FOLDER: Final = next(
    folder
    for folder in (Path(__file__).parent / "sql", Path(__file__).parent.parent / "sql")
    if folder.is_dir()
)
NEEDED_BY_DLT: Final = {
    # Arrow tables get dlt's load id only if asked; it tells which load last changed a row.
    "normalize.parquet_normalizer.add_dlt_load_id": True,
    "runtime.dlthub_telemetry": False,
}


class Database:
    """A destination, opened: its tables exist and nothing of an earlier run is left to load."""

    def __init__(self, destination: str) -> None:
        """Open the destination; raises UsageError or DestinationError, before any call is made."""
        for key, value in NEEDED_BY_DLT.items():
            if dlt.config.get(key) is None:
                dlt.config[key] = value
        self.name = destination
        self.load_ids: list[str] = []
        self.seconds: defaultdict[str, float] = defaultdict(float)
        """Seconds that loading took, by table; both since they were last cleared."""
        try:
            self.pipeline = dlt.pipeline(
                PIPELINE, destination=_destination(destination), dataset_name=PIPELINE
            )
            self._declare_tables()
        except UnknownDestinationModule:
            raise UsageError(
                f"There is no destination {destination!r}; take duckdb, postgres or another of "
                "dlt's."
            ) from None
        except ConfigFieldMissingException:
            raise UsageError(
                f"No credentials for {destination}: set DESTINATION__{destination.upper()}"
                "__CREDENTIALS or fill in .dlt/secrets.toml."
            ) from None
        except ConfigurationException as error:
            raise UsageError(
                f"The settings of {destination} cannot be used: {_line(error)}"
            ) from None
        except PipelineStepFailed as error:
            raise _load_failure(destination, error) from error

    def _declare_tables(self) -> None:
        """Take over the destination's state, create what tables are missing, load what is left."""
        with self._client() as client:
            _check_file(client.credentials)
        self.drain()
        self.pipeline.sync_destination()
        # Not `run`: it would note the schema as stored without creating tables that have no rows.
        self.pipeline.schemas.save_schema(declared_schema())
        self.pipeline.sync_schema(PIPELINE)
        self.run_sql("before_load")

    def drain(self) -> None:
        """Load what a run that died has left behind."""
        if self.pipeline.has_pending_data:
            logger.warning("Loading what an earlier run has left behind")
            self.pipeline.run()

    def load(self, source: DltSource) -> Counter[str]:
        """Load a source as one package, all of it or nothing, and return its rows by table.

        Raises DestinationError.
        """
        try:
            self.drain()
            info = self.pipeline.run(source, loader_file_format="parquet")
        except PipelineStepFailed as error:
            raise _load_failure(self.name, error) from error
        self.load_ids.extend(info.loads_ids)
        for metrics in (step for steps in info.metrics.values() for step in steps):
            for job in metrics["job_metrics"].values():
                if job.finished_at:
                    took = (job.finished_at - job.started_at).total_seconds()
                    self.seconds[job.table_name] += took
        trace = self.pipeline.last_trace
        normalized = trace.last_normalize_info if info.loads_ids and trace else None
        return Counter(normalized.row_counts if normalized else {})

    @contextmanager
    def _client(self) -> Iterator[SqlClientBase[Any]]:
        client = self.pipeline.sql_client()
        try:
            client.open_connection()
        except Exception as error:
            raise DestinationError(f"{self.name} cannot be reached: {_line(error)}") from error
        try:
            yield client
        finally:
            client.close_connection()

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query with %s parameters; raises DestinationError."""
        try:
            with self._client() as client:
                return [tuple(row) for row in client.execute_sql(sql, *parameters) or ()]
        except DatabaseException as error:
            raise DestinationError(f"{self.name} refuses a query: {_line(error)}") from error

    def run_sql(self, name: str) -> None:
        """Run each statement of a file in sql/."""
        statements = sql_text(name).split(";")
        try:
            with self._client() as client:
                for statement in filter(None, map(str.strip, statements)):
                    client.execute_sql(statement)
        except DatabaseException as error:
            raise DestinationError(f"{self.name} refuses sql/{name}.sql: {_line(error)}") from error

    def count(self, tables: Iterable[Table]) -> dict[str, int]:
        """Return the number of rows of each table."""
        return self._count(tables, "")

    def count_touched(self, tables: Iterable[Table], load_ids: Iterable[str]) -> dict[str, int]:
        """Return how many rows of each table these loads have added or changed."""
        loads = ", ".join(f"'{load_id}'" for load_id in load_ids) or "''"
        return self._count(tables, f" WHERE _dlt_load_id IN ({loads})")

    def _count(self, tables: Iterable[Table], condition: str) -> dict[str, int]:
        counts = (f"SELECT '{table}', count(*) FROM {table}{condition}" for table in tables)
        return dict(self.rows(" UNION ALL ".join(counts)))


def sql_text(name: str) -> str:
    """Return a file of sql/ without its comments."""
    lines = (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))


def _destination(name: str) -> Any:
    """Return dlt's destination; DuckDB has a file of its own name unless one is configured."""
    if name == "duckdb" and not dlt.secrets.get("destination.duckdb.credentials"):
        return dlt.destinations.duckdb(DEFAULT_DUCKDB_FILE)
    return name


def _check_file(credentials: Any) -> None:
    file = Path(str(getattr(credentials, "database", "") or ""))
    if file.suffix == ".duckdb" and file.stem == PIPELINE:
        raise UsageError(
            f"The DuckDB file must not be called {file.name}, as the dataset in it is: "
            f"call it {DEFAULT_DUCKDB_FILE}, for instance."
        )


def _load_failure(destination: str, error: PipelineStepFailed) -> PipelineError:
    """Return our own error if a source raised one, else what the destination said.

    Raises KeyboardInterrupt if that is what stopped dlt.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, KeyboardInterrupt):
            raise cause
        if isinstance(cause, PipelineError):
            return cause
        cause = cause.__cause__
    return DestinationError(f"{destination} refuses a load: {_line(error)}")


def _line(error: BaseException) -> str:
    """Return the first line of what went wrong first, in the driver's words."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(error).__name__
