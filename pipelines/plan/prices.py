"""The runners queued for the vendor's history of their prices, the most recent races first."""

from __future__ import annotations

from datetime import date

from pipelines.api.endpoints import BETWEEN_IDS, PRICES
from pipelines.database.sql import sql_text
from pipelines.plan.coverage import Queried


def waiting_prices(database: Queried, today: date) -> int:
    """Count the queued runners; raises DestinationError."""
    ((count,),) = database.rows(
        f"SELECT count(*) FROM ({sql_text('prices_waiting')}) AS waiting", PRICES.first_day, today
    )
    return int(count)


def price_queue(database: Queried, today: date, most: int) -> list[str]:
    """Return the ids of the first histories in the queue; raises DestinationError."""
    rows = database.rows(
        f"{sql_text('prices_waiting')} ORDER BY races.date DESC, races.off_dt DESC, "
        f"runners.race_id, runners.horse_id LIMIT {most}",
        PRICES.first_day,
        today,
    )
    return [f"{race}{BETWEEN_IDS}{horse}" for race, horse in rows]
