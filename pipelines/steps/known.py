"""Asking the database what it knows of the races in a chunk."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import islice

from pipelines.coverage import LOADED, Status
from pipelines.database import Database
from pipelines.endpoints import RACECARDS, RESULTS
from pipelines.sources.chunk import Chunk
from pipelines.sources.known import Known

RACES_IN_A_QUERY = 1_000


def known_races(database: Database, chunk: Chunk, whole: set[date]) -> Known:
    """Return what is known of a chunk's races; `whole` are the days whose answers hold them all."""
    statuses = {
        (endpoint, day): status
        for endpoint, day, status in database.rows("SELECT endpoint, date, status FROM ra_coverage")
    }
    over = {day for (name, day), status in statuses.items() if _is_over(name, status)}
    ran: defaultdict[str, set[str]] = defaultdict(set)
    carded: dict[str, date] = {}
    for race, horse, day, has_run in _runners(database, chunk):
        if has_run:
            ran[race].add(horse)
        if day not in whole and statuses.get((RACECARDS.name, day)) in LOADED:
            carded[race] = max(day, carded.get(race, date.min))
    return Known(frozenset(over), {race: frozenset(named) for race, named in ran.items()}, carded)


def _is_over(endpoint: str, status: str) -> bool:
    return endpoint == RESULTS.name and status == Status.COMPLETE


def _runners(database: Database, chunk: Chunk) -> list[tuple[str, str, date, bool]]:
    """Runners of the chunk's races: race, horse, day, and whether a result names it."""
    found: list[tuple[str, str, date, bool]] = []
    races = iter(chunk.listed)
    while some := list(islice(races, RACES_IN_A_QUERY)):
        found += database.rows(
            "SELECT race_id, horse_id, race_date, finish_status IS NOT NULL FROM ra_runners "
            f"WHERE race_id IN ({', '.join(['%s'] * len(some))})",
            *some,
        )
    return found
