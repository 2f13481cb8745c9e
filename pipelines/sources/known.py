"""What the database knows of the races in hand, as far as it decides what an answer may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Known:
    """Facts about the races and the days of a chunk, asked for before it is read."""

    over: frozenset[date] = frozenset()
    """Days whose results are complete."""
    ran: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each race with a result the horses that it names."""
    carded: Mapping[str, date] = field(default_factory=dict)
    """For each race the latest day whose card it is on, those aside that the chunk reads anew."""

    def has_run(self, race_id: object, horse_id: object, day: object) -> bool | None:
        """Tell whether a horse ran, or None as long as nobody can know.

        sql/after_load.sql says the same of the rows that are there before their result.
        """
        if race_id in self.ran:
            return horse_id in self.ran[str(race_id)]
        return False if day in self.over else None
