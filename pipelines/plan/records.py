"""What the database has of endpoints that are requested by id."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pipelines.api.endpoints import BETWEEN_IDS, Endpoint
from pipelines.database.sql import AMONG, joined
from pipelines.plan.coverage import Queried
from pipelines.tables import tables_from


def loaded_records(
    database: Queried, endpoint: Endpoint, ids: Iterable[str] | None = None
) -> dict[str, datetime | None]:
    """Return the ids whose records are loaded, or which of some ids are, in the order of the ids.

    Each comes with the time of the request, if its table has a column for it.
    """
    table, *_ = tables_from(endpoint)
    name = f" || '{BETWEEN_IDS}' || ".join(table.key)
    at = table.asked_at or "NULL"
    is_loaded = f"{table.asked_at or table.key[0]} IS NOT NULL"
    query = f"SELECT DISTINCT {name}, {at} FROM {table} WHERE {is_loaded}"
    if ids is None:
        return dict(database.rows(f"{query} ORDER BY {name}"))
    wanted = sorted(ids)
    rows = database.rows(f"{query} AND {name} {AMONG}", joined(wanted)) if wanted else []
    return dict(rows)
