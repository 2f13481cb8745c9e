"""The destination, opened for a run: up to date, free of leftovers, ready for loads."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any

from dlt.extract import DltSource
from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines.database.connection import Beside
from pipelines.database.errors import is_about_a_value, is_for_good, patiently
from pipelines.database.lock import RunLock
from pipelines.database.packages import PackageLoader
from pipelines.database.quarantine import MOST_REFUSED, set_aside
from pipelines.database.shape import declare_tables, distrust_indexes, follow_up, set_times
from pipelines.errors import DestinationError
from pipelines.mapping import Issue
from pipelines.settings import DATABASE_PATIENCE

logger = logging.getLogger(__name__)


class Database(PackageLoader):
    """An open destination: its tables exist, and nothing of an earlier run is left to load."""

    def __init__(
        self,
        destination: str,
        lock: RunLock | None = None,
        patience: float | None = None,
        beside: Beside | None = None,
    ) -> None:
        """Open the destination; raises UsageError or DestinationError, before any call is made.

        The database may be unreachable, or open elsewhere, for `patience` seconds.
        """
        self.refused: list[Issue] = []
        """Values and rows that the database has refused."""
        self._left: tuple[Any, ...] = ()
        super().__init__(destination, lock, patience, beside)
        if not self.kind.is_tested:
            logger.warning("%s: nobody has run this pipeline on it yet", self.kind.title)
        with self.explained(), self.held_open():
            self.reach()
            patiently(self._begin, self.patience)
        self.patience = self.limits.statement = max(DATABASE_PATIENCE, patience or 0.0)

    def begin_again(self) -> None:
        """Begin with what the tables are now, after others have taken their place.

        Raises DestinationError.
        """
        with self.explained(), self.held_open(), self.client():
            self.take_over()
        self.timed_until = ""

    def _begin(self) -> None:
        with self.client():
            if self.kind.is_file:
                distrust_indexes(self)
            self.take_over()
            declare_tables(self)
            follow_up(self)

    def follow_up(
        self, days: Collection[date] | None = None, *, concludes: bool = True
    ) -> list[tuple[Any, ...]]:
        """Update everything that follows from the rows of a load; raises DestinationError.

        Who ran is concluded on all days, or on those that it has touched; it need not be where
        nothing said so. Returns endpoint, day, status and reason of each day that is not complete
        after all, or is now.
        """
        if concludes:
            return follow_up(self, days)
        set_times(self)
        return []

    def let_go(self) -> None:
        """Note what the database is like when its lock is given back."""
        self._left = self._loaded()

    def is_as_left(self, lock: RunLock) -> bool:
        """Return whether nobody has loaded anything since; if not, it has to be reopened.

        Raises DestinationError.
        """
        self.lock = lock
        is_sound = not lock.follows_a_death and not self.pipeline.has_pending_data
        return is_sound and self._left == self._loaded() != ()

    def _loaded(self) -> tuple[Any, ...]:
        query = (
            "SELECT (SELECT max(load_id) FROM _dlt_loads), (SELECT count(*) FROM _dlt_loads), "
            "(SELECT max(version_hash) FROM _dlt_version), (SELECT count(*) FROM _dlt_version)"
        )
        return self.rows(query)[0]

    def keep_up(self) -> None:
        """Do what keeps this kind of database fast; what cannot be done now, the next run does."""
        if self.kind.upkeep:
            try:
                self.run(*self.kind.upkeep)
            except DestinationError as error:
                logger.warning("The upkeep of %s is left to the next run: %s", self.name, error)

    def load(self, *sources: DltSource) -> Counter[str]:
        """Load sources, each as one package, in this order, and return their rows by table.

        A value that the database refuses is set aside in ra_issues, and the rest is loaded. A load
        that needs more memory than most gets it, and those after it do not. Raises
        DestinationError; nothing of the packages is then left in the way of the next.
        """
        refused: list[Issue] = []
        with self.explained(), self.as_much_memory_afterwards():
            while True:
                try:
                    rows = self.deliver(*sources)
                except PipelineStepFailed as error:
                    if self.wants_memory(error):
                        continue
                    if self.pipeline.has_pending_data and is_for_good(error):
                        self.pipeline.abort_packages()
                    if not is_about_a_value(error) or len(refused) >= MOST_REFUSED:
                        raise
                    refused += set_aside(self, sources, error)
                else:
                    self.refused += [issue for issue in refused if issue not in self.refused]
                    return rows
