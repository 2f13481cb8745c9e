"""Databases that an earlier version has loaded, without tables of what each endpoint says.

What cards and results said is in ra_races and ra_runners: the card's value of a race or runner that
a card has named, and the result's of others. That fills the tables of each, without a call.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Final

from pipelines.database.database import Database
from pipelines.tables import (
    CARD_RACES,
    CARD_RUNNERS,
    MODELS,
    RACE_RESULTS,
    RACES,
    RESULT_RACES,
    RUNNERS,
    Column,
    Table,
)

logger = logging.getLogger(__name__)

NEW: Final = (CARD_RACES, CARD_RUNNERS, RESULT_RACES)
BEGINS: Final = "ra_card_races, ra_card_runners and ra_result_races are new: filling them, once"
FILLED: Final = (
    "ra_card_races, ra_card_runners and ra_result_races are new, and filled from ra_races and "
    "ra_runners; `pipeline rebuild` adds from the archive what results said beside a card"
)
CARDED: Final[dict[Table, str]] = {
    RACES: "(is_abandoned IS NOT NULL OR NOT has_result)",
    # Before the card's own mark had a column: what only a card says, or nothing that a result says.
    RUNNERS: "(is_non_runner_on_card IS NOT NULL OR finish_status IS NULL OR form IS NOT NULL "
    "OR trainer_location IS NOT NULL)",
}
"""Condition of a row that a card has named."""
RAN: Final[dict[Table, str]] = {
    RACES: "has_result",
    RUNNERS: "finish_status IS NOT NULL",
}
"""Condition of a row that a result has named."""
OTHER_NAMES: Final = {"runner_id": "id"}
"""Columns of results that a model has by another name."""


def fill_source_tables(database: Database) -> list[str]:
    """Fill them, all or none, if they are empty and the models are not; return a note of that.

    Raises DestinationError.
    """
    models = " OR ".join(f"EXISTS (SELECT 1 FROM {model})" for model in MODELS)
    filled = " OR ".join(f"EXISTS (SELECT 1 FROM {table})" for table in NEW)
    ((is_earlier,),) = database.rows(f"SELECT ({models}) AND NOT ({filled})")
    if not is_earlier:
        return []
    logger.warning("%s", BEGINS)
    database.run_together(*_statements())
    return [FILLED]


def _statements() -> Iterator[str]:
    yield (
        f"UPDATE {RACE_RESULTS} SET is_reserve = true WHERE is_reserve IS NULL AND runner_id IN "
        f"(SELECT id FROM {RUNNERS} WHERE is_reserve AND NOT {CARDED[RUNNERS]})"
    )
    for model, said in MODELS.items():
        card, result = said["card"], said["result"]
        yield _copy(model, card, card.columns, CARDED[model])
        yield _copy(model, result, result.columns, f"{RAN[model]} AND NOT {CARDED[model]}")
        # The card's value has taken the place of the result's, which is not known any more.
        own = [column for column in result.columns if column.required or not _is_in(card, column)]
        yield _copy(model, result, own, f"{RAN[model]} AND {CARDED[model]}")


def _copy(model: Table, said: Table, columns: Iterable[Column], condition: str) -> str:
    """Return the statement that fills one table from a model, and leaves what it has alone."""
    (endpoint,) = said.rows_from
    names = {
        column.name: name
        for column in columns
        if (name := OTHER_NAMES.get(column.name, column.name)) in model.by_name
        and (endpoint in model.by_name[name].origins or not column.origins)
    }
    keys = " AND ".join(f"said.{name} = {model}.{name}" for name in model.key)
    return (
        f"INSERT INTO {said} ({', '.join(names)}, _dlt_load_id) "
        f"SELECT {', '.join(names.values())}, _dlt_load_id FROM {model} "
        f"WHERE {condition} AND NOT EXISTS (SELECT 1 FROM {said} AS said WHERE {keys})"
    )


def _is_in(card: Table, column: Column) -> bool:
    return bool(column.origins) and OTHER_NAMES.get(column.name, column.name) in card.by_name
