"""The loading half: answers in, rows in the database, whoever has asked for them and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from pipelines.database import Database
from pipelines.endpoints import Endpoint
from pipelines.modes import Options
from pipelines.report import Report, TableCount
from pipelines.settings import Settings
from pipelines.tables import COVERAGE, ISSUES, TABLES, Table, tables_from


class Progress(Protocol):
    """Whoever tells the user how far a run is."""

    def start(self, step: str, total: int) -> None:
        """Begin a step of so many questions, or answers; or say that there are more."""

    def advance(self, step: str, detail: str) -> None:
        """One more is done."""

    def finish(self, step: str) -> None:
        """End the step, if it has begun."""


@dataclass
class Loading:
    """What loading works with."""

    settings: Settings
    database: Database
    options: Options
    report: Report
    progress: Progress

    @property
    def tables(self) -> set[Table]:
        """Tables that this run writes, issues always among them."""
        return {*self.options.written, ISSUES}

    def tables_of(self, endpoint: Endpoint) -> set[Table]:
        """Tables to write from a dated endpoint.

        A day counts as covered only if everything it holds is loaded: a run of chosen tables
        leaves no coverage.
        """
        is_whole = self.tables.issuperset(tables_from(endpoint))
        return {*self.tables, COVERAGE} if is_whole else self.tables

    @contextmanager
    def counted(self, step: str) -> Iterator[Counter[str]]:
        """Count the rows of a step, and end its progress; yields the counter of rows read."""
        tables = [table for table in TABLES.values() if table in self.tables]
        self.database.load_ids.clear()
        self.database.seconds.clear()
        before, read = self.database.count(tables), Counter[str]()
        try:
            yield read
        finally:
            self.progress.finish(step)
        for name, (rows, touched) in self.database.count(tables).items():
            new = max(0, rows - before[name][0])
            count = self.report.tables.setdefault(name, TableCount())
            count.new += new
            count.changed += max(0, touched - new)
            count.unchanged += max(0, read[name] - touched)
            count.rows = rows
            count.seconds = round(count.seconds + self.database.seconds[name], 3)
