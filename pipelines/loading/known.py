"""Fetching what the database knows of the races in a chunk."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from pipelines.database import AMONG, Database, joined
from pipelines.sources.chunk import Chunk
from pipelines.sources.differences import COMPARED
from pipelines.sources.known import StoredRace
from pipelines.tables import RACES


def loaded_before(database: Database, chunk: Chunk) -> dict[date, int]:
    """Return how many races of each day are loaded.

    Asked now: the cards of this run may have moved some to other days.
    """
    query = "SELECT date, loaded FROM ra_coverage WHERE endpoint = %s AND date BETWEEN %s AND %s"
    found = database.rows(query, chunk.endpoint.name, min(chunk.days), max(chunk.days))
    return {day: loaded or 0 for day, loaded in found}


def stored_races(database: Database, chunk: Chunk) -> dict[str, StoredRace]:
    """Return the races of a chunk that are in the tables already."""
    ids = joined(chunk.listed)
    columns = ", ".join(COMPARED)
    # Only a card says whether a race is abandoned.
    races = database.rows(
        f"SELECT id, is_abandoned IS NOT NULL, {columns} FROM {RACES} WHERE id {AMONG}", ids
    )
    runners = database.rows(
        "SELECT race_id, horse_id, race_date, finish_status IS NOT NULL FROM ra_runners "
        f"WHERE race_id {AMONG}",
        ids,
    )
    facts = {race: dict(zip(COMPARED, values, strict=True)) for race, _, *values in races}
    carded = {race for race, is_carded, *_ in races if is_carded}
    horses, ran = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    days = {race: said["date"] for race, said in facts.items()}
    for race, horse, day, has_run in runners:
        horses[race].add(horse)
        days.setdefault(race, day)  # a run of chosen tables may have left out the race
        if has_run:
            ran[race].add(horse)
    return {
        race: StoredRace(
            day=day,
            course=facts.get(race, {}).get("course_id"),
            horses=frozenset(horses[race]),
            ran=frozenset(ran[race]),
            is_carded=race in carded,
            facts=facts.get(race, {}),
        )
        for race, day in days.items()
    }
