"""Noting what the responses of a chunk have changed, once its rows are loaded."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from pipelines.api.endpoints import Endpoint
from pipelines.archive.store import Question, question_of
from pipelines.clock import uk_day
from pipelines.database.database import Database
from pipelines.models import dates
from pipelines.models.changes import Seen, last_responses, statements, watched_days
from pipelines.tables import LAST_RESPONSES, Table

Repeats = Mapping[Question, Sequence[datetime]]
"""When a question was answered as before."""


def note_changes(
    database: Database, endpoint: Endpoint, asked: dict[date, datetime], tables: Collection[Table]
) -> None:
    """Note what responses have changed, before their days are noted as loaded.

    A response that is older than the last one changes nothing: what came later is known. Raises
    DestinationError.
    """
    days = _seen(database, endpoint, asked)
    sql = statements(endpoint, days, tables, database.kind.hash_joins) if days else []
    if sql:
        database.run_together(*sql)


def note_repeats(
    database: Database, endpoint: Endpoint, asked: dict[date, datetime], repeats: Repeats
) -> None:
    """Note until when the responses before these were sent again, as a race day has noted it."""
    for day, at in asked.items():
        times = repeats.get(question_of(endpoint, day), ())
        last = max((time for time in times if time < at), default=None)
        if last:
            note_repeated(database, endpoint, {day: last})


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
