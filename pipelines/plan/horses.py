"""The horses queued for their profile: how many, and what it would add."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pipelines.api.access import Access
from pipelines.api.endpoints import HORSE_PRO
from pipelines.database.sql import sql_text
from pipelines.plan.coverage import Queried

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Waiting:
    """Queued horses, by what a profile would add."""

    lacking: int = 0
    """They have no date of birth or no pedigree; they are requested first."""
    complete: int = 0
    """They would only gain a colour code."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.lacking + self.complete

    def told(self, rate: float, *, leaves_out_complete: bool = False) -> str:
        """Say how many there are, and how long they take at a number of calls per second."""
        later = "left out" if leaves_out_complete else _time(self.complete, rate)
        return (
            f"{_count(self.lacking)} a date of birth or pedigree "
            f"({_time(self.lacking, rate)} at {rate:g} per second); "
            f"{self.complete:,} would only gain a colour code ({later})"
        )


def waiting_horses(database: Queried, access: Access) -> Waiting:
    """Count the queued horses; raises DestinationError."""
    query = (
        f"SELECT lacks_facts, count(*) FROM ({sql_text('horses_waiting')}) AS waiting GROUP BY 1"
    )
    counts = dict(database.rows(query, *_moments(access)))
    return Waiting(counts.get(True, 0), counts.get(False, 0))


def horse_queue(database: Queried, access: Access) -> list[tuple[str, bool]]:
    """Return the queued horses, in the order of requests, and whether each lacks facts.

    Raises DestinationError.
    """
    query = sql_text("horse_queue").format(waiting=sql_text("horses_waiting"))
    return [(horse, lacks) for horse, lacks in database.rows(query, *_moments(access))]


def _moments(access: Access) -> tuple[datetime, datetime]:
    repeated = datetime.now(UTC) - HORSE_PRO.good_for
    return repeated, access.since.get(HORSE_PRO.path, LONG_AGO)


def _count(horses: int) -> str:
    return "1 horse lacks" if horses == 1 else f"{horses:,} horses lack"


def _time(calls: int, rate: float) -> str:
    hours = calls / rate / 3600
    if hours >= 1:
        return f"{hours:,.1f} hours"
    minutes = math.ceil(hours * 60)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
