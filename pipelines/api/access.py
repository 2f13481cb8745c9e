"""What a key of the API includes: the vendor's plan, how far back it reaches, the results add-on.

A key check finds out (pipelines/plan/keycheck.py), unless the settings name the plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from pipelines.api.endpoints import (
    EDITIONS,
    Endpoint,
    VendorPlan,
)
from pipelines.text import plain

ADD_ON: Final = "results add-on"
"""What ra_access calls the vendor's add-on for results before the last 365 days."""
VALID_FOR: Final = timedelta(days=7)
"""How long the result of a key check is used."""


class Reach(NamedTuple):
    """The days that can be requested, first and last; none where the first is after the last."""

    first: date = date.min
    last: date = date.max

    def has(self, day: date) -> bool:
        """Return whether a day is one of them."""
        return self.first <= day <= self.last

    def has_past(self, today: date) -> bool:
        """Return whether days that are over can be requested."""
        return self.first < today <= self.last + timedelta(days=1)


EVERY_DAY: Final = Reach()
NO_DAY: Final = Reach(date.max, date.min)


@dataclass(frozen=True)
class Access:
    """What a key includes."""

    plan: VendorPlan = VendorPlan.PRO
    refused: Mapping[str, str] = field(default_factory=dict)
    """Paths that the API refuses, each with its words."""
    has_history: bool | None = None
    """Whether results before the last 365 days are included; None if unknown."""
    checked_at: datetime | None = None
    """None if the key has not been checked yet."""
    since: Mapping[str, datetime] = field(default_factory=dict)
    """When paths that were not included before were found to be so."""

    def includes(self, endpoint: Endpoint) -> bool:
        """Return whether the key includes an endpoint."""
        return endpoint.plan <= self.plan and endpoint.path not in self.refused

    def editions(self, endpoint: Endpoint) -> list[Endpoint]:
        """Return what can be requested for an endpoint, the one with most first."""
        return [one for one in EDITIONS.get(endpoint, (endpoint,)) if self.includes(one)]

    def edition(self, endpoint: Endpoint) -> Endpoint | None:
        """Return the best that can be requested for an endpoint; None if there is none."""
        return next(iter(self.editions(endpoint)), None)

    def reach(self, endpoint: Endpoint, today: date) -> Reach:
        """Return the days of an endpoint that can be requested."""
        edition = self.edition(endpoint)
        return Reach(*edition.days(today)) if edition else NO_DAY

    @property
    def lacks(self) -> list[str]:
        """What is not included, and which plan has it."""
        return [*self._lacks()]

    def _lacks(self) -> Iterator[str]:
        for best, editions in EDITIONS.items():
            edition = self.edition(best)
            if edition is None:
                lowest = min(one.plan for one in editions)
                yield f"no {best.title} (the {lowest} plan)"
            elif edition is not best:
                yield f"{best.title} without {edition.lacks} (the {best.plan} plan)"

    @property
    def refusals(self) -> str:
        """The API's own words for what it refuses, each once; empty where it refuses nothing."""
        words = "; ".join(dict.fromkeys(filter(None, map(plain, self.refused.values()))))
        return f". The API says: {words}" if words else ""

    @property
    def name(self) -> str:
        """The plan, and the add-on if it is known to be there."""
        return f"{self.plan}{' with the results add-on' if self.has_history else ''}"

    def __str__(self) -> str:
        """Say in one sentence what the plan is and what it lacks."""
        checked = f" (checked {self.checked_at:%Y-%m-%d})" if self.checked_at else ""
        lacks = f": {'; '.join(self.lacks)}" if self.lacks else ""
        return f"your plan is {self.name}{checked}{lacks}{self.refusals}"

    def is_current(self, now: datetime) -> bool:
        """Return whether it is recent enough to be used without a check."""
        return self.checked_at is not None and timedelta() <= now - self.checked_at < VALID_FOR

    def is_like(self, other: Access) -> bool:
        """Return whether both include the same, whenever they were checked."""
        mine, theirs = (
            (one.plan, one.refused.keys(), bool(one.has_history)) for one in (self, other)
        )
        return mine == theirs


UNKNOWN: Final = Access()
"""Before the first key check: everything is requested."""
