"""How much of an archive can be loaded at once: its beginning, until something is said twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from pipelines.api.endpoints import COURSES, DATED, HORSE_PRO, Endpoint
from pipelines.archive.store import Entry, Question
from pipelines.mapping.days import DaysRead
from pipelines.mapping.known import RaceIdentity

AT_ONCE: Final = frozenset({*DATED, COURSES, HORSE_PRO})
"""Endpoints whose responses need not be loaded in their order, as long as none is repeated."""
BETWEEN: Final = "\x1f"
"""Between the ids of horses: it is in none."""


def without_repeats(batches: Sequence[list[Entry]]) -> int:
    """Return how many of the batches, from the first on, answer no question twice."""
    answered: set[Question] = set()
    for number, batch in enumerate(batches):
        questions = {entry.question for entry in batch}
        is_known = all(entry.endpoint.best in AT_ONCE for entry in batch)
        if not is_known or len(questions) < len(batch) or not answered.isdisjoint(questions):
            return number
        answered |= questions
    return len(batches)


@dataclass
class Races:
    """The races of the batches so far, to find one that has two days, or two races with one id."""

    _days: dict[Endpoint, dict[str, date]] = field(default_factory=dict)
    _horses: dict[str, str] = field(default_factory=dict)
    """Of those that one endpoint has named: the other is still to come."""

    def are_unlike(self, days: DaysRead) -> bool:
        """Take the races of a batch; return whether one needs what has been loaded before it."""
        if any(answer.error and not answer.pages for answer in days.answers):
            return True
        own = self._days.setdefault(days.endpoint, {})
        others = [said for endpoint, said in self._days.items() if endpoint is not days.endpoint]
        for day, read in days.days.items():
            for race, identity in zip(read.races, read.identities, strict=True):
                if identity.day is None or race in own:
                    return True
                own[race] = day
                if any(race in said for said in others):
                    horses = frozenset(filter(None, self._horses.pop(race).split(BETWEEN)))
                    day_of_other = next(said[race] for said in others if race in said)
                    stored = RaceIdentity(day_of_other, identity.course, horses)
                    if day_of_other != identity.day or identity.is_another(stored):
                        return True
                else:
                    self._horses[race] = BETWEEN.join(identity.horses)
        return False
