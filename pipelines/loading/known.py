"""Asking the database what it knows of the races in a chunk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from pipelines.coverage import LOADED, Status
from pipelines.database import AMONG, Database, joined
from pipelines.endpoints import RACECARDS, RESULTS, Endpoint
from pipelines.sources.chunk import Chunk
from pipelines.sources.known import Known


def known_races(database: Database, chunk: Chunk, whole: set[date]) -> Known:
    """Return what is known of a chunk's races; `whole` are the days whose answers have them all."""
    is_card = chunk.endpoint is RACECARDS
    carded_days = _days(database, RACECARDS, LOADED) - whole if is_card else frozenset()
    ran: defaultdict[str, set[str]] = defaultdict(set)
    carded: dict[str, date] = {}
    for race, horse, day, has_run in _runners(database, chunk):
        if has_run:
            ran[race].add(horse)
        if day in carded_days:
            carded[race] = max(day, carded.get(race, day))
    return Known(
        over=_days(database, RESULTS, {Status.COMPLETE}),
        ran={race: frozenset(horses) for race, horses in ran.items()},
        carded=carded,
    )


def _days(database: Database, endpoint: Endpoint, statuses: Collection[Status]) -> frozenset[date]:
    query = "SELECT date, status FROM ra_coverage WHERE endpoint = %s"
    found = database.rows(query, endpoint.name)
    return frozenset(day for day, status in found if status in statuses)


def _runners(database: Database, chunk: Chunk) -> list[tuple[Any, ...]]:
    """Return the runners of the chunk's races: race, horse, day, and whether a result names it."""
    query = (
        "SELECT race_id, horse_id, race_date, finish_status IS NOT NULL FROM ra_runners "
        f"WHERE race_id {AMONG}"
    )
    return database.rows(query, joined(chunk.listed))
