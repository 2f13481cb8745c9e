"""`pipeline pages`: a static site of the day, for a browser or a web server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import DestinationOption, console_of_output, day_named, destination_named
from pipelines.system.signals import interruptible


def pages(
    to: Annotated[Path, typer.Option(help="Folder for the pages.", show_default=False)],
    day: Annotated[str, typer.Option(help="UK day (2025-10-13); the latest without it.")] = "",
    destination: DestinationOption = "",
) -> None:
    """Write a static site: the card, yesterday's results, horses, trainers, jockeys and courses.

    The pages load nothing from elsewhere: open index.html in a browser, or copy the folder to any
    web server. Pages of an earlier day are removed.
    """
    from pipelines.ask import connect
    from pipelines.ask.pages import Site, write_site
    from pipelines.ask.pages.content import content_of
    from pipelines.cli.coverage import coverage_page
    from pipelines.database.reader import Reader
    from pipelines.tables import TABLES

    with interruptible():
        name = destination_named(destination)
        reader = Reader(name)
        reader.require(TABLES)
        content = content_of(connect(name), day_named("--day", day))
        site = Site(content, coverage_page(reader))
        written = write_site(site, to)
    console = console_of_output()
    console.print(f"{written:,} pages written: {to / 'index.html'}", highlight=False)
