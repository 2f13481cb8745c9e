"""`pipeline rebuild`: recreate the tables from the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.options import (
    DestinationOption,
    StartOption,
    TablesOption,
    day_named,
    destination_named,
    tables_named,
)
from pipelines.cli.run import watched
from pipelines.errors import UsageError
from pipelines.system.memory import keep_little
from pipelines.system.signals import interruptible

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.loading import Progress
    from pipelines.report import Report


def rebuild(
    table: TablesOption = None,
    start_date: StartOption = "",
    destination: DestinationOption = "",
    wait: Annotated[
        bool, typer.Option("--wait", help="If a run is in progress, wait until it has ended.")
    ] = False,
) -> int:
    """Rebuild tables from the archive: no API calls, no credentials, any destination."""
    keep_little()
    with interruptible():
        from pipelines.archive.store import Archive
        from pipelines.clock import uk_today
        from pipelines.plan.modes import Options
        from pipelines.run import make_again
        from pipelines.settings import load_settings
        from pipelines.system.configuration import variable_of

        settings = load_settings(with_credentials=False)
        if not settings.archive:
            raise UsageError(f"There is no archive: {variable_of('archive')} is empty.")
        archive = Archive(settings.archive)
        if not archive.batches():
            raise UsageError(
                f"The archive {archive.name} has no responses yet: run the pipeline first."
            )
        chosen = frozenset(tables_named(table or []))
        start = day_named("--start-date", start_date)
        options = Options("rebuild", uk_today(), chosen, start=start)

        def work(_: Console, progress: Progress) -> Report:
            return make_again(
                options, settings, archive, destination_named(destination), progress, wait=wait
            )

        return watched(settings, work)
