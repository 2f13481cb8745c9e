"""The modes: from arguments and coverage to a plan of what to fetch.

A mode is one function here, one entry in MODES, and a name in Mode of the command line, which is
separate so that --help need not wait for dlt; a test keeps the two consistent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from pipelines.api.access import UNKNOWN, Access
from pipelines.api.endpoints import COURSES, DATED, HORSE_PRO, PRICES, RACECARDS, RESULTS, Endpoint
from pipelines.errors import UsageError
from pipelines.plan.coverage import Coverage, Days, days_between
from pipelines.plan.horses import Waiting
from pipelines.settings import Settings
from pipelines.tables import (
    API_TABLES,
    HORSE_PROFILES,
    PRICE_HISTORY,
    Table,
    tables_from,
    with_models,
)

SAMPLE_DAYS: Final = 2
SAMPLE_HORSES: Final = 5

CoverageOf = Callable[[Endpoint], Coverage]
Window = tuple[date, date]


@dataclass(frozen=True)
class Options:
    """The user's options; no tables means all of them."""

    mode: str
    today: date
    tables: frozenset[Table] = frozenset()
    start: date | None = None
    end: date | None = None
    days_back: int | None = None
    test: bool = False
    max_horses: int | None = None
    prices: int = 0
    """Price histories at most."""
    keep: bool = False
    """Whether a manual run declares its days, and those after them, wanted."""

    @property
    def declares(self) -> bool:
        """Return whether daily runs must keep these days complete from now on."""
        is_of_some_days = self.mode in ("manual", "raceday") and not self.keep
        return not (is_of_some_days or self.test or self.tables)

    @property
    def written(self) -> frozenset[Table]:
        """The tables this run writes: the chosen ones, their sources, and models made from them."""
        return with_models(self.tables) or frozenset(API_TABLES)

    def wants(self, endpoint: Endpoint) -> bool:
        """Return whether this endpoint fills a table that this run writes."""
        return any(table in self.written for table in tables_from(endpoint))

    @property
    def wants_profiles(self) -> bool:
        """Return whether this run writes the tables that profiles fill."""
        return HORSE_PROFILES in self.written


@dataclass
class Plan:
    """What a run will request, in this order, newest days first."""

    options: Options
    reference: bool = False
    chunks: dict[Endpoint, list[Days]] = field(default_factory=dict)
    windows: dict[Endpoint, Window] = field(default_factory=dict)
    horses: int | None = 0
    """Profiles at most; None for all that are missing."""
    prices: int = 0
    """Price histories at most."""
    prices_waiting: int | None = None
    """Runners queued for theirs; None if that is not known."""
    notes: list[str] = field(default_factory=list)
    """What is not available, or already done: worth knowing, but not a failure."""
    access: Access = UNKNOWN
    """What the key includes."""
    waiting: Waiting | None = None
    """The horses queued for their profile; None if the plan has no profiles."""
    wanted: dict[str, date] = field(default_factory=dict)
    """For each endpoint the first day that is to be kept complete from now on."""
    not_in_plan: dict[Endpoint, Days] = field(default_factory=dict)
    """Days that are wanted, that the key does not include, and that are not noted yet."""

    def days(self, endpoint: Endpoint) -> int:
        """Number of days to request from this endpoint."""
        return sum(map(len, self.chunks.get(endpoint, [])))


def make_plan(
    options: Options, settings: Settings, coverage: CoverageOf, access: Access = UNKNOWN
) -> Plan:
    """Return the plan of a mode, limited to what the key includes, and to a sample for a test."""
    plan = Plan(options, options.wants(COURSES), access=access)
    MODES[options.mode](plan, settings, coverage)
    if options.wants_profiles and not access.editions(HORSE_PRO):
        plan.horses = 0
    plan.prices = options.prices if access.editions(PRICES) else 0
    if plan.prices < options.prices:
        plan.notes.append(f"your plan includes no {PRICES.title} (the {PRICES.plan} plan)")
    if options.tables:
        plan.notes.append(_left_out(options))
    if access.lacks:
        plan.notes.insert(0, str(access))
    return _sample(plan) if options.test else plan


# The modes


def backfill(plan: Plan, settings: Settings, coverage: CoverageOf) -> None:
    """Everything from the first day to today that is not complete, the newest month first."""
    options = plan.options
    start = options.start or settings.first_day
    end = options.end or options.today
    for endpoint in _dated(options):
        known = coverage(endpoint)
        days = _available(plan, known, endpoint, start, end)
        _note_beyond_plan(plan, endpoint, known.beyond_plan(days))
        unsettled = known.unsettled(days)
        if len(unsettled) < len(days):
            plan.notes.append(
                f"{endpoint.name}: {len(days) - len(unsettled)} days are already done"
            )
        plan.chunks[endpoint] = months(unsettled)
    plan.horses = _profiles(options, None)


def daily(plan: Plan, settings: Settings, coverage: CoverageOf) -> None:
    """What changes from day to day, and the gaps that earlier runs have left."""
    options = plan.options
    for endpoint in _dated(options):
        window, known = daily_window(endpoint, options, settings), coverage(endpoint)
        days = _available(plan, known, endpoint, *window)
        gaps = known.gaps_before(days[0]) if days else []
        plan.chunks[endpoint] = [days[::-1], *months(gaps)]
    plan.horses = _profiles(options, settings.horses_per_day)


def manual(plan: Plan, settings: Settings, coverage: CoverageOf) -> None:
    """The chosen tables and days, whatever coverage says about them."""
    options = plan.options
    for endpoint in _dated(options):
        window = _asked_window(options) or daily_window(endpoint, options, settings)
        plan.chunks[endpoint] = months(_available(plan, coverage(endpoint), endpoint, *window))
    plan.horses = _profiles(options, settings.horses_per_day)


def raceday(plan: Plan, settings: Settings, coverage: CoverageOf) -> None:
    """One round of a race day: the cards of today and tomorrow, and today's results."""
    today = plan.options.today
    plan.reference = False
    for endpoint, ahead in ((RACECARDS, 1), (RESULTS, 0)):
        last = today + timedelta(days=ahead)
        plan.chunks[endpoint] = [_available(plan, coverage(endpoint), endpoint, today, last)]
    plan.notes.append(f"one round of many: every {settings.raceday_minutes:g} minutes")


MODES: Final = {"backfill": backfill, "daily": daily, "manual": manual, "raceday": raceday}


# What they share


def daily_window(endpoint: Endpoint, options: Options, settings: Settings) -> Window:
    """Days a daily run fetches: cards change until the off, and ratings arrive late."""
    if endpoint is RACECARDS:
        back, ahead = settings.racecards_days_back, settings.racecards_days_ahead
    else:
        back, ahead = settings.results_days_back, 0
    if options.days_back is not None:
        back = options.days_back
    return options.today - timedelta(days=back), options.today + timedelta(days=ahead)


def months(days: Iterable[date]) -> list[Days]:
    """Split days into calendar months, newest month first, newest day first."""
    newest_first = sorted(days, reverse=True)
    return [list(chunk) for _, chunk in groupby(newest_first, lambda day: (day.year, day.month))]


def _left_out(options: Options) -> str:
    named = ", ".join(sorted(map(str, options.written)))
    others = len(API_TABLES) - len(options.written)
    return (
        f"only {named}: the other {others} tables stay as they are, and a day of which tables are "
        "left out does not count as loaded"
    )


def _dated(options: Options) -> list[Endpoint]:
    """The dated endpoints to request, cards first."""
    return [endpoint for endpoint in DATED if options.wants(endpoint)]


def _asked_window(options: Options) -> Window | None:
    if options.days_back is not None:
        return options.today - timedelta(days=options.days_back), options.today
    if options.start or options.end:
        end = options.end or max(options.today, options.start or options.today)
        return options.start or end, end
    return None


def _available(plan: Plan, coverage: Coverage, endpoint: Endpoint, start: date, end: date) -> Days:
    """Days of a window that the API can have and the key includes; notes which are not."""
    first = max(start, endpoint.first_day or start)
    last = min(end, plan.options.today + timedelta(days=endpoint.days_ahead))
    if start < first:
        plan.notes.append(f"{endpoint.name}: the API has none before {endpoint.first_day}")
    if last < end and endpoint is RACECARDS:
        plan.notes.append(f"{endpoint.name}: the API has none after {last}")
    wanted = days_between(first, last)
    if wanted and plan.options.declares:
        plan.wanted[endpoint.name] = first
    plan.not_in_plan[endpoint] = coverage.not_in_plan(wanted)
    days = [day for day in wanted if coverage.reach.has(day)]
    if days or not wanted:
        plan.windows[endpoint] = (days[0], days[-1]) if days else (first, last)
    return days


def _note_beyond_plan(plan: Plan, endpoint: Endpoint, days: Days) -> None:
    if days:
        span = f"{len(days)} days, {min(days)} to {max(days)}"
        plan.notes.append(
            f"{endpoint.name}: {span}: your plan does not go back that far "
            "(only --mode manual requests them again)"
        )


def _profiles(options: Options, usual: int | None) -> int | None:
    if not options.wants_profiles:
        return 0
    return usual if options.max_horses is None else options.max_horses


def _sample(plan: Plan) -> Plan:
    """Limit a plan to the newest days that are over, and a few horses."""
    for endpoint, chunks in plan.chunks.items():
        days = sorted((day for chunk in chunks for day in chunk), reverse=True)
        past = [day for day in days if day <= plan.options.today] or days
        plan.chunks[endpoint] = [past[:SAMPLE_DAYS]] if past else []
    plan.horses = SAMPLE_HORSES if plan.horses is None else min(plan.horses, SAMPLE_HORSES)
    plan.prices = min(plan.prices, SAMPLE_HORSES)
    plan.notes.append(f"test run: at most {SAMPLE_DAYS} days and {SAMPLE_HORSES} horses")
    return plan


def check(options: Options) -> None:
    """Refuse options that contradict each other; raises UsageError."""
    start, end = options.start, options.end
    if start and end and start > end:
        raise UsageError(f"--start-date {start} is after --end-date {end}.")
    if options.days_back is not None and (start or end):
        raise UsageError("Use either --days-back or --start-date and --end-date, not both.")
    if options.mode == "daily" and (start or end):
        raise UsageError("A daily run has fixed dates; use --mode manual to choose them.")
    if options.keep and (options.mode != "manual" or options.tables or not _asked_window(options)):
        raise UsageError("--keep goes with --mode manual and dates, for all tables.")
    if options.mode == "raceday" and (
        options.tables
        or start
        or end
        or options.days_back is not None
        or options.max_horses
        or options.prices
    ):
        raise UsageError("A race day is today, with all tables: it takes --from and --test only.")
    if options.prices and not options.wants(PRICES):
        raise UsageError(f"--prices fills {PRICE_HISTORY}: name it with --table as well.")
    if options.written.issubset(tables_from(PRICES)) and not options.prices:
        raise UsageError(f"--table {PRICE_HISTORY} needs --prices: for how many runners at most.")
    if options.mode == "backfill" and options.days_back is not None:
        raise UsageError("A backfill takes --start-date and --end-date, not --days-back.")
    if options.mode == "backfill" and (end or options.today) > options.today:
        raise UsageError(
            "A backfill ends today at the latest; --mode daily fetches the days ahead."
        )
    if start and start > options.today + timedelta(days=RACECARDS.days_ahead):
        raise UsageError(
            f"--start-date {start}: the API only has {RACECARDS.days_ahead} days ahead."
        )
    if options.mode == "manual" and not (
        options.tables or start or end or options.days_back is not None
    ):
        raise UsageError("A manual run needs --table or dates (--start-date, --days-back).")
