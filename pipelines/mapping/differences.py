"""Where a result states something else of its race than the card does.

ra_races has the card's value, and ra_result_races the result's. One column stands for each fact;
names, which the endpoints spell in different ways, and numbers that follow from the runners are
left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pipelines.api.endpoints import RESULTS
from pipelines.mapping import Issue
from pipelines.mapping.chunk import Chunk
from pipelines.tables import CARD_RACES, RACES, RESULT_RACES

DIFFERS: Final = "differs from the racecard"
COMPARED: Final = (
    "date",
    "off_dt",
    "course_id",
    "race_type",
    "race_class",
    "pattern",
    "age_band",
    "rating_band",
    "sex_restriction",
    "distance_y",
    "going",
    "surface",
    "jumps",
)
LATE_OFF: Final = timedelta(minutes=10)
"""A race that starts less late than that is no news."""
NEARLY: Final = 5
"""Yards; each endpoint rounds for itself."""


def differences(chunk: Chunk) -> Iterator[Issue]:
    """Yield what results state otherwise than cards, whichever of the two a chunk holds."""
    is_result = chunk.endpoint is RESULTS
    said = RESULT_RACES if is_result else CARD_RACES
    for rows in chunk.rows_by_day(said).values():
        for row in rows.select(["id", *COMPARED]).to_pylist():
            stored = chunk.known.stored.get(row["id"])
            if not (stored and stored.facts) or row["id"] in chunk.replaced:
                continue
            card, result = (stored.facts, row) if is_result else (row, stored.facts)
            yield from between(row["id"], card, result)


def between(race: str, card: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[Issue]:
    """Yield what a result states otherwise than the card of the same race."""
    for name in COMPARED:
        if _differ(card[name], result[name]):
            yield _issue(race, name, result)


def _issue(race: str, name: str, result: Any) -> Issue:
    (path,) = RACES.by_name[name].origins[RESULTS.name].paths
    value = result[name].astimezone(UTC) if isinstance(result[name], datetime) else result[name]
    return Issue(
        RESULTS.name, RACES.name, race, RESULTS.root + path, DIFFERS, value, result["date"]
    )


def _differ(card: Any, result: Any) -> bool:
    if card is None or result is None:
        return False
    if isinstance(card, datetime):
        return bool(abs(card - result) >= LATE_OFF)
    if isinstance(card, int):
        return bool(abs(card - result) > NEARLY)
    if isinstance(card, str):
        return card.casefold().split() != str(result).casefold().split()
    return bool(card != result)
