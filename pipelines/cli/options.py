"""Options that several commands share, and what they mean."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, Optional

import typer
from rich.console import Console

from pipelines.errors import UsageError

if TYPE_CHECKING:
    from pipelines.plan.modes import Options
    from pipelines.tables import Table

WIDTH_OF_A_LOG: Final = 160


class Mode(StrEnum):
    """The modes, as the command line takes them."""

    BACKFILL = "backfill"
    DAILY = "daily"
    MANUAL = "manual"
    RACEDAY = "raceday"


ModeOption = Annotated[Mode, typer.Option("--mode", help="What to fetch.", show_default=False)]
TablesOption = Annotated[
    Optional[list[str]],  # noqa: UP045 - typer reads it
    typer.Option("--table", help="Only this table; repeat it or separate names with commas."),
]
StartOption = Annotated[str, typer.Option("--start-date", help="First UK day (2025-10-13).")]
EndOption = Annotated[str, typer.Option("--end-date", help="Last UK day.")]
DaysBackOption = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(
        "--days-back", help="From this many days ago to today; 1 is yesterday and today.", min=0
    ),
]
TestOption = Annotated[bool, typer.Option("--test", help="A small sample: two days, five horses.")]
HorsesOption = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--max-horses", help="Fetch at most this many horse profiles.", min=0),
]
PricesOption = Annotated[
    int,
    typer.Option(
        "--prices",
        help="Fetch the vendor's price history of at most this many runners, a call each.",
        min=0,
    ),
]
KeepOption = Annotated[
    bool,
    typer.Option(
        "--keep", help="With --mode manual: daily runs keep these and all later days complete."
    ),
]
DestinationOption = Annotated[
    str, typer.Option("--destination", help="duckdb, postgres or another of docs/scale.md.")
]


def options_of(
    mode: Mode,
    table: list[str] | None,
    start_date: str,
    end_date: str,
    days_back: int | None,
    test: bool,
    max_horses: int | None,
    *,
    prices: int = 0,
    keep: bool = False,
) -> Options:
    """Return the user's options; raises UsageError if they contradict each other."""
    from pipelines.clock import uk_today
    from pipelines.plan.modes import Options, check

    options = Options(
        mode=mode.value,
        today=uk_today(),
        tables=frozenset(tables_named(table or [])),
        start=day_named("--start-date", start_date),
        end=day_named("--end-date", end_date),
        days_back=days_back,
        test=test,
        max_horses=max_horses,
        prices=prices,
        keep=keep,
    )
    check(options)
    return options


def tables_named(names: list[str]) -> list[Table]:
    """Return tables by their names, which commas may separate; raises UsageError."""
    from pipelines.tables import API_TABLES

    known = {declared.name: declared for declared in API_TABLES}
    wanted = [name.strip() for value in names for name in value.split(",") if name.strip()]
    for name in wanted:
        if name not in known:
            raise UsageError(f"No table {name!r} to fetch: use one of {', '.join(known)}.")
    return [known[name] for name in wanted]


def day_named(option: str, value: str) -> date | None:
    """Return the date an option names, None if it names none; raises UsageError."""
    from pipelines.clock import day_of

    return day_of(value, option) if value else None


def destination_named(name: str) -> str:
    """Return the destination an option names, or that of the settings."""
    from pipelines.settings import destination_setting

    return name or destination_setting()


def console_of_output() -> Console:
    """Return a console as wide as the terminal, or without wrapping for a log.

    Texts are printed literally: brackets are not markup.
    """
    if sys.stdout.isatty():
        return Console(markup=False, emoji=False)
    return Console(width=WIDTH_OF_A_LOG, soft_wrap=True, markup=False, emoji=False)
