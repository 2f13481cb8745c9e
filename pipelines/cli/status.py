"""`pipeline status` and `pipeline health`: the state of a database."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.options import DestinationOption, console_of_output, destination_named

if TYPE_CHECKING:
    from pipelines.settings import Settings
    from pipelines.status.state import ArchiveState


def status(
    destination: DestinationOption = "",
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Show how fresh and complete the tables are, what is queued, and how the last runs ended."""
    from pipelines.cli.overview import show_state
    from pipelines.clock import uk_today
    from pipelines.database.reader import Reader
    from pipelines.settings import load_settings
    from pipelines.status.state import state_of

    with Reader(destination_named(destination)).held_open() as reader:
        state = state_of(reader, uk_today())
    settings = load_settings(with_credentials=False)
    state.archive = _archive_state(settings)
    if json:
        sys.stdout.buffer.write(state.as_json() + b"\n")
    else:
        show_state(console_of_output(), state, settings.requests_per_second)


def _archive_state(settings: Settings) -> ArchiveState | None:
    """Return the size of the archive; raises UsageError or ArchiveError."""
    from pipelines.archive.store import Archive
    from pipelines.status.state import ArchiveState

    if not settings.archive:
        return None
    archive = Archive(settings.archive)
    return ArchiveState(archive.name, *archive.size())


def health(
    destination: DestinationOption = "",
    details: Annotated[
        bool, typer.Option("--details", help="Also print a line per finding, including warnings.")
    ] = False,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", help="Print nothing when all is well, so that cron sends no mail."),
    ] = False,
) -> int:
    """Print OK or FAIL in one line, with exit code 0 or 1, for monitoring."""
    from pipelines.clock import uk_today
    from pipelines.database.reader import Reader
    from pipelines.errors import DestinationError
    from pipelines.settings import load_settings
    from pipelines.status.health import health_of, health_unread
    from pipelines.status.state import state_of

    settings = load_settings(with_credentials=False)
    reader = Reader(destination_named(destination))
    where = f"; database: {reader.place}"
    try:
        with reader.held_open():
            state = state_of(reader, uk_today())
            found = health_of(reader, state, settings)
        where = "" if state.absence else where  # which names the place
    except DestinationError as error:
        found = health_unread(reader, error, settings)
    if quiet and found.is_good:
        return 0
    console = console_of_output()
    console.print(f"{found}{where}", highlight=False, soft_wrap=True)
    for line in found.details if details else []:
        console.print(f"  {line}", highlight=False, soft_wrap=True)
    return 0 if found.is_good else 1
