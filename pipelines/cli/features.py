"""`pipeline features`: what models are trained on, and the same for today's runners."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.options import DestinationOption, console_of_output, destination_named
from pipelines.errors import UsageError
from pipelines.system.signals import interruptible


def features(
    all: Annotated[
        bool,
        typer.Option(
            "--all", help="Compute every day again, for instance after loading old prices."
        ),
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="If a run is in progress, wait until it has ended.")
    ] = False,
    destination: DestinationOption = "",
) -> None:
    """Compute the tables features and today_features, of days that are new or have changed.

    One row per horse that ran, and one per runner of today's card, with the same columns: what was
    known before the off. The first time, all loaded days are computed, which takes minutes. No API
    calls, no credentials.
    """
    from pipelines.clock import uk_today
    from pipelines.database.reader import Reader
    from pipelines.run import make_features
    from pipelines.settings import load_settings

    settings = load_settings(with_credentials=False)
    name = destination_named(destination)
    with interruptible():
        reader = Reader(name)
        if not reader.tables:
            raise UsageError(f"{reader.absence}.")
        done = make_features(settings, name, uk_today(), is_all=all, wait=wait)
    past = f"{done.rows:,} runners since {done.first}" if done.first else "nothing has changed"
    console_of_output().print(
        f"features: {past}; today_features: {done.rows_today:,} runners", highlight=False
    )
