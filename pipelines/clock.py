"""The UK calendar: every date of this software is a day in Europe/London."""

from __future__ import annotations

from datetime import date, datetime

from pipelines.parsing.values import LONDON


def uk_today() -> date:
    """Return today's date in the United Kingdom."""
    return datetime.now(LONDON).date()
