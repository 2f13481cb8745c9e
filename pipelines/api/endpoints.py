"""The endpoints of The Racing API, one row each: what is requested, how, and what comes back.

Code that fetches, archives, rebuilds or loads uses the row, and knows no single endpoint.

Figures and shapes come from the vendor's OpenAPI description, version 1.4.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum, IntEnum
from typing import Final
from urllib.parse import quote

BETWEEN_IDS: Final = "."
"""Joins ids to that of a record which two identify; it is in no id."""


class VendorPlan(IntEnum):
    """The vendor's plans; each includes all the ones before it."""

    FREE = 1
    BASIC = 2
    STANDARD = 3
    PRO = 4

    def __str__(self) -> str:
        return self.name.capitalize()


class Asks(IntEnum):
    """How a request names the day."""

    DATE = 1
    """Any day, by its date."""
    RANGE = 2
    """A range of one day."""
    NEAR_DAY = 3
    """The word today or tomorrow."""
    NOTHING = 4
    """Nothing: it is always today."""


class RequestedBy(Enum):
    """What a request for an endpoint names, which decides what its responses are about."""

    NOTHING = "nothing: the response is the whole list, of the configured regions"
    DAY = "a UK day: the response is that day's list, in pages"
    ID = "the id of a record: the response is that record"


@dataclass(frozen=True)
class Endpoint:
    """One path of the API, and everything specific to it."""

    name: str
    path: str
    title: str
    """What it has, as the user is told."""
    requested_by: RequestedBy
    records: str
    """Key of the list of records in a response; empty where the response is the record."""
    ceiling: float
    """The vendor's own limit, calls a second."""
    plan: VendorPlan = VendorPlan.FREE
    """The lowest plan that includes it."""
    asks: Asks = Asks.NOTHING
    region_parameter: str = ""
    page_limit: int | None = None
    """Largest `limit` the vendor takes; None where there is no paging."""
    highest_skip: int = 0
    """Largest `skip` the vendor takes: records beyond it cannot be requested."""
    most_records: int = 500
    """Records that one page may have, whatever was requested: the vendor's highest `limit`."""
    levels: tuple[tuple[str, tuple[str, ...]], ...] = (("", ("id",)),)
    """Lists of records inside a record, outermost first, each with the fields that identify it.

    A response without its list, or a record by itself without its identity, is not usable."""
    good_for: timedelta = timedelta()
    """Age up to which a saved response that no database has is as good as a new one."""
    first_day: date | None = None
    days_ahead: int = 0
    dropped: tuple[tuple[str, str], ...] = ()
    """Fields deliberately left out, each with the reason."""
    not_texts: tuple[tuple[str, type], ...] = ()
    """Fields of a record that are no text, and not a list of objects: bool, or list for texts."""

    not_in_free: frozenset[str] = frozenset()
    """Fields that the vendor's free edition has none of: where all are absent, none is missing."""
    lacks: str = ""
    """What a lower edition does not have, as the user is told."""

    def __reduce__(self) -> tuple[Callable[[str], Endpoint], tuple[str]]:
        """Stay the same object when sent to another process."""
        return endpoint_named, (self.name,)

    def days(self, today: date) -> tuple[date, date]:
        """Return the first and the last day that the API can have, whatever the plan."""
        first = self.first_day or (today if self.asks >= Asks.NEAR_DAY else date.min)
        return first, today + timedelta(days=self.days_ahead)

    @property
    def best(self) -> Endpoint:
        """The edition with the most data, whose tables this one fills as well."""
        return next((best for best, editions in EDITIONS.items() if self in editions), self)

    @property
    def identity(self) -> tuple[str, ...]:
        """Fields that identify a record together."""
        return self.levels[0][1]

    def path_of(self, record_id: str) -> str:
        """Return the path of the record with an id."""
        parts = (quote(part, safe="") for part in record_id.split(BETWEEN_IDS))
        return self.path.format(**dict(zip(self.identity, parts, strict=True)))

    @property
    def root(self) -> str:
        """Prefix of every field in the documents, such as racecards[]."""
        return f"{self.records}[]." if self.records else ""


_ENVELOPE = tuple(
    (field, "paging envelope: checked against what was asked and received, then discarded")
    for field in ("total", "limit", "skip", "query")
)

COURSES: Final = Endpoint(
    name="courses",
    path="/v1/courses",
    title="courses",
    requested_by=RequestedBy.NOTHING,
    records="courses",
    ceiling=1,
    region_parameter="region_codes",
    most_records=5000,
    dropped=(("total", "envelope: checked against the rows received, then discarded"),),
)
RACECARDS: Final = Endpoint(
    name="racecards",
    path="/v1/racecards/pro",
    title="racecards",
    requested_by=RequestedBy.DAY,
    records="racecards",
    ceiling=2,
    plan=VendorPlan.PRO,
    asks=Asks.DATE,
    region_parameter="region_codes",
    page_limit=500,
    highest_skip=500,
    levels=(("", ("race_id",)), ("runners", ("horse_id",))),
    good_for=timedelta(hours=1),
    first_day=date(2023, 1, 23),
    days_ahead=7,
    not_in_free=frozenset({"course_id", "distance", "is_abandoned", "stalls", "weather"}),
    dropped=(
        *_ENVELOPE,
        (
            "racecards[].runners[].odds[].history",
            "never filled; the price history has an endpoint of its own, one call per runner",
        ),
        ("racecards[].runners[].quotes[].horse", "repeats the runner's horse name"),
    ),
    not_texts=(
        ("big_race", bool),
        ("is_abandoned", bool),
        ("runners.past_results_flags", list),
        ("runners.odds.history", list),
    ),
)
RESULTS: Final = Endpoint(
    name="results",
    path="/v1/results",
    title="results",
    requested_by=RequestedBy.DAY,
    records="results",
    ceiling=5,
    plan=VendorPlan.STANDARD,
    asks=Asks.RANGE,
    region_parameter="region",
    page_limit=100,
    highest_skip=20000,
    levels=(("", ("race_id",)), ("runners", ("horse_id",))),
    good_for=timedelta(hours=1),
    first_day=date(1988, 1, 1),
    not_in_free=frozenset({"course_id", "dist", "dist_y", "tote_win", "winning_time_detail"}),
    dropped=_ENVELOPE,
)
HORSE_PRO: Final = Endpoint(
    name="horse_pro",
    path="/v1/horses/{id}/pro",
    title="horse profiles",
    requested_by=RequestedBy.ID,
    records="",
    ceiling=5,
    plan=VendorPlan.PRO,
    good_for=timedelta(days=30),
)
HORSE_STANDARD: Final = replace(
    HORSE_PRO,
    name="horse_standard",
    path="/v1/horses/{id}/standard",
    plan=VendorPlan.STANDARD,
    lacks="dates of birth, sexes, colours and breeders",
)
PRICES: Final = Endpoint(
    name="prices",
    path="/v1/odds/{race_id}/{horse_id}",
    title="price histories",
    requested_by=RequestedBy.ID,
    records="",
    ceiling=5,
    plan=VendorPlan.PRO,
    levels=(("", ("race_id", "horse_id")),),
    good_for=timedelta(days=30),
    first_day=date(2025, 3, 17),
    dropped=(
        ("horse", "repeats the runner's horse name"),
        *(
            (f"odds[].{field}", "the latest price, which ra_runner_odds has from the racecard")
            for field in ("fractional", "decimal", "ew_places", "ew_denom", "updated")
        ),
    ),
)


def _edition(
    of: Endpoint,
    last: str,
    ceiling: float,
    plan: VendorPlan,
    asks: Asks,
    lacks: str,
) -> Endpoint:
    path = f"/v1/{of.records}/{last}"
    name = f"{of.name}_{last.replace('/', '_')}"
    return replace(
        of,
        name=name,
        path=path,
        ceiling=ceiling,
        plan=plan,
        asks=asks,
        first_day=None,
        days_ahead=1 if asks is Asks.NEAR_DAY else 0,
        lacks=lacks,
    )


_OTHER_DAYS: Final = "days other than today and tomorrow"
_NOT_TODAY: Final = "days other than the current one"

EDITIONS: Final = {
    RACECARDS: (
        RACECARDS,
        _edition(RACECARDS, "standard", 2, VendorPlan.STANDARD, Asks.NEAR_DAY, _OTHER_DAYS),
        _edition(
            RACECARDS, "basic", 2, VendorPlan.BASIC, Asks.NEAR_DAY, f"{_OTHER_DAYS}, odds and tips"
        ),
        _edition(
            RACECARDS,
            "free",
            1,
            VendorPlan.FREE,
            Asks.NEAR_DAY,
            f"{_OTHER_DAYS}, odds, tips, comments and statistics",
        ),
    ),
    RESULTS: (
        RESULTS,
        _edition(
            RESULTS, "today", 5, VendorPlan.BASIC, Asks.NOTHING, f"{_NOT_TODAY} and Betfair prices"
        ),
        _edition(
            RESULTS,
            "today/free",
            1,
            VendorPlan.FREE,
            Asks.NOTHING,
            f"{_NOT_TODAY}, prices, distances and ratings",
        ),
    ),
    HORSE_PRO: (HORSE_PRO, HORSE_STANDARD),
}
"""Editions of the same data, the one with the most first: lower ones have fewer days and fields.

Their responses are parsed, stored and archived as those of the first."""

PLAN_DAYS: Final = 365
"""Days of results that every plan has; only days before may be empty because of the plan."""
SURE_DAYS: Final = PLAN_DAYS - 7
"""Days that cannot be refused because of the plan, however the vendor counts a year."""
HISTORY_DAYS: Final = PLAN_DAYS + 7
"""A result older than this shows that the plan includes all, however a year is counted."""

ENDPOINTS: Final = {
    endpoint.name: endpoint
    for endpoint in (COURSES, RACECARDS, RESULTS, HORSE_PRO, HORSE_STANDARD, PRICES)
}


def requested_by(kind: RequestedBy) -> tuple[Endpoint, ...]:
    """Return the best edition of each endpoint that is requested this way."""
    endpoints = ENDPOINTS.values()
    return tuple(one for one in endpoints if one.requested_by is kind and one.best is one)


DATED: Final = requested_by(RequestedBy.DAY)
"""Those that are requested by day: cards before results, so that results find the races."""


PATHS: Final = ENDPOINTS | {
    edition.name: edition for editions in EDITIONS.values() for edition in editions
}
"""Every endpoint that is ever requested, by name."""


def endpoint_named(name: str) -> Endpoint:
    """Return the endpoint of a name."""
    return PATHS[name]
