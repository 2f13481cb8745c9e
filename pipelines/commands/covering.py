"""`pipeline coverage`: the calendar of what is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from pipelines.commands.options import DestinationOption, console_of_output, destination_named


def coverage(
    destination: DestinationOption = "",
    year: Annotated[
        Optional[int],  # noqa: UP045 - typer reads it
        typer.Option(help="Only this year; all of them without it."),
    ] = None,
    html: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Write a page for a browser to this file, instead."),
    ] = None,
) -> None:
    """Show the calendar of what is loaded: complete, partial, failed, beyond the plan, none."""
    from pipelines.calendar import show_years, years_of
    from pipelines.clock import uk_today
    from pipelines.coverage import Coverage, Nothing
    from pipelines.endpoints import DATED
    from pipelines.page import page_of, write_page
    from pipelines.reader import Reader
    from pipelines.state import state_of

    reader, today = Reader(destination_named(destination)), uk_today()
    loaded = reader if "ra_coverage" in reader.tables else Nothing()
    years = [
        found
        for endpoint in DATED
        for found in years_of(endpoint.name, Coverage(loaded, endpoint, today))
        if year in (None, found.year)
    ]
    console = console_of_output()
    if html:
        write_page(page_of(state_of(reader, today), years), html)
        console.print(f"written: {html}", highlight=False)
    elif years:
        show_years(console, years)
    else:
        nothing = f"{reader.place} has nothing of {year}" if year else reader.absence
        console.print(f"{nothing}.", highlight=False, soft_wrap=True)
