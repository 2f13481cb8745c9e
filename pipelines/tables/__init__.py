"""Every table, declared once, as data: one file for each family of tables."""

from collections.abc import Collection
from typing import Final

from pipelines.api.endpoints import Endpoint, RequestedBy, requested_by
from pipelines.tables.bookkeeping import (
    ACCESS,
    COVERAGE,
    ISSUES,
    LOADED_RESPONSES,
    REBUILDS,
    RUNS,
    WANTED,
)
from pipelines.tables.changes import (
    LAST_RESPONSES,
    LAST_SEEN,
    PRICE_CHANGES,
    RACE_CHANGES,
    RUNNER_CHANGES,
)
from pipelines.tables.courses import COURSES
from pipelines.tables.histories import MEDICAL, PREVIOUS_OWNERS, PREVIOUS_TRAINERS, QUOTES
from pipelines.tables.horses import HORSE_PROFILES, HORSES, PEDIGREE
from pipelines.tables.model import Column, Kind, Origin, Table, Type
from pipelines.tables.odds import PRICE_HISTORY, PRICE_REQUESTS, RUNNER_ODDS
from pipelines.tables.people import BOOKMAKERS, JOCKEYS, OWNERS, TRAINERS
from pipelines.tables.races import CARD_RACES, RACES, RESULT_RACES
from pipelines.tables.results import RACE_RESULTS
from pipelines.tables.runners import CARD_RUNNERS, RUNNERS

API_TABLES: Final = (
    COURSES,
    BOOKMAKERS,
    JOCKEYS,
    TRAINERS,
    OWNERS,
    RACES,
    RUNNERS,
    HORSES,
    PEDIGREE,
    RACE_RESULTS,
    RUNNER_ODDS,
    PREVIOUS_TRAINERS,
    PREVIOUS_OWNERS,
    MEDICAL,
    QUOTES,
    CARD_RACES,
    CARD_RUNNERS,
    RESULT_RACES,
    HORSE_PROFILES,
    PRICE_REQUESTS,
    PRICE_HISTORY,
)
"""The tables that responses fill, the ten main ones first: the names --table takes."""

CHANGE_TABLES: Final = (RUNNER_CHANGES, RACE_CHANGES, PRICE_CHANGES)
"""What successive responses have changed, derived as the tables of what they say are loaded."""

TABLES: Final = {
    table.name: table
    for table in (
        *API_TABLES,
        *CHANGE_TABLES,
        COVERAGE,
        ISSUES,
        RUNS,
        REBUILDS,
        ACCESS,
        WANTED,
        LAST_SEEN,
        LAST_RESPONSES,
        LOADED_RESPONSES,
    )
}

MODELS: Final[dict[Table, dict[str, Table]]] = {
    JOCKEYS: {"card": CARD_RUNNERS, "result": RACE_RESULTS},
    TRAINERS: {"card": CARD_RUNNERS, "result": RACE_RESULTS},
    OWNERS: {"card": CARD_RUNNERS, "result": RACE_RESULTS},
    HORSES: {"card": CARD_RUNNERS, "profile": HORSE_PROFILES, "result": RACE_RESULTS},
    PEDIGREE: {"card": CARD_RUNNERS, "profile": HORSE_PROFILES, "result": RACE_RESULTS},
    RACES: {"card": CARD_RACES, "result": RESULT_RACES},
    RUNNERS: {"card": CARD_RUNNERS, "result": RACE_RESULTS},
}
"""Tables that are made of others in the database, each with those that it is made of.

Runners are made last: they still say who was named before.

A source table has one writer and says what one endpoint said; a model says what is true."""

REFERENCES: Final = {
    "race_id": "ra_races",
    "horse_id": "ra_mst_horses",
    "course_id": "ra_mst_courses",
    "jockey_id": "ra_mst_jockeys",
    "trainer_id": "ra_mst_trainers",
    "owner_id": "ra_mst_owners",
    "bookmaker_id": "ra_mst_bookmakers",
    "sire_horse_id": "ra_mst_horses",
    "dam_horse_id": "ra_mst_horses",
    "damsire_horse_id": "ra_mst_horses",
}
"""Columns that hold the id of a row of another table. `sire_id`, `dam_id` and `damsire_id` are ids
of parents, not of horses: their horses, where one is known, are those of `ra_horse_pedigree`."""


def tables_from(endpoint: Endpoint) -> tuple[Table, ...]:
    """Tables that are loaded from this endpoint's responses."""
    loaded = (table for table in API_TABLES if table not in MODELS)
    return tuple(table for table in loaded if endpoint.name in table.rows_from)


def models_of(tables: Collection[Table]) -> tuple[Table, ...]:
    """Models that some of these tables decide."""
    return tuple(
        model for model, said in MODELS.items() if not set(tables).isdisjoint(said.values())
    )


def with_models(tables: Collection[Table]) -> frozenset[Table]:
    """Add to some tables what their models are made of, and the models that they decide.

    Tables of records that are requested by id are loaded together.
    """
    wanted = {*tables, *(said for table in tables for said in MODELS.get(table, {}).values())}
    for endpoint in requested_by(RequestedBy.ID):  # one of its tables says what was requested
        if not wanted.isdisjoint(filled := tables_from(endpoint)):
            wanted.update(filled)
    return frozenset({*wanted, *models_of(wanted)})


__all__ = [
    "ACCESS",
    "API_TABLES",
    "BOOKMAKERS",
    "CARD_RACES",
    "CARD_RUNNERS",
    "CHANGE_TABLES",
    "COVERAGE",
    "HORSES",
    "HORSE_PROFILES",
    "ISSUES",
    "LAST_RESPONSES",
    "LAST_SEEN",
    "LOADED_RESPONSES",
    "MODELS",
    "PRICE_CHANGES",
    "PRICE_HISTORY",
    "PRICE_REQUESTS",
    "RACES",
    "RACE_CHANGES",
    "RACE_RESULTS",
    "REBUILDS",
    "REFERENCES",
    "RESULT_RACES",
    "RUNNERS",
    "RUNNER_CHANGES",
    "RUNNER_ODDS",
    "RUNS",
    "TABLES",
    "WANTED",
    "Column",
    "Kind",
    "Origin",
    "Table",
    "Type",
    "models_of",
    "tables_from",
    "with_models",
]
