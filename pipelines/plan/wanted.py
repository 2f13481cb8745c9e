"""Since which day an endpoint is kept complete: set by a backfill, a daily run or --keep.

Days loaded once by a manual run do not mean that later days must be loaded too.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from pipelines.api.endpoints import DATED
from pipelines.database.reader import Reader
from pipelines.plan.coverage import Queried
from pipelines.tables import WANTED

NOTHING: Final = date.max
"""A first day that means that no day is wanted yet."""


def wanted_since(database: Queried) -> dict[str, date]:
    """Return for each endpoint the first day that is kept complete; raises DestinationError.

    A database of an earlier version does not record it: there, it is the oldest recorded day.
    """
    rows = database.rows(f"SELECT endpoint, first_day FROM {WANTED}")
    oldest = database.rows("SELECT endpoint, min(date) FROM ra_coverage GROUP BY endpoint")
    since: dict[str, date] = {endpoint.name: NOTHING for endpoint in DATED}
    return since | dict(oldest) | {endpoint: first or NOTHING for endpoint, first in rows}


def known_wanted(reader: Reader) -> dict[str, date]:
    """Return the same for a database opened for reading, whatever version created it."""
    if WANTED.name in reader.tables:
        return wanted_since(reader)
    return {endpoint.name: date.min for endpoint in DATED}


def declare(database: Queried, first_days: dict[str, date], before: dict[str, date]) -> None:
    """Keep endpoints complete since these days, or since earlier ones where that is so already.

    Raises DestinationError.
    """
    stored = {str(endpoint) for (endpoint,) in database.rows(f"SELECT endpoint FROM {WANTED}")}
    for endpoint, known in before.items():
        first = min(known, first_days.get(endpoint, NOTHING))
        if endpoint in stored and first == known:
            continue
        database.rows(f"DELETE FROM {WANTED} WHERE endpoint = %s", endpoint)
        database.rows(
            f"INSERT INTO {WANTED} (_dlt_load_id, endpoint, first_day, declared_at) "
            "VALUES ('', %s, %s, %s)",
            endpoint,
            None if first == NOTHING else first,
            datetime.now(UTC),
        )
