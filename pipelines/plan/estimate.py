"""What a plan will fetch and how long it takes, estimated without making a call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import orjson

from pipelines.api.endpoints import (
    COURSES,
    HORSE_PRO,
    PLAN_DAYS,
    PRICES,
    RACECARDS,
    RESULTS,
    Asks,
    Endpoint,
)
from pipelines.plan.coverage import Days, days_between
from pipelines.plan.horses import Waiting
from pipelines.plan.modes import CoverageOf, Plan
from pipelines.settings import Settings


@dataclass(frozen=True)
class Ask:
    """The requests to one endpoint."""

    endpoint: str
    calls: int | None
    """None for as many profiles as there will be horses."""
    seconds: float
    """At the rate that the settings and the vendor allow for its path."""
    days: int | None = None
    first: date | None = None
    last: date | None = None
    known: dict[str, int] = field(default_factory=dict)
    """Days of the window by what coverage says of them."""
    older: int = 0
    """Days before the window among these: gaps that earlier runs have left."""
    oldest: date | None = None
    waiting: Waiting | None = None
    """The horses that wait for their profile."""
    told: str = ""
    """What is said of them."""

    def __str__(self) -> str:
        if self.endpoint == COURSES.name:
            return "1 list"
        if self.endpoint == PRICES.name:
            return self.told
        if self.days is None:
            most = "every missing profile" if self.calls is None else f"up to {self.calls} profiles"
            return f"{most}; {self.told}" if self.told else most
        inside = self.days - self.older
        text = f"{self.first} to {self.last}: {inside} {'day' if inside == 1 else 'days'} to fetch"
        known = ", ".join(f"{count} {status}" for status, count in self.known.items())
        text += f" ({known.replace('_', ' ')})" if known else ""
        older = f"; and {self.older} older {'day' if self.older == 1 else 'days'} that are missing"
        return f"{text}{older}, since {self.oldest}" if self.older else text


@dataclass(frozen=True)
class Forecast:
    """A plan as the user sees it, whether or not it is carried out."""

    mode: str
    today: date
    destination: str
    place: str
    """Which database that is, in words."""
    asks: list[Ask]
    notes: list[str]
    seconds: int
    """How long the calls take at the allowed rate."""

    @property
    def calls(self) -> int:
        """Calls that will certainly be made: without retries, and further pages of unknown days."""
        return sum(ask.calls or 0 for ask in self.asks)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.mode} run of {self.today} (UK) into {self.destination}, {self.place}"
        for ask in self.asks:
            yield f"  {ask.endpoint:10} {ask}"
        more = ", plus one call per horse" if any(ask.calls is None for ask in self.asks) else ""
        yield f"  at least {self.calls:,} calls, about {_duration(self.seconds)}{more}"
        for note in self.notes:
            yield f"  note: {note}"

    def as_json(self) -> bytes:
        """Return it as JSON, with the sums."""
        told = {"calls": self.calls} | orjson.loads(orjson.dumps(self))
        return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def forecast(
    plan: Plan, settings: Settings, coverage: CoverageOf, destination: str, place: str
) -> Forecast:
    """Estimate what a plan costs."""
    asks = [_ask(COURSES.name, COURSES, 1, settings)] if plan.reference else []
    profiles = plan.access.edition(HORSE_PRO) or HORSE_PRO
    dated = [_dated(plan, endpoint, settings, coverage) for endpoint in plan.windows]
    asks += dated
    notes = [*plan.notes, *_limits(plan, coverage)]
    told = _queue_in_words(plan.waiting, _rate(profiles, settings), settings)
    if plan.horses != 0:
        ask = _ask("horses", profiles, plan.horses, settings)
        asks.append(replace(ask, waiting=plan.waiting, told=told))
    elif told:
        notes.append(f"horses left for later: {told}")
    if plan.prices:
        waiting = plan.prices_waiting
        calls = plan.prices if waiting is None else min(plan.prices, waiting)
        told = f"up to {plan.prices:,} {PRICES.title}"
        told += "" if waiting is None else f"; {waiting:,} runners wait for theirs"
        asks.append(replace(_ask(PRICES.name, PRICES, calls, settings), told=told))
    seconds = _side_by_side(dated, settings) + sum(a.seconds for a in asks if a not in dated)
    return Forecast(
        plan.options.mode, plan.options.today, destination, place, asks, notes, round(seconds)
    )


def _side_by_side(asks: Sequence[Ask], settings: Settings) -> float:
    """Return how long requests take that are made side by side, each at its own limit."""
    together = sum(ask.calls or 0 for ask in asks) / settings.requests_per_second
    return max([together, *(ask.seconds for ask in asks)])


def _ask(name: str, endpoint: Endpoint, calls: int | None, settings: Settings) -> Ask:
    return Ask(name, calls, _seconds(endpoint, calls or 0, settings))


def _dated(plan: Plan, endpoint: Endpoint, settings: Settings, coverage: CoverageOf) -> Ask:
    first, last = plan.windows[endpoint]
    days = [day for chunk in plan.chunks.get(endpoint, []) for day in chunk]
    calls = _calls(endpoint, days, settings, coverage)
    known = coverage(endpoint).statuses
    counted = Counter(str(known[day]) for day in days_between(first, last) if day in known)
    seconds = _seconds(plan.access.edition(endpoint) or endpoint, calls, settings)
    older = [day for day in days if day < first]
    return Ask(
        endpoint.name,
        calls,
        seconds,
        len(days),
        first,
        last,
        dict(counted),
        len(older),
        min(older, default=None),
    )


def _calls(endpoint: Endpoint, days: Days, settings: Settings, coverage: CoverageOf) -> int:
    """One call per day, and one for each further page of a day whose number of races is known."""
    limit = settings.results_page_size if endpoint is RESULTS else endpoint.page_limit or 1
    totals = coverage(endpoint).totals
    return sum(1 + totals.get(day, 0) // limit for day in days)


def _seconds(endpoint: Endpoint, calls: int, settings: Settings) -> float:
    return calls / _rate(endpoint, settings)


def _rate(endpoint: Endpoint, settings: Settings) -> float:
    rate = settings.requests_per_second
    return min(rate, endpoint.ceiling) if settings.path_limits else rate


def _duration(seconds: int) -> str:
    """Say how long something takes, in words."""
    if seconds < 100:
        return f"{seconds} seconds" if seconds != 1 else "1 second"
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 100 else f"{minutes / 60:,.1f} hours"


def _queue_in_words(waiting: Waiting | None, rate: float, settings: Settings) -> str:
    """Say what the queued profiles would add; empty if none is queued."""
    if waiting is None or not waiting.total:
        return ""
    return waiting.told(rate, leaves_out_complete=not settings.profiles_for_colour_codes)


def _limits(plan: Plan, coverage: CoverageOf) -> Iterator[str]:
    """Say which parts of this plan are not available, or only at extra cost."""
    edition = plan.access.edition(RESULTS)
    if edition and edition.asks is Asks.NOTHING and plan.days(RESULTS):
        yield (
            "results: only for the current day, as they come in; a run after the last race gets "
            "all of them, one in the early morning gets none"
        )
    days = [day for chunk in plan.chunks.get(RESULTS, []) for day in chunk]
    reach = plan.options.today - timedelta(days=PLAN_DAYS)
    older = [day for day in days if day < reach and day not in coverage(RESULTS).statuses]
    if older:
        yield (
            f"results: {len(older)} days before {reach} need the vendor's add-on; the pipeline "
            "finds out how far back your plan reaches"
        )
    ahead = plan.windows.get(RACECARDS, (None, reach))[1]
    if ahead > plan.options.today + timedelta(days=2) and plan.days(RACECARDS):
        yield "cards more than two days ahead are early entries: no jockeys or draws yet"
