"""The UK calendar: every date of this software is a day in Europe/London."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from pipelines.errors import UsageError
from pipelines.parsing.values import LONDON

MARGIN: Final = timedelta(hours=1)
"""How far the clocks of two machines may be apart."""


def uk_today() -> date:
    """Return today's date in the United Kingdom."""
    return datetime.now(LONDON).date()


def uk_day(moment: datetime) -> date:
    """Return the day of a moment in the United Kingdom."""
    return moment.astimezone(LONDON).date()


def day_of(text: str, what: str = "") -> date:
    """Return the day that a user wrote; raises UsageError, which names what it was written for."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        named = f"{what} {text!r}".lstrip()
        raise UsageError(f"{named} is not a date; write it as 2025-10-13.") from None


def uk_moment(day: date, clock: time) -> datetime:
    """Return the moment of a time of day in the United Kingdom."""
    return datetime.combine(day, clock, LONDON)


def latest_now() -> datetime:
    """Return the latest plausible instant: anything recorded after it is from a wrong clock."""
    return datetime.now(UTC) + MARGIN
