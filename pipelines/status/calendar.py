"""The calendar of what is loaded: every day of every endpoint, year by year."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from rich.console import Console
from rich.text import Text

from pipelines.plan.coverage import Coverage, Status

MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

NONE: Final = "none"
"""Status of a day that was never requested."""


@dataclass(frozen=True)
class Look:
    """How a status is shown: by a letter, which works without colours."""

    symbol: str
    colour: str
    meaning: str


LOOKS: Final = {
    Status.COMPLETE.value: Look("#", "green", "complete"),
    Status.OPEN.value: Look("o", "cyan", "loaded, the day was not over yet"),
    Status.PARTIAL.value: Look("p", "yellow", "partial: less than the API has"),
    Status.FAILED.value: Look("x", "bold red", "failed: no usable response"),
    Status.BEYOND_PLAN.value: Look("-", "blue", "beyond the plan"),
    Status.NOT_IN_PLAN.value: Look("/", "blue", "not included in the plan"),
    NONE: Look(".", "bright_black", "none: never requested"),
}


@dataclass(frozen=True)
class Day:
    """One day of one endpoint."""

    day: date
    status: str
    reason: str | None = None


@dataclass(frozen=True)
class Year:
    """One year of one endpoint, month by month."""

    endpoint: str
    year: int
    months: list[list[Day]]

    @property
    def counts(self) -> dict[str, int]:
        """Number of days by status, in the order of the legend."""
        counted = Counter(day.status for month in self.months for day in month)
        return {status: counted[status] for status in LOOKS if counted[status]}


def years_of(endpoint: str, coverage: Coverage, with_races: Iterable[int] = ()) -> Iterator[Year]:
    """Yield the years of an endpoint, newest to oldest, with recorded days or with races.

    A run of some tables loads races without recording days.
    """
    years = {day.year for day in coverage.statuses}.union(with_races)
    if not years:
        return
    for year in range(max(years), min(years) - 1, -1):
        months = [_month(coverage, year, month) for month in range(1, 13)]
        yield Year(endpoint, year, months)


def _month(coverage: Coverage, year: int, month: int) -> list[Day]:
    _, length = monthrange(year, month)
    days = (date(year, month, number) for number in range(1, length + 1))
    return [
        Day(day, str(coverage.statuses.get(day, NONE)), coverage.reasons.get(day)) for day in days
    ]


def show_years(console: Console, years: list[Year]) -> None:
    """Draw the calendar, a line for each month."""
    for year in years:
        counts = ", ".join(f"{count} {_words(status)}" for status, count in year.counts.items())
        console.print(f"{year.endpoint} {year.year}: {counts}", style="bold", highlight=False)
        for number, month in enumerate(year.months, 1):
            line = Text(f"  {MONTHS[number - 1]}  ")
            for day in month:
                look = LOOKS[day.status]
                line.append(look.symbol, look.colour)
            console.print(line)
        console.print()
    legend = Text("  ").join(
        Text(f"{look.symbol} {_words(status)}", look.colour) for status, look in LOOKS.items()
    )
    console.print(legend)


def _words(status: str) -> str:
    return status.replace("_", " ")
