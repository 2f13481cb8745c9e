"""Loading: from responses to rows in the database, for a run or a rebuild."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pipelines.api.endpoints import Endpoint
from pipelines.database.database import Database
from pipelines.plan.modes import Options
from pipelines.report import Report, TableCount
from pipelines.settings import Settings
from pipelines.tables import COVERAGE, ISSUES, TABLES, Table, tables_from

if TYPE_CHECKING:
    from pipelines.loading.settled import Settled


class Progress(Protocol):
    """Shows the user how far a run is."""

    def start(self, step: str, total: int) -> None:
        """Begin a step with a number of items, 0 if nobody knows; or change that number."""

    def advance(self, step: str, detail: str) -> None:
        """One more is done."""

    def finish(self, step: str) -> None:
        """End the step, if it has begun."""


@dataclass
class Loading:
    """Everything that loading needs."""

    settings: Settings
    database: Database
    options: Options
    report: Report
    progress: Progress
    settled: Settled | None = field(default=None, kw_only=True)
    """What need not be loaded again, if this process has loaded it before."""

    @property
    def tables(self) -> set[Table]:
        """Tables that this run writes, always including issues."""
        return {*self.options.written, ISSUES}

    def tables_of(self, endpoint: Endpoint) -> set[Table]:
        """Tables to write from a dated endpoint.

        A day counts as covered only if everything it holds is loaded: a run of chosen tables
        leaves no coverage.
        """
        is_whole = self.tables.issuperset(tables_from(endpoint))
        return {*self.tables, COVERAGE} if is_whole else self.tables

    @contextmanager
    def counted(self, steps: Iterable[str], tables: Iterable[Table]) -> Iterator[Counter[str]]:
        """Count the rows of these tables, which some steps load, and end the steps' progress.

        Yields the counter of rows read.
        """
        self.database.load_ids.clear()
        self.database.seconds.clear()
        before, read = self._rows(), Counter[str]()
        try:
            yield read
        finally:
            for step in steps:
                self.progress.finish(step)
        wanted = self.tables & {*tables, ISSUES}
        self._count([table for table in TABLES.values() if table in wanted], before, read)

    def _count(self, tables: list[Table], before: dict[str, int], read: Counter[str]) -> None:
        for name, (rows, touched) in self.database.count(tables).items():
            new = max(0, rows - before[name])
            count = self.report.tables[name]
            count.new += new
            count.changed += max(0, touched - new)
            count.unchanged += max(0, min(read[name], rows) - touched)  # two may say the same row
            count.removed += max(0, before[name] - rows)
            count.rows = rows
            count.seconds = round(count.seconds + self.database.seconds[name], 3)

    def _rows(self) -> dict[str, int]:
        """Return the number of rows of every table, counted once: only this run writes."""
        known, written = self.report.tables, self.tables
        tables = ((name, table) for name, table in TABLES.items() if table in written)
        uncounted = [table for name, table in tables if name not in known]
        if uncounted:
            for name, (rows, _) in self.database.count(uncounted).items():
                known[name] = TableCount(rows=rows)
        return {name: count.rows for name, count in self.report.tables.items()}
