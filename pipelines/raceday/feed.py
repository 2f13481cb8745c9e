"""Changes in the order in which they were seen, from a cursor on: at least once, whatever happens.

A cursor is the moment of a response. All changes of one response are stored together, and later
ones are of later responses, so whoever has taken all of a moment continues behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from pipelines.errors import UsageError
from pipelines.mapping import Row
from pipelines.plan.coverage import Queried
from pipelines.tables import PRICE_CHANGES, RACE_CHANGES, RUNNER_CHANGES

KINDS: Final = ("runner", "race", "price")
MOST: Final = 10_000
"""Changes that are read at once; a moment is always read whole."""

FOLLOWS: Final = (
    "last.race_id = now.race_id AND last.horse_id = now.horse_id "
    "AND last.bookmaker_id = now.bookmaker_id AND last.origin = now.origin "
    "AND last.valid_to = now.valid_from AND last.race_date = now.race_date"
)
"""Condition of a price that took the place of the last one."""
_COLUMNS: Final = (
    "changes.seen_at, changes.kind, changes.race_date, races.off_dt, races.course_name, "
    "changes.race_id, changes.horse_id, runners.horse_name, changes.bookmaker_id, changes.what, "
    "changes.old_value, changes.new_value, changes.seen_before"
)
_SOURCES: Final = {
    "runner": (
        "SELECT 'runner' AS kind, race_id, horse_id, CAST(NULL AS text) AS bookmaker_id, "
        f"race_date, what, old_value, new_value, seen_before, seen_at FROM {RUNNER_CHANGES}"
    ),
    "race": (
        "SELECT 'race' AS kind, race_id, CAST(NULL AS text) AS horse_id, "
        "CAST(NULL AS text) AS bookmaker_id, race_date, what, old_value, new_value, seen_before, "
        f"seen_at FROM {RACE_CHANGES}"
    ),
    "price": (
        "SELECT 'price' AS kind, now.race_id, now.horse_id, now.bookmaker_id, now.race_date, "
        "'price' AS what, CAST(last.decimal_odds AS text) AS old_value, "
        "coalesce(CAST(now.decimal_odds AS text), now.price_status) AS new_value, "
        "last.valid_from AS seen_before, now.seen_at "
        f"FROM {PRICE_CHANGES} AS now LEFT JOIN {PRICE_CHANGES} AS last ON {FOLLOWS} "
        "WHERE now.origin = 'cards'"
    ),
}


def changes_since(database: Queried, cursor: datetime, kinds: tuple[str, ...] = KINDS) -> list[Row]:
    """Return what was seen after a cursor, in order: some moments, each of them whole.

    Each has the cursor from which to continue once it is dealt with: of a moment only the last
    one moves it, so nothing is left out by whoever stops in between.
    """
    sources = " UNION ALL ".join(_SOURCES[kind] for kind in kinds)
    after = f"changes.seen_at > {sql_moment(cursor)}"
    moments = database.rows(
        f"SELECT seen_at, count(*) FROM ({sources}) AS changes WHERE {after} "
        "GROUP BY seen_at ORDER BY seen_at"
    )
    until, total = cursor, 0
    for moment, count in moments:
        if total and total + count > MOST:
            break
        until, total = moment, total + count
    if not total:
        return []
    found = database.rows(
        f"SELECT {_COLUMNS} FROM ({sources}) AS changes "
        "LEFT JOIN ra_races AS races ON races.id = changes.race_id "
        "LEFT JOIN ra_runners AS runners ON runners.race_id = changes.race_id "
        "AND runners.horse_id = changes.horse_id "
        f"WHERE {after} AND changes.seen_at <= {sql_moment(until)} ORDER BY changes.seen_at, "
        "changes.kind DESC, races.off_dt, changes.race_id, changes.horse_id, "
        "changes.bookmaker_id, changes.what"
    )
    names = [name.split(".")[1].strip() for name in _COLUMNS.split(", ")]
    return list(_with_cursors([dict(zip(names, row, strict=True)) for row in found], cursor))


def _with_cursors(rows: list[Row], cursor: datetime) -> Iterator[Row]:
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        if following is None or following["seen_at"] != row["seen_at"]:
            seen = row["seen_at"]
            assert isinstance(seen, datetime)
            cursor = seen
        yield {**row, "cursor": cursor_text(cursor)}


def cursor_text(moment: datetime) -> str:
    """Write a cursor."""
    return moment.astimezone(UTC).isoformat()


def sql_moment(moment: datetime) -> str:
    """Write a moment as SQL."""
    return f"TIMESTAMPTZ '{cursor_text(moment)}'"


def cursor_of(text: str) -> datetime:
    """Read a cursor, or any UTC time or day; raises UsageError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--since {text!r} is no cursor: use one that the command printed, or a UTC time such "
            "as 2026-10-10T09:00."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
