"""dlt's load packages: made from sources, loaded, and taken over from a crashed run.

dlt's working folder is only a cache: progress is recorded in the database. So a run loads what is
pending there, unless the database is newer, and then begins with the database's own state. It makes
no difference whether the folder is lost, damaged, older or newer than the database.
"""

from __future__ import annotations

import logging
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from dlt.extract import DltSource

from pipelines.database.connection import Beside, Connection
from pipelines.database.errors import is_for_good, line_of, patiently
from pipelines.database.lock import RunLock
from pipelines.database.shape import declare_tables
from pipelines.tables import Table

logger = logging.getLogger(__name__)

PACKAGES_KEPT: Final = 5


class PackageLoader(Connection):
    """A connection that delivers packages, and counts what they brought."""

    def __init__(
        self,
        destination: str,
        lock: RunLock | None = None,
        patience: float | None = None,
        beside: Beside | None = None,
    ) -> None:
        """Reach the destination, as Connection does."""
        self.load_ids: list[str] = []
        self.seconds: defaultdict[str, float] = defaultdict(float)
        """Seconds that loading took, by table; both since they were last cleared."""
        super().__init__(destination, lock, patience, beside)

    def deliver(self, *sources: DltSource) -> Counter[str]:
        """Load sources, or pending packages, retrying while the database is unreachable.

        All packages are made before the first is loaded, so a run that crashes meanwhile leaves
        complete ones. Returns rows by table; raises PipelineStepFailed or DestinationError.
        """
        rows: Counter[str] = Counter()

        def run() -> None:
            if self.lock:
                self.lock.ensure()
            with self.client():  # DuckDB opens its file once, not for every job of dlt's
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

    def take_over(self) -> None:
        """Load what a crashed run left behind, and begin with the destination's state.

        Raises DestinationError or PipelineStepFailed if the database is away, or the run is
        stopped; the package then stays.
        """
        try:
            self._load_leftovers()
        except Exception as error:
            if not is_for_good(error):
                raise
            logger.warning(
                "Data left by an earlier run cannot be loaded (%s); it is requested again",
                line_of(error),
            )
            logger.debug("Why", exc_info=True)
        self.pipeline = self.pipeline.drop()
        self.pipeline.sync_destination()

    def _load_leftovers(self) -> None:
        pipeline = self.pipeline
        pending = [
            *pipeline.list_extracted_load_packages(),
            *pipeline.list_normalized_load_packages(),
        ]
        if not pending:
            return
        declare_tables(self)
        newest = self.rows("SELECT max(load_id) FROM _dlt_loads WHERE status = 0")[0][0]
        if newest is not None and float(newest) > float(min(pending)):
            logger.warning("Data left by an earlier run is older than the database: ignored")
            return
        logger.warning("Loading data left by an earlier run")
        while pipeline.has_pending_data:
            self.deliver()

    def _rows_read(self) -> Counter[str]:
        """Return rows by table; if two packages have rows of one table, they are the same rows."""
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
        """Keep dlt's records of the last few loads only: a backfill has thousands."""
        folder = Path(self.pipeline.working_dir) / "load" / "loaded"
        for package in sorted(folder.iterdir())[:-PACKAGES_KEPT]:
            shutil.rmtree(package)

    def count(self, tables: Iterable[Table]) -> dict[str, tuple[int, int]]:
        """Return for each table its rows, and how many of them these loads added or changed."""
        loads = ", ".join(f"'{load_id}'" for load_id in self.load_ids) or "''"
        touched = f"count(CASE WHEN _dlt_load_id IN ({loads}) THEN 1 END)"
        counts = (f"SELECT '{table}', count(*), {touched} FROM {table}" for table in tables)
        return {
            name: (rows, changed) for name, rows, changed in self.rows(" UNION ALL ".join(counts))
        }
