"""The coverage page: one self-contained file that any browser can show."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, select_autoescape

from pipelines.errors import UsageError
from pipelines.parsing.values import LONDON
from pipelines.status.calendar import LOOKS, MONTHS, Year
from pipelines.status.health import Health
from pipelines.status.state import State
from pipelines.system.files import remove_unfinished, whole

TEMPLATE: Final = "coverage.html.jinja"
MOST_GAPS: Final = 50
A_DAY: Final = timedelta(days=1)


def page_of(state: State, years: Iterable[Year], health: Health, run_hours: float) -> str:
    """Return the page; whatever came from the API or a user is escaped.

    A run is late if the last one ended more than this many hours ago.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["words"] = lambda status: str(status).replace("_", " ")
    by_endpoint: dict[str, list[Year]] = {}
    for year in years:
        by_endpoint.setdefault(year.endpoint, []).append(year)
    return environment.get_template(TEMPLATE).render(
        state=state,
        health=health,
        due=_due(state, run_hours),
        calendars=by_endpoint,
        looks=LOOKS,
        meanings={status: look.meaning for status, look in LOOKS.items()},
        months=MONTHS,
        most_gaps=MOST_GAPS,
        unknown_fields=_unknown_fields(state),
        made_at=datetime.now(UTC),
    )


@dataclass(frozen=True)
class Due:
    """When the next run should begin, and when it counts as late, in UK time."""

    next: datetime
    late: datetime


def _due(state: State, run_hours: float) -> Due | None:
    """Return when the next run is due, a day after the last; None before the first."""
    run = state.last_run
    if run is None:
        return None
    late = run.finished_at + timedelta(hours=run_hours)
    return Due((run.started_at + A_DAY).astimezone(LONDON), late.astimezone(LONDON))


def _unknown_fields(state: State) -> dict[str, int]:
    """Undeclared fields of the last runs: how often the most recent run with one saw it."""
    fields: dict[str, int] = {}
    for run in state.runs:
        for name, count in run.unknown_fields.items():
            fields.setdefault(name, count)
    return fields


def write_page(text: str, file: Path) -> None:
    """Write the page completely or not at all; raises UsageError if that fails."""
    try:
        remove_unfinished(file.parent, glob.escape(file.name))
        with whole(file) as content:
            content.write(text.encode())
    except OSError as error:
        raise UsageError(f"--html {file} cannot be written: {error.strerror}.") from None
