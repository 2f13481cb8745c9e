"""The command line: arguments in, a run or a text out, and an exit code."""

from __future__ import annotations

import logging
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from rich.console import Console
from rich.logging import RichHandler

from pipelines.errors import PipelineError, UsageError
from pipelines.interruption import Interruption, interruptible

# What is heavy (dlt, Arrow) is imported by the commands that need it.
if TYPE_CHECKING:
    from pipelines.modes import Options
    from pipelines.report import Report
    from pipelines.settings import Settings
    from pipelines.tables import Table

WIDTH_OF_A_LOG = 160

app = typer.Typer(
    help="The Racing API (UK and Irish horse racing) in DuckDB, Postgres or another destination.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Mode(StrEnum):
    """The modes, as the command line takes them."""

    BACKFILL = "backfill"
    DAILY = "daily"
    MANUAL = "manual"


@app.command()
def run(
    mode: Annotated[Mode, typer.Option(help="What to fetch.", show_default=False)],
    table: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option(help="Only this table; repeat it or separate names by commas."),
    ] = None,
    start_date: Annotated[str, typer.Option(help="First UK day (2025-10-13).")] = "",
    end_date: Annotated[str, typer.Option(help="Last UK day.")] = "",
    days_back: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="From so many days ago to today; 1 is yesterday and today.", min=0),
    ] = None,
    test: Annotated[
        bool, typer.Option("--test", help="A small sample: two days, five horses.")
    ] = False,
    max_horses: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Horse profiles to ask for at most.", min=0),
    ] = None,
    destination: Annotated[
        str, typer.Option(help="duckdb, postgres or another destination of dlt.")
    ] = "",
    wait: Annotated[
        bool, typer.Option("--wait", help="If another run is at work, wait until it has ended.")
    ] = False,
) -> int:
    """Fetch and load: the whole history, what is new today, or what you name."""
    with interruptible():
        from pipelines.clock import uk_today
        from pipelines.modes import Options, check
        from pipelines.settings import destination_setting, load_settings

        options = Options(
            mode=mode.value,
            today=uk_today(),
            tables=frozenset(_tables(table or [])),
            start=_date("--start-date", start_date),
            end=_date("--end-date", end_date),
            days_back=days_back,
            test=test,
            max_horses=max_horses,
        )
        check(options)
        return _run(options, load_settings(), destination or destination_setting(), wait=wait)


@app.command()
def tables() -> None:
    """List every table: key, endpoint, how often it is written, number of columns."""
    from pipelines.listings import show_tables
    from pipelines.tables import TABLES

    show_tables(_console(), TABLES.values())


@app.command()
def columns(table: Annotated[str, typer.Argument(help="Name of the table.")]) -> None:
    """List every column of a table: type, source field, transformation, meaning."""
    from pipelines.listings import show_columns
    from pipelines.tables import TABLES

    declared = TABLES.get(table)
    if declared is None:
        raise UsageError(f"There is no table {table!r}; there are {', '.join(TABLES)}.")
    show_columns(_console(), declared)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.", min=1, max=65535)] = 8000,
    latency: Annotated[float, typer.Option(help="Seconds added to every answer.", min=0)] = 0.0,
    limits: Annotated[bool, typer.Option(help="Answer 429 above the vendor's limits.")] = True,
    seed: Annotated[int, typer.Option(help="Which made-up world.")] = 1,
    history: Annotated[bool, typer.Option(help="Results before the last 365 days too.")] = False,
) -> None:
    """Serve a made-up Racing API on this machine: no key, no cost, the same every time."""
    from pipelines.sandbox import SandboxOptions, serve

    options = SandboxOptions(seed=seed, latency=latency, limits=limits, history=history)
    _console().print(
        f"The sandbox listens at http://127.0.0.1:{port}; user {options.username}, "
        f"password {options.password}. Stop it with Ctrl-C.",
        highlight=False,
    )
    serve(options, port=port)


def main() -> None:
    """Run the command line; whatever a user got wrong is one line and exit code 2."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    sys.exit(_main(sys.argv[1:]))


def _main(arguments: list[str]) -> int:
    errors = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        return int(
            typer.main.get_command(app).main(arguments, "pipeline", standalone_mode=False) or 0
        )
    except typer.TyperException as error:
        errors.print(f"pipeline: {' '.join(error.format_message().split())}", markup=False)
    except UsageError as error:
        errors.print(f"pipeline: {error}", markup=False)
    except (typer.Abort, KeyboardInterrupt) as stop:
        errors.print("pipeline: stopped")
        return stop.exit_code if isinstance(stop, Interruption) else 130
    except PipelineError as error:
        errors.print(f"pipeline: {error}", markup=False)
        return 1
    return 2


def _console() -> Console:
    """Return a console as wide as the terminal; a log has no edge to wrap at."""
    return Console() if sys.stdout.isatty() else Console(width=WIDTH_OF_A_LOG, soft_wrap=True)


def _run(options: Options, settings: Settings, destination: str, *, wait: bool) -> int:
    from pipelines.console import progress_for, show_plan, show_report
    from pipelines.run import perform

    console = _console()
    if console.is_terminal:
        # Above the bars, not through them.
        logging.basicConfig(handlers=[RichHandler(console=console, show_path=False)], force=True)
    progress = progress_for(console)
    try:
        report = perform(
            options,
            settings,
            destination,
            progress,
            lambda plan, used: show_plan(console, plan, used, destination),
            wait=wait,
        )
    finally:
        progress.close()
    path = _written(report, Path(settings.report_folder))
    show_report(console, report)
    console.print(f"report: {path}", highlight=False)
    return int(report.exit_code)


def _written(report: Report, folder: Path) -> str:
    """Write the report; on a full disk what the terminal says has to do."""
    try:
        return str(report.write(folder))
    except OSError as error:
        report.errors.append(f"the report cannot be written to {folder}: {error.strerror}")
        return "none"


def _tables(names: list[str]) -> list[Table]:
    from pipelines.tables import API_TABLES

    known = {declared.name: declared for declared in API_TABLES}
    wanted = [name.strip() for value in names for name in value.split(",") if name.strip()]
    for name in wanted:
        if name not in known:
            raise UsageError(f"There is no table {name!r} to fetch; there are {', '.join(known)}.")
    return [known[name] for name in wanted]


def _date(option: str, value: str) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UsageError(f"{option} {value!r} is not a date; write it as 2025-10-13.") from None
