"""What the database knows of the races in hand, as far as it decides what a response may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class RaceIdentity:
    """What tells a race from another one to which the API gives the same id."""

    day: date | None
    course: str | None
    horses: frozenset[str]

    def is_another(self, other: RaceIdentity) -> bool:
        """Tell whether the two are different races.

        A race keeps most of its runners when its card changes, or when it moves to another day or
        course.
        """
        if self.horses and other.horses:
            common = len(self.horses & other.horses)
            return 2 * common < min(len(self.horses), len(other.horses))
        return _differ(self.day, other.day) and _differ(self.course, other.course)


def _differ(one: object, other: object) -> bool:
    return None not in (one, other) and one != other


@dataclass(frozen=True)
class StoredRace(RaceIdentity):
    """A race as the tables have it."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the other endpoint says of it, as far as that is compared."""
    days: frozenset[date] = frozenset()
    """Its days by its card and by its result."""


@dataclass(frozen=True)
class Known:
    """Facts about the races of a chunk, fetched from the database before it is loaded."""

    stored: Mapping[str, StoredRace] = field(default_factory=dict)
    carded_days: frozenset[date] = frozenset()
    """Days whose cards are loaded, except those that the chunk reads again: empty for results."""
