"""Every table, declared once, as data: one file for each family of tables."""

from typing import Final

from pipelines.endpoints import Endpoint
from pipelines.tables.bookkeeping import ACCESS, COVERAGE, ISSUES, REBUILDS, RUNS, WANTED
from pipelines.tables.courses import COURSES
from pipelines.tables.histories import MEDICAL, PREVIOUS_OWNERS, PREVIOUS_TRAINERS, QUOTES
from pipelines.tables.horses import HORSES, PEDIGREE
from pipelines.tables.model import Column, Kind, Origin, Table, Type
from pipelines.tables.odds import RUNNER_ODDS
from pipelines.tables.people import BOOKMAKERS, JOCKEYS, OWNERS, TRAINERS
from pipelines.tables.races import RACES
from pipelines.tables.results import RACE_RESULTS
from pipelines.tables.runners import RUNNERS

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
)
"""The tables that responses fill, the ten main ones first: the names --table takes."""

TABLES: Final = {
    table.name: table for table in (*API_TABLES, COVERAGE, ISSUES, RUNS, REBUILDS, ACCESS, WANTED)
}

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
    """Tables that this endpoint's responses fill."""
    return tuple(table for table in API_TABLES if endpoint.name in table.rows_from)


__all__ = [
    "ACCESS",
    "API_TABLES",
    "COVERAGE",
    "HORSES",
    "ISSUES",
    "RACES",
    "RACE_RESULTS",
    "REBUILDS",
    "REFERENCES",
    "RUNNERS",
    "RUNS",
    "TABLES",
    "WANTED",
    "Column",
    "Kind",
    "Origin",
    "Table",
    "Type",
    "tables_from",
]
