"""The command line: arguments in, a run or text out, and an exit code."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final, Optional

import typer
from rich.console import Console

from pipelines import __version__
from pipelines.cli.card import card
from pipelines.cli.changes import changes
from pipelines.cli.coverage import coverage
from pipelines.cli.doctor import doctor
from pipelines.cli.export import export
from pipelines.cli.features import features
from pipelines.cli.logs import log_as_lines
from pipelines.cli.mcp import mcp
from pipelines.cli.pages import pages
from pipelines.cli.plan import plan
from pipelines.cli.rebuild import rebuild
from pipelines.cli.run import run
from pipelines.cli.sandbox import demo, sandbox
from pipelines.cli.status import health, status
from pipelines.cli.tables import columns, tables
from pipelines.cli.why import why
from pipelines.errors import PipelineError, UsageError
from pipelines.system.configuration import check_files, fault_of_settings, settings_files
from pipelines.system.output import safe_output
from pipelines.system.signals import Interruption

COMMANDS: Final = (
    run,
    rebuild,
    plan,
    status,
    health,
    doctor,
    coverage,
    card,
    pages,
    mcp,
    features,
    why,
    changes,
    export,
    tables,
    columns,
    sandbox,
    demo,
)
"""In the order of --help; each is a function of its own name."""

app = typer.Typer(
    help="The Racing API (UK and Irish horse racing) in DuckDB, Postgres or another destination.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"racing-pipelines {__version__}")
        raise typer.Exit


@app.callback()
def begin(
    folder: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it
        typer.Option(
            envvar="RACING_FOLDER",
            help="Work in this folder, as if the command had been started there, with its "
            "settings, database, archive and reports.",
            show_default=False,
        ),
    ] = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Change to the user's folder; raises UsageError."""
    if folder is None:
        return
    try:
        os.chdir(folder)
    except OSError as error:
        raise UsageError(
            f"--folder (or RACING_FOLDER) {folder} cannot be used: {error.strerror}."
        ) from None


def _wrapped(command: Callable[..., Any]) -> Callable[..., Any]:
    """Check the settings files first, and end a stopped command with its signal's exit code.

    typer's code is always 130.
    """

    @wraps(command)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        if command is not doctor:  # it names what is wrong with them itself
            check_files(settings_files())
        try:
            return command(*arguments, **named)
        except Interruption as stop:
            _errors().print("pipeline: stopped")
            raise typer.Exit(stop.exit_code) from stop
        except Exception as error:
            fault = fault_of_settings(error)
            if fault is None:
                raise
            raise fault from None

    return wrapped


for command in COMMANDS:
    app.command()(_wrapped(command))


def main() -> None:
    """Run the command line; a mistake of the user is one line and exit code 2."""
    with safe_output():
        log_as_lines(logging.StreamHandler())
        exit_code = _main(sys.argv[1:])
    sys.exit(exit_code)


def _errors() -> Console:
    return Console(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)


def _main(arguments: list[str]) -> int:
    errors = _errors()
    try:
        return int(
            typer.main.get_command(app).main(arguments, "pipeline", standalone_mode=False) or 0
        )
    except typer.TyperException as error:
        errors.print(f"pipeline: {' '.join(error.format_message().split())}")
    except UsageError as error:
        errors.print(f"pipeline: {error}")
    except (typer.Abort, KeyboardInterrupt):
        errors.print("pipeline: stopped")
        return 130
    except PipelineError as error:
        errors.print(f"pipeline: {error}")
        return 1
    return 2
