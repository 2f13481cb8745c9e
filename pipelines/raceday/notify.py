"""Telling a command of the user's what has changed: non-runners, jockeys, results, large moves."""

from __future__ import annotations

import logging
import shlex
import subprocess
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

import orjson

from pipelines.mapping import Row
from pipelines.plan.coverage import Queried
from pipelines.raceday.feed import FOLLOWS, Cursor, changes_since, sql_moment
from pipelines.tables import BOOKMAKERS, PRICE_CHANGES

logger = logging.getLogger(__name__)

NOTABLE: Final = frozenset({"non-runner", "reinstated", "jockey", "abandoned", "result"})
PATIENCE: Final = 30.0
"""Seconds that the command may take."""


def notable_changes(
    database: Queried, cursor: datetime, today: date, percent: float
) -> tuple[list[Row], datetime]:
    """Return the notable changes seen after a cursor, and the next cursor."""
    seen = changes_since(database, Cursor(cursor), ("runner", "race"))
    moves = _moves(database, cursor, today, percent)
    moments = [row["seen_at"] for row in (*seen, *moves)]
    following = max((moment for moment in moments if isinstance(moment, datetime)), default=cursor)
    return [row for row in seen if row["what"] in NOTABLE] + moves, following


def _moves(database: Queried, cursor: datetime, today: date, percent: float) -> list[Row]:
    """Return runners whose price has moved by so many percent, on average over the bookmakers."""
    after = sql_moment(cursor)
    old = "avg(coalesce(last.decimal_odds, now.decimal_odds))"
    found = database.rows(
        f"SELECT now.race_id, now.horse_id, now.race_date, max(now.seen_at), "
        f"CAST({old} AS decimal(10, 2)), CAST(avg(now.decimal_odds) AS decimal(10, 2)) "
        f"FROM {PRICE_CHANGES} AS now JOIN {BOOKMAKERS} AS bookmaker "
        "ON bookmaker.id = now.bookmaker_id AND bookmaker.type = 'fixed_odds' "
        f"LEFT JOIN {PRICE_CHANGES} AS last ON {FOLLOWS} AND now.seen_at > {after} "
        f"WHERE now.race_date >= DATE '{today}' AND now.valid_to IS NULL "
        "AND now.origin = 'cards' AND now.decimal_odds IS NOT NULL "
        "GROUP BY now.race_id, now.horse_id, now.race_date "
        f"HAVING max(now.seen_at) > {after} "
        f"AND abs(avg(now.decimal_odds) / {old} - 1) * 100 >= {percent} "
        "ORDER BY now.race_id, now.horse_id"
    )
    names = ("race_id", "horse_id", "race_date", "seen_at", "old_value", "new_value")
    rows = (dict(zip(names, values, strict=True)) for values in found)
    return [
        {**row, "kind": "price", "what": "price"}
        | {name: str(row[name]) for name in ("old_value", "new_value")}
        for row in rows
    ]


def call_command(command: str, rows: Iterable[Row]) -> None:
    """Call the command with a JSON object per line as its input; what fails is only logged."""
    lines = b"".join(orjson.dumps(row) + b"\n" for row in rows)
    try:
        subprocess.run(shlex.split(command), input=lines, timeout=PATIENCE, check=True)
    except (OSError, ValueError, subprocess.SubprocessError) as error:  # it would tell the command
        logger.warning("The change command failed: %s", type(error).__name__)
