"""Changes in the order in which they were seen, from a cursor on: at least once, whatever happens.

A cursor is the moment of a response. All changes of one response are stored together, so whoever
has taken all of a moment continues behind it. Nearly always later ones are of later responses; what
a race day captures while another run loads is loaded after that run's. So a cursor also names the
last load whose changes were taken: what a later one has added of earlier moments comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from pipelines.errors import UsageError
from pipelines.mapping import Row
from pipelines.plan.coverage import Queried
from pipelines.tables import PRICE_CHANGES, RACE_CHANGES, RUNNER_CHANGES

KINDS: Final = ("runner", "race", "price")
MOST: Final = 10_000
"""Changes that are read at once; a moment is always read whole."""
LATEST: Final = timedelta(days=1)
"""How much later than the others of its moment a change may be loaded, and still be told."""

FOLLOWS: Final = (
    "last.race_id = now.race_id AND last.horse_id = now.horse_id "
    "AND last.bookmaker_id = now.bookmaker_id AND last.origin = now.origin "
    "AND last.valid_to = now.valid_from AND last.race_date = now.race_date"
)
"""Condition of a price that took the place of the last one."""
_COLUMNS: Final = (
    "changes.seen_at, changes.kind, changes.race_date, races.off_dt, races.course_name, "
    "changes.race_id, changes.horse_id, runners.horse_name, changes.bookmaker_id, changes.what, "
    "changes.old_value, changes.new_value, changes.seen_before, changes.load"
)
_SOURCES: Final = {
    "runner": (
        "SELECT 'runner' AS kind, race_id, horse_id, CAST(NULL AS text) AS bookmaker_id, "
        f"race_date, what, old_value, new_value, seen_before, seen_at, _dlt_load_id AS load "
        f"FROM {RUNNER_CHANGES}"
    ),
    "race": (
        "SELECT 'race' AS kind, race_id, CAST(NULL AS text) AS horse_id, "
        "CAST(NULL AS text) AS bookmaker_id, race_date, what, old_value, new_value, seen_before, "
        f"seen_at, _dlt_load_id AS load FROM {RACE_CHANGES}"
    ),
    "price": (
        "SELECT 'price' AS kind, now.race_id, now.horse_id, now.bookmaker_id, now.race_date, "
        "'price' AS what, CAST(last.decimal_odds AS text) AS old_value, "
        "coalesce(CAST(now.decimal_odds AS text), now.price_status) AS new_value, "
        "last.valid_from AS seen_before, now.seen_at, now._dlt_load_id AS load "
        f"FROM {PRICE_CHANGES} AS now LEFT JOIN {PRICE_CHANGES} AS last ON {FOLLOWS} "
        "WHERE now.origin = 'cards'"
    ),
}


@dataclass(frozen=True)
class Cursor:
    """How far somebody has come."""

    moment: datetime
    """All changes seen until then are taken."""
    load: str = ""
    """The last load whose changes were taken; empty if none was."""

    def __str__(self) -> str:
        """Write it as it can be given back."""
        moment = self.moment.astimezone(UTC).isoformat()
        return f"{moment}/{self.load}" if self.load else moment


def changes_since(database: Queried, cursor: Cursor, kinds: tuple[str, ...] = KINDS) -> list[Row]:
    """Return what was seen after a cursor, in order: some moments, each of them whole.

    Each has the cursor from which to continue once it is dealt with: of a moment only the last
    one moves it, so nothing is left out by whoever stops in between.
    """
    sources = " UNION ALL ".join(_SOURCES[kind] for kind in kinds)
    after = f"changes.seen_at > {sql_moment(cursor.moment)}"
    late = (
        f"(changes.seen_at > {sql_moment(cursor.moment - LATEST)} "
        f"AND changes.seen_at <= {sql_moment(cursor.moment)} AND changes.load > '{cursor.load}')"
    )
    wanted = f"({after} OR {late})" if cursor.load else after
    moments = database.rows(
        f"SELECT seen_at, count(*) FROM ({sources}) AS changes WHERE {wanted} "
        "GROUP BY seen_at ORDER BY seen_at"
    )
    until, total = cursor.moment, 0
    for moment, count in moments:
        if moment > cursor.moment and total and total + count > MOST:
            break
        until, total = max(moment, until), total + count
    if not total:
        return []
    found = database.rows(
        f"SELECT {_COLUMNS} FROM ({sources}) AS changes "
        "LEFT JOIN ra_races AS races ON races.id = changes.race_id "
        "LEFT JOIN ra_runners AS runners ON runners.race_id = changes.race_id "
        "AND runners.horse_id = changes.horse_id "
        f"WHERE {wanted} AND changes.seen_at <= {sql_moment(until)} ORDER BY changes.seen_at, "
        "changes.kind DESC, races.off_dt, changes.race_id, changes.horse_id, "
        "changes.bookmaker_id, changes.what"
    )
    names = [name.split(".")[1].strip() for name in _COLUMNS.split(", ")]
    return list(_with_cursors([dict(zip(names, row, strict=True)) for row in found], cursor))


def _with_cursors(rows: list[Row], cursor: Cursor) -> Iterator[Row]:
    """Give each row its cursor; all that was loaded late counts as one moment."""
    load = cursor.load
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        load = max(load, str(row.pop("load")))
        moment = max(cursor.moment, _seen(row))
        if following is None or max(cursor.moment, _seen(following)) != moment:
            cursor = replace(cursor, moment=moment, load=load)
        yield {**row, "cursor": str(cursor)}


def _seen(row: Row) -> datetime:
    seen = row["seen_at"]
    assert isinstance(seen, datetime)
    return seen


def sql_moment(moment: datetime) -> str:
    """Write a moment as SQL."""
    return f"TIMESTAMPTZ '{moment.astimezone(UTC).isoformat()}'"


def cursor_of(text: str) -> Cursor:
    """Read a cursor, or any UTC time or day; raises UsageError."""
    written, _, load = text.partition("/")
    try:
        moment = datetime.fromisoformat(written)
        if not re.fullmatch(r"[0-9.]*", load):
            raise ValueError(load)
    except ValueError:
        raise UsageError(
            f"--since {text!r} is no cursor: use one that the command printed, or a UTC time such "
            "as 2026-10-10T09:00."
        ) from None
    return Cursor(moment if moment.tzinfo else moment.replace(tzinfo=UTC), load)
