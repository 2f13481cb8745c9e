"""Databases that an earlier version has loaded, without tables of what each endpoint says.

What cards and results said is in ra_races and ra_runners: the card's value of a race or runner that
a card has named, and the result's of others. That fills the tables of each, without a call. What is
known of horses goes to the profiles, whoever said it: nobody can tell any more, and there it comes
after what cards will say.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Final

from pipelines.database.database import Database
from pipelines.tables import (
    CARD_RACES,
    CARD_RUNNERS,
    HORSE_PROFILES,
    HORSES,
    MODELS,
    RACE_RESULTS,
    RACES,
    RESULT_RACES,
    RUNNERS,
    Column,
    Table,
)
from pipelines.tables.horses import PEDIGREE

logger = logging.getLogger(__name__)

NEW: Final = (CARD_RACES, CARD_RUNNERS, RESULT_RACES)
BEGINS: Final = "ra_card_races, ra_card_runners and ra_result_races are new: filling them, once"
FILLED: Final = (
    "ra_card_races, ra_card_runners and ra_result_races are new, and filled from ra_races and "
    "ra_runners; `pipeline rebuild` adds from the archive what results said beside a card"
)
HORSES_BEGIN: Final = "ra_horse_profiles is new: filling it, once"
HORSES_FILLED: Final = (
    "ra_horse_profiles is new, and filled from what ra_mst_horses and ra_horse_pedigree know; "
    "`pipeline rebuild` makes it what profiles said"
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
    """Fill them, all or none, if they are empty and the models are not; return notes of that.

    Raises DestinationError.
    """
    notes = []
    models = " OR ".join(f"EXISTS (SELECT 1 FROM {model})" for model in CARDED)
    filled = " OR ".join(f"EXISTS (SELECT 1 FROM {table})" for table in NEW)
    if _is(database, f"({models}) AND NOT ({filled})"):
        logger.warning("%s", BEGINS)
        database.run_together(*_statements())
        notes.append(FILLED)
    facts = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE coalesce(sire, dam, damsire, region) IS NOT NULL)"
        for table in (HORSE_PROFILES, CARD_RUNNERS, RACE_RESULTS)
    )
    if _is(database, f"EXISTS (SELECT 1 FROM {HORSES}) AND NOT ({facts})"):
        logger.warning("%s", HORSES_BEGIN)
        database.run_together(_horses())
        notes.append(HORSES_FILLED)
    return notes


def _is(database: Database, condition: str) -> bool:
    ((answer,),) = database.rows(f"SELECT {condition}")
    return bool(answer)


def _horses() -> str:
    """Return the statement that keeps what is known of horses.

    Those without a profile have no status here: it follows from what cards say, and is made again.
    """
    names = [column.name for column in HORSE_PROFILES.columns if column.origins]
    values = {
        name: f"{'horse' if name in HORSES.by_name else 'pedigree'}.{name}" for name in names
    } | {
        "enrichment_status": "CASE WHEN horse.enrichment_status NOT IN ('pending', 'racecard') "
        "THEN horse.enrichment_status END"
    }
    return (
        f"INSERT INTO {HORSE_PROFILES} ({', '.join(values)}, _dlt_load_id) "
        f"SELECT {', '.join(values.values())}, horse._dlt_load_id FROM {HORSES} AS horse "
        f"LEFT JOIN {PEDIGREE} AS pedigree ON pedigree.horse_id = horse.id WHERE NOT EXISTS "
        f"(SELECT 1 FROM {HORSE_PROFILES} AS said WHERE said.id = horse.id)"
    )


def _statements() -> Iterator[str]:
    yield (
        f"UPDATE {RACE_RESULTS} SET is_reserve = true WHERE is_reserve IS NULL AND runner_id IN "
        f"(SELECT id FROM {RUNNERS} WHERE is_reserve AND NOT {CARDED[RUNNERS]})"
    )
    for model in CARDED:
        said = MODELS[model]
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
