"""What a feature is made of: what is counted, for whom, over which period, of which runs.

A feature is one line, a call of `each`, `fact` or `stall`; its SQL, its type and its documentation
follow from that. The SQL is the part that DuckDB and Postgres have in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from string import Formatter
from typing import Final

INTEGER, REAL, BOOLEAN, TEXT = "integer", "real", "boolean", "text"

YEAR: Final = 365
CAREER: Final = 0
"""A period without a first day: everything that is loaded."""
LATE_DAYS: Final = 14
"""Days in which a late value of a result (BSP, RPR) may still arrive: these runs do not count, or a
feature of last month would know what nobody knew on the morning of the race."""


@dataclass(frozen=True)
class Who:
    """Whose runs are counted: those that have the same values in these columns."""

    name: str
    meaning: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Where:
    """Which of the runs: those that share these columns with today's race, or pass a test."""

    name: str
    meaning: str
    keys: tuple[str, ...] = ()
    test: str = ""


@dataclass(frozen=True)
class Measure:
    """What is made of the runs; names in braces are amounts of a run, added up."""

    name: str
    meaning: str
    type: str
    sql: str
    is_late: bool = False

    @property
    def amounts(self) -> tuple[str, ...]:
        """Amounts that it needs."""
        return tuple(name for _, name, _, _ in Formatter().parse(self.sql) if name)


@dataclass(frozen=True)
class Feature:
    """One column: its name, its type and what it means."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class Counted(Feature):
    """A measure of somebody's runs before the day of the race."""

    who: Who
    where: Where
    measure: Measure
    days: int


@dataclass(frozen=True)
class Fact(Feature):
    """What is known of the runner itself; SQL over `target`, `last`, `same` and `prices`."""

    sql: str


def each(
    who: Who, *measures: Measure, over: tuple[int, ...], where: tuple[Where, ...]
) -> tuple[Counted, ...]:
    """Declare each measure over each period of each choice of runs."""
    return tuple(
        _counted(who, one, measure, days) for one, days, measure in product(where, over, measures)
    )


def _counted(who: Who, where: Where, measure: Measure, days: int) -> Counted:
    period = f"{days}d" if days else ""
    name = "_".join(part for part in (who.name, where.name, measure.name, period) if part)
    newest = LATE_DAYS if measure.is_late else 0
    when = f"in the {days} days before the race" if days else "before the day of the race"
    if newest:
        when += f", the last {newest} days left out"
    which = " ".join(part for part in (who.meaning, where.meaning) if part)
    return Counted(
        name, measure.type, f"{measure.meaning} of {which}, {when}", who, where, measure, days
    )


def fact(name: str, type: str, meaning: str, sql: str) -> Fact:
    """Declare what is known of the runner itself."""
    return Fact(name, type, meaning, sql)


# What is counted

RUNS: Final = Measure("runs", "Runs", INTEGER, "{runs}")
WINS: Final = Measure("wins", "Wins", INTEGER, "{wins}")
PLACES: Final = Measure("places", "Places by each-way terms", INTEGER, "{places}")
BEATEN: Final = Measure(
    "beaten",
    "Average percentage of rivals beaten",
    REAL,
    "{beaten} / nullif({rivals}, 0) / 10000.0",
)
EXPECTED: Final = Measure(
    "expected",
    "Wins that starting prices without their margin expect",
    REAL,
    "{expected} / 1000000000.0",
)
ACTUAL_EXPECTED: Final = Measure(
    "ae",
    "Wins for each win that starting prices without their margin expect",
    REAL,
    "{won} / nullif({expected}, 0)",
)
PROFIT: Final = Measure(
    "profit", "Profit at starting price, one unit a run,", REAL, "{profit} / 10000.0"
)
PROFIT_BSP: Final = Measure(
    "profit_bsp",
    "Profit at Betfair starting price after commission, one unit a run,",
    REAL,
    "{profit_bsp} / 10000.0",
    is_late=True,
)
BEST_OR: Final = Measure("best_or", "Highest official rating run off", INTEGER, "{best_or}")
BEST_WINNING_OR: Final = Measure(
    "best_winning_or", "Highest official rating won off", INTEGER, "{best_winning_or}"
)
BEST_RPR: Final = Measure(
    "best_rpr", "Highest Racing Post Rating achieved", INTEGER, "{best_rpr}", is_late=True
)
PACE: Final = Measure(
    "pace",
    "Average early position by in-running comments (4 led, 3 prominent, 2 midfield, 1 held up)",
    REAL,
    "1.0 * {pace} / nullif({paced}, 0)",
)
LED: Final = Measure("led", "Runs in which it led early by in-running comments", INTEGER, "{led}")
CHANCE: Final = Measure(
    "chance", "Wins expected by chance (one divided by starters)", REAL, "{chance} / 1000000000.0"
)
IMPACT: Final = Measure(
    "impact", "Wins for each win expected by chance", REAL, "{share} / nullif({chance}, 0)"
)

# Which runs

ANY: Final = Where("", "")
CODE: Final = Where("code", "under the same code", ("code",))
COURSE: Final = Where("course", "at the course under the same code", ("code", "course_id"))
GOING: Final = Where("going", "on such going under the same code", ("code", "going"))
DISTANCE: Final = Where("distance", "over such a distance under the same code", ("code", "band"))
CLASS: Final = Where("class", "in the same class under the same code", ("code", "class"))
SURFACE: Final = Where("surface", "on the surface under the same code", ("code", "surface"))
COURSE_DISTANCE: Final = Where(
    "course_distance",
    "over course and distance under the same code",
    ("code", "course_id", "distance_f"),
)
SHORT: Final = Where("short", "at starting prices below 4.0", test="price < 4")
MIDDLE: Final = Where(
    "middle", "at starting prices from 4.0 to below 10.0", test="price < 10 AND price >= 4"
)
LONG: Final = Where("long", "at starting prices of 10.0 or more", test="price >= 10")
BANDS: Final = (SHORT, MIDDLE, LONG)
