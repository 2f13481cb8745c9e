"""`pipeline coverage`: the calendar of what is loaded."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from pipelines.cli.options import DestinationOption, console_of_output, destination_named

if TYPE_CHECKING:
    from pipelines.database.reader import Reader
    from pipelines.status.calendar import Year


def coverage(
    destination: DestinationOption = "",
    year: Annotated[
        Optional[int],  # noqa: UP045 - typer reads it
        typer.Option(help="Only this year; all years without it."),
    ] = None,
    html: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Write a web page to this file instead."),
    ] = None,
) -> None:
    """Show the calendar of what is loaded: complete, partial, failed, beyond the plan, none."""
    from pipelines.clock import uk_today
    from pipelines.database.reader import Reader
    from pipelines.status.calendar import show_years
    from pipelines.status.page import write_page

    reader, today = Reader(destination_named(destination)), uk_today()
    years = _years(reader, today, year)
    console = console_of_output()
    if html:
        write_page(_page(reader, today, years), html)
        console.print(f"written: {html}", highlight=False)
    elif years:
        show_years(console, years)
    else:
        nothing = f"{reader.place} has nothing for {year}" if year else reader.absence
        console.print(f"{nothing}.", highlight=False, soft_wrap=True)


def coverage_page(reader: Reader) -> str:
    """Return the web page of the calendar, for all years."""
    from pipelines.clock import uk_today

    today = uk_today()
    return _page(reader, today, _years(reader, today, None))


def _years(reader: Reader, today: date, year: int | None) -> list[Year]:
    from pipelines.api.endpoints import DATED
    from pipelines.plan.coverage import Coverage, Nothing
    from pipelines.status.calendar import years_of

    loaded = reader if "ra_coverage" in reader.tables else Nothing()
    with_races = _years_with_races(reader)
    return [
        found
        for endpoint in DATED
        for found in years_of(
            endpoint.name, Coverage(loaded, endpoint, today), with_races.get(endpoint.name, ())
        )
        if year in (None, found.year)
    ]


def _years_with_races(reader: Reader) -> dict[str, list[int]]:
    """Return the years of which races are stored: with a result, and with none yet."""
    if "ra_races" not in reader.tables:
        return {}
    query = "SELECT DISTINCT CAST(EXTRACT(year FROM date) AS integer) FROM ra_races WHERE "
    conditions = {"results": "has_result", "racecards": "NOT has_result"}
    return {
        endpoint: [year for (year,) in reader.rows(query + condition)]
        for endpoint, condition in conditions.items()
    }


def _page(reader: Reader, today: date, years: list[Year]) -> str:
    from pipelines.settings import load_settings
    from pipelines.status.health import health_of
    from pipelines.status.page import page_of
    from pipelines.status.state import state_of

    settings = load_settings(with_credentials=False)
    state = state_of(reader, today)
    return page_of(state, years, health_of(reader, state, settings), settings.health_run_hours)
