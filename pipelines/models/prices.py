"""The vendor's price history as price changes: each price until the next different one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from pipelines.models import LAST_LOAD
from pipelines.tables import PRICE_CHANGES, PRICE_HISTORY, RACES

KEY: Final = ("race_id", "horse_id", "bookmaker_id", "origin", "valid_from")
PRICE: Final = ("fractional_odds", "decimal_odds", "price_status")
FACTS: Final = ("race_date", *PRICE, "valid_to", "seen_at")


def of_history(requested: Iterable[tuple[str, str, datetime]]) -> str:
    """Return the statement that makes the changes of some runners: by race, horse and request.

    The history has no each-way terms. A price that repeats the one before is no change.
    """
    runners = ", ".join(
        f"('{race}', '{horse}', TIMESTAMPTZ '{at.isoformat()}')" for race, horse, at in requested
    )
    repeats = " AND ".join(f"{name} IS NOT DISTINCT FROM lag({name}) OVER prices" for name in PRICE)
    names = ", ".join(f"history.{name}" for name in ("race_id", "horse_id", "bookmaker_id", *PRICE))
    said = (
        f"SELECT {names}, history.changed_at, runner.seen_at, {repeats} AS is_repeated "
        f"FROM {PRICE_HISTORY} AS history "
        f"JOIN (VALUES {runners}) AS runner (race_id, horse_id, seen_at) "
        "ON runner.race_id = history.race_id AND runner.horse_id = history.horse_id "
        "WINDOW prices AS (PARTITION BY history.race_id, history.horse_id, history.bookmaker_id "
        "ORDER BY history.changed_at)"
    )
    made = (
        "SELECT said.race_id, said.horse_id, said.bookmaker_id, race.date AS race_date, "
        f"{', '.join(f'said.{name}' for name in PRICE)}, said.changed_at AS valid_from, "
        "lead(said.changed_at) OVER (PARTITION BY said.race_id, said.horse_id, said.bookmaker_id "
        "ORDER BY said.changed_at) AS valid_to, said.seen_at, 'history' AS origin, "
        f"{LAST_LOAD} AS _dlt_load_id FROM ({said}) AS said "
        f"JOIN {RACES} AS race ON race.id = said.race_id WHERE NOT said.is_repeated"
    )
    columns = (*KEY, *FACTS, "_dlt_load_id")
    values = ", ".join(f"{name} = made.{name}" for name in (*FACTS, "_dlt_load_id"))
    return (
        f"MERGE INTO {PRICE_CHANGES} AS prices USING ({made}) AS made ON "
        f"{' AND '.join(f'prices.{name} = made.{name}' for name in KEY)} "
        f"WHEN MATCHED AND ({' OR '.join(_differs(name) for name in FACTS)}) THEN "
        f"UPDATE SET {values} WHEN NOT MATCHED THEN INSERT ({', '.join(columns)}) "
        f"VALUES ({', '.join(f'made.{name}' for name in columns)})"
    )


def _differs(name: str) -> str:
    return f"prices.{name} IS DISTINCT FROM made.{name}"
