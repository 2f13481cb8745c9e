"""What a key of the API includes: the vendor's plan, how far back it reaches, the results add-on.

It is found out by asking (pipelines/keycheck.py), or said in the settings, and kept in ra_access.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from pipelines.endpoints import (
    EDITIONS,
    HORSE_PRO,
    RACECARDS,
    RESULTS,
    Endpoint,
    VendorPlan,
)
from pipelines.plain import plain
from pipelines.tables import ACCESS

if TYPE_CHECKING:
    from pipelines.coverage import Queried

ADD_ON: Final = "results add-on"
"""What ra_access calls the vendor's add-on for results before the last 365 days."""
VALID_FOR: Final = timedelta(days=7)
"""How long what was found out holds."""


class Reach(NamedTuple):
    """The days that can be requested, first and last; none where the first is after the last."""

    first: date = date.min
    last: date = date.max

    def has(self, day: date) -> bool:
        """Tell whether a day is one of them."""
        return self.first <= day <= self.last

    def has_past(self, today: date) -> bool:
        """Tell whether days that are over can be requested."""
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
    """Whether results before the last 365 days are included; None where nobody has asked."""
    checked_at: datetime | None = None
    """None where nothing has been found out yet."""
    since: Mapping[str, datetime] = field(default_factory=dict)
    """When paths that were not included before were found to be so."""

    def includes(self, endpoint: Endpoint) -> bool:
        """Tell whether an endpoint answers this key."""
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
        for endpoint, name in NAMES.items():
            best, edition = EDITIONS[endpoint][0], self.edition(endpoint)
            if edition is None:
                lowest = min(one.plan for one in EDITIONS[endpoint])
                yield f"no {name} (the {lowest} plan)"
            elif edition is not best:
                yield f"{name} without {LACKS[edition.name]} (the {best.plan} plan)"

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
        """Tell whether it need not be asked again."""
        return self.checked_at is not None and timedelta() <= now - self.checked_at < VALID_FOR

    def is_like(self, other: Access) -> bool:
        """Tell whether both include the same, whenever that was found out."""
        mine, theirs = (
            (one.plan, one.refused.keys(), bool(one.has_history)) for one in (self, other)
        )
        return mine == theirs


NAMES: Final = {RACECARDS: "racecards", RESULTS: "results", HORSE_PRO: "horse profiles"}
LACKS: Final = {
    "racecards_standard": "days other than today and tomorrow",
    "racecards_basic": "days other than today and tomorrow, odds and tips",
    "racecards_free": "days other than today and tomorrow, odds, tips, comments and statistics",
    "results_today": "days other than the current one and Betfair prices",
    "results_today_free": "days other than the current one, prices, distances and ratings",
    "horse_standard": "dates of birth, sexes, colours and breeders",
}
"""What each lower edition does not have."""

UNKNOWN: Final = Access()
"""Before anything has been found out: everything is requested."""


def stored_access(database: Queried) -> Access:
    """Return what was found out last; raises DestinationError."""
    columns = "path, is_included, plan, said, checked_at, included_since"
    rows = database.rows(f"SELECT {columns} FROM {ACCESS}")
    endpoints = {one.path: one for editions in EDITIONS.values() for one in editions}
    included = {path for path, is_included, *_ in rows if is_included}
    plans = [endpoints[path].plan for path in included & endpoints.keys()]
    if not plans:
        return UNKNOWN
    return Access(
        plan=max(plans),
        refused={
            path: said or ""
            for path, is_included, _, said, *_ in rows
            if not is_included and path in endpoints
        },
        has_history={path: bool(is_included) for path, is_included, *_ in rows}.get(ADD_ON),
        checked_at=min(checked_at for *_, checked_at, _ in rows),
        since={path: since for path, *_, since in rows if since},
    )


def store_access(database: Queried, access: Access, before: Access) -> None:
    """Store what the key includes, and request again whatever it did not include before.

    Raises DestinationError.
    """
    now = access.checked_at or datetime.now(UTC)
    rows: list[tuple[object, ...]] = []
    for endpoint in (one for editions in EDITIONS.values() for one in editions):
        is_included = access.includes(endpoint)
        is_gained = is_included and before.checked_at and not before.includes(endpoint)
        since = now if is_gained else before.since.get(endpoint.path)
        said = access.refused.get(endpoint.path) or None
        rows.append((endpoint.path, is_included, str(endpoint.plan), said, now, since))
    if access.has_history is not None:
        rows.append((ADD_ON, access.has_history, "add-on", None, now, None))
    places = ", ".join(["('', %s, %s, %s, %s, %s, %s)"] * len(rows))
    database.rows(f"DELETE FROM {ACCESS}")  # if it ends here, the next run asks again
    database.rows(
        f"INSERT INTO {ACCESS} "
        "(_dlt_load_id, path, is_included, plan, said, checked_at, included_since) "
        f"VALUES {places}",
        *(value for row in rows for value in row),
    )
    if access.has_history and not before.has_history:
        database.rows(
            "UPDATE ra_coverage SET status = 'failed', reason = %s "
            "WHERE endpoint = %s AND status = 'beyond_plan'",
            "beyond the previous plan; the plan now has the results add-on",
            RESULTS.name,
        )


def note_lost(database: Queried, endpoint: Endpoint, reach: Reach, plan: str) -> None:
    """Note failed days that the plan does not include any more, or never did, as such.

    Raises DestinationError.
    """
    database.rows(
        "UPDATE ra_coverage SET status = 'not_in_plan', reason = %s "
        "WHERE endpoint = %s AND status = 'failed' AND (date < %s OR date > %s)",
        f"the {plan} plan does not include it",
        endpoint.name,
        reach.first,
        reach.last,
    )


def note_not_in_plan(database: Queried, endpoint: Endpoint, days: list[date], plan: str) -> None:
    """Note the days that a plan does not include in ra_coverage, but those that are noted already.

    Raises DestinationError.
    """
    if not days:
        return
    listed = ", ".join(f"(DATE '{day}')" for day in days)
    database.rows(
        "INSERT INTO ra_coverage (_dlt_load_id, endpoint, date, status, reason, loaded_at) "
        f"SELECT '', %s, wanted.day, 'not_in_plan', %s, %s FROM (VALUES {listed}) AS wanted (day) "
        "WHERE wanted.day NOT IN (SELECT date FROM ra_coverage WHERE endpoint = %s)",
        endpoint.name,
        f"the {plan} plan does not include it",
        datetime.now(UTC),
        endpoint.name,
    )
