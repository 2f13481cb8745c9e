"""Noting what the responses of a chunk have changed, once its rows are loaded."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from pipelines.api.endpoints import Endpoint
from pipelines.clock import uk_day
from pipelines.database.database import Database
from pipelines.models import dates
from pipelines.models.changes import Seen, last_responses, statements, watched_days
from pipelines.sources.chunk import Chunk
from pipelines.tables import LAST_RESPONSES, Table


def note_changes(database: Database, chunk: Chunk, tables: Collection[Table]) -> None:
    """Note the changes of a chunk, before its days are noted as loaded; raises DestinationError.

    A response that is older than the last one changes nothing: what came later is known.
    """
    asked = {one.day: one.asked_at for one in chunk.read.answers if not one.is_failed}
    days = _seen(database, chunk.endpoint, asked)
    sql = statements(chunk.endpoint, days, tables) if days else []
    if sql:
        database.run_together(*sql)


def note_repeated(database: Database, endpoint: Endpoint, asked: dict[date, datetime]) -> None:
    """Note when responses for some days were the same as before; raises DestinationError.

    What changes next has changed after that.
    """
    days = _seen(database, endpoint, asked)
    if days:
        database.run_together(last_responses(endpoint, days))


def _seen(database: Database, endpoint: Endpoint, asked: dict[date, datetime]) -> list[Seen]:
    """Return the days that are not over, or whose races are watched, and not of an old response."""
    past = [day for day, at in asked.items() if day < uk_day(at)]
    watched = {day for (day,) in database.rows(watched_days(past))} if past else set[date]()
    wanted = {day: at for day, at in asked.items() if day not in past or day in watched}
    if not wanted:
        return []
    query = f"SELECT date, seen_at FROM {LAST_RESPONSES} WHERE endpoint = %s AND date IN "
    before = dict(database.rows(f"{query}({dates(wanted)})", endpoint.name))
    return [
        Seen(day, at, before.get(day), is_ahead=day not in past)
        for day, at in wanted.items()
        if day not in before or before[day] < at
    ]
