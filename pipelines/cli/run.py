"""`pipeline run`: a mode, from its arguments to its exit code."""

from __future__ import annotations

import sys
from datetime import time
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.logging import RichHandler

from pipelines.cli.options import (
    DaysBackOption,
    DestinationOption,
    EndOption,
    HorsesOption,
    KeepOption,
    Mode,
    ModeOption,
    PricesOption,
    StartOption,
    TablesOption,
    TestOption,
    console_of_output,
    destination_named,
    options_of,
)
from pipelines.errors import UsageError
from pipelines.system.memory import collect_seldom, keep_little
from pipelines.system.output import not_held_up
from pipelines.system.signals import interruptible

# What is heavy (dlt, Arrow) is imported by the commands that need it.
if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from pipelines.loading import Progress
    from pipelines.plan.estimate import Forecast
    from pipelines.plan.modes import Options
    from pipelines.report import Report
    from pipelines.settings import Settings


LONGEST_TURN: Final = 0.001
"""Seconds that a thread which maps may keep one waiting whose turn it is to call."""


def run(
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
    wait: Annotated[
        bool, typer.Option("--wait", help="If another run is in progress, wait until it has ended.")
    ] = False,
    from_time: Annotated[
        str, typer.Option("--from", help="With --mode raceday: UK time at which to begin (10:30).")
    ] = "",
) -> int:
    """Fetch and load: the whole history, what is new today, or the tables and days you name."""
    keep_little()
    with interruptible():
        from pipelines.settings import load_settings

        options = options_of(
            mode, table, start_date, end_date, days_back, test, max_horses, prices=prices, keep=keep
        )
        settings, named = load_settings(), destination_named(destination)
        if mode is Mode.RACEDAY:
            return _watch(options, settings, named, from_time)
        if from_time:
            raise UsageError("--from goes with --mode raceday.")
        return _run(options, settings, named, wait=wait)


def _watch(options: Options, settings: Settings, destination: str, from_time: str) -> int:
    from pipelines.clock import uk_moment
    from pipelines.raceday.day import watch_day

    try:
        start = uk_moment(options.today, time.fromisoformat(from_time)) if from_time else None
    except ValueError:
        raise UsageError(f"--from {from_time!r} is not a time; write it as 10:30.") from None

    def work(console: Console, progress: Progress) -> Report:
        return watch_day(options, settings, destination, progress, start=start)

    return watched(settings, work)


def _run(options: Options, settings: Settings, destination: str, *, wait: bool) -> int:
    from pipelines.cli.console import show_plan
    from pipelines.run import perform

    def work(console: Console, progress: Progress) -> Report:
        def announce(plan: Forecast) -> None:
            show_plan(console, plan)

        return perform(options, settings, destination, progress, announce, wait=wait)

    return watched(settings, work)


def watched(settings: Settings, work: Callable[[Console, Progress], Report]) -> int:
    """Do a run with progress shown, print how it ended, and return its exit code."""
    from pipelines.cli.alarm import raise_alarm
    from pipelines.cli.console import progress_for, show_report
    from pipelines.cli.logs import log_as_json, log_as_lines

    is_json = settings.log_format == "json"
    console = log_as_json(sys.stdout) if is_json else console_of_output()
    if console.is_terminal:
        # Above the bars, not through them.
        log_as_lines(RichHandler(console=console, show_path=False), "%(message)s")
    collect_seldom()
    sys.setswitchinterval(LONGEST_TURN)
    with not_held_up():
        progress = progress_for(console)
        try:
            report = work(console, progress)
        finally:
            progress.close()
        show_report(console, report)
        console.print(f"report: {report.path or 'none'}", highlight=False)
    raise_alarm(report, settings)
    return int(report.exit_code)
