"""Fetching what the database knows of the races in a chunk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from pipelines.api.endpoints import RESULTS, Endpoint
from pipelines.database.database import Database
from pipelines.database.sql import AMONG, joined
from pipelines.mapping.chunk import Chunk
from pipelines.mapping.differences import COMPARED
from pipelines.mapping.known import StoredRace
from pipelines.models import Days, dates
from pipelines.tables import CARD_RACES, RACES, RESULT_RACES


def loaded_before(
    database: Database, endpoint: Endpoint, days: Collection[date]
) -> dict[date, int]:
    """Return how many races of each day are loaded.

    Asked now: the cards of this run may have moved some to other days.
    """
    query = "SELECT date, loaded FROM ra_coverage WHERE endpoint = %s AND date BETWEEN %s AND %s"
    found = database.rows(query, endpoint.name, min(days), max(days))
    return {day: loaded or 0 for day, loaded in found}


def stored_races(database: Database, chunk: Chunk) -> dict[str, StoredRace]:
    """Return the races of a chunk that are in the tables already."""
    ids = joined(chunk.listed)
    other = "card" if chunk.endpoint is RESULTS else "result"
    facts = ", ".join(f"{other}.{name}" for name in COMPARED)
    races = database.rows(
        f"SELECT race.id, race.course_id, race.date, card.date, result.date, {other}.id, {facts} "
        f"FROM {RACES} AS race "
        f"LEFT JOIN {CARD_RACES} AS card ON card.id = race.id "
        f"LEFT JOIN {RESULT_RACES} AS result ON result.id = race.id WHERE race.id {AMONG}",
        ids,
    )
    runners = database.rows(
        f"SELECT race_id, horse_id, race_date FROM ra_runners WHERE race_id {AMONG}", ids
    )
    horses, days = defaultdict[str, set[str]](set), defaultdict[str, list[date]](list)
    courses, said = dict[str, str](), dict[str, dict[str, Any]]()
    for race, course, day, card_day, result_day, is_said, *values in races:
        courses[race] = course
        days[race] += [one for one in (day, card_day, result_day) if one]
        said[race] = dict(zip(COMPARED, values, strict=True)) if is_said else {}
    for race, horse, day in runners:
        horses[race].add(horse)
        days[race].append(day)  # a run of chosen tables may have left out the race
    return {
        race: StoredRace(
            day=first,
            course=courses.get(race),
            horses=frozenset(horses[race]),
            facts=said.get(race, {}),
            days=frozenset([first, *others]),
        )
        for race, (first, *others) in days.items()
    }


def days_to_model(database: Database, chunk: Chunk) -> Days:
    """Return the days whose races and runners follow from a chunk.

    A race that has moved has two, by its card and by its result: both are made again.
    """
    said = (identity.day for read in chunk.days.values() for identity in read.identities)
    stored = (day for race in chunk.known.stored.values() for day in race.days)
    days = frozenset(day for day in (*chunk.days, *said, *stored) if day)
    moved = (
        f"SELECT card.date, result.date FROM {CARD_RACES} AS card JOIN {RESULT_RACES} AS result "
        f"ON result.id = card.id WHERE result.date <> card.date AND {side}.date IN ({dates(days)})"
        for side in ("card", "result")  # one after the other, for the sake of their indexes
    )
    pairs = database.rows(" UNION ".join(moved))
    return Days(days, days.union(*pairs))
