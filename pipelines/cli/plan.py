"""`pipeline plan`: what a run would fetch, without making a call."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipelines.cli.options import (
    DaysBackOption,
    DestinationOption,
    EndOption,
    HorsesOption,
    KeepOption,
    ModeOption,
    PricesOption,
    StartOption,
    TablesOption,
    TestOption,
    console_of_output,
    destination_named,
    options_of,
)


def plan(
    mode: ModeOption,
    table: TablesOption = None,
    start_date: StartOption = "",
    end_date: EndOption = "",
    days_back: DaysBackOption = None,
    test: TestOption = False,
    max_horses: HorsesOption = None,
    prices: PricesOption = 0,
    keep: KeepOption = False,
    destination: DestinationOption = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what `run` would fetch and how long it would take, without making a call."""
    from functools import cache

    from pipelines.api.endpoints import HORSE_PRO
    from pipelines.cli.console import show_plan
    from pipelines.database.reader import Reader
    from pipelines.plan.coverage import Coverage, Nothing
    from pipelines.plan.estimate import forecast
    from pipelines.plan.horses import waiting_horses
    from pipelines.plan.keycheck import known_access
    from pipelines.plan.modes import make_plan
    from pipelines.plan.prices import waiting_prices
    from pipelines.plan.wanted import known_wanted
    from pipelines.settings import load_settings
    from pipelines.tables import PRICE_REQUESTS

    options = options_of(
        mode, table, start_date, end_date, days_back, test, max_horses, prices=prices, keep=keep
    )
    settings = load_settings(with_credentials=False)
    with Reader(destination_named(destination)).held_open() as reader:
        loaded = reader if "ra_coverage" in reader.tables else Nothing()
        access, wanted = known_access(reader, settings), known_wanted(reader)
        coverage = cache(
            lambda endpoint: Coverage(
                loaded,
                endpoint,
                options.today,
                access.reach(endpoint, options.today),
                wanted[endpoint.name],
            )
        )
        planned = make_plan(options, settings, coverage, access)
        if reader.tables and options.wants_profiles and access.editions(HORSE_PRO):
            planned.waiting = waiting_horses(reader, access)
        if PRICE_REQUESTS.name in reader.tables and planned.prices:
            planned.prices_waiting = waiting_prices(reader, options.today)
        if not reader.tables:
            planned.notes.append(reader.absence)
        told = forecast(planned, settings, coverage, reader.name, reader.place)
    if json:
        sys.stdout.buffer.write(told.as_json() + b"\n")
    else:
        show_plan(console_of_output(), told)
