"""`pipeline export`: tables and views as files."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

from pipelines.cli.options import (
    DestinationOption,
    console_of_output,
    day_named,
    destination_named,
)
from pipelines.errors import UsageError
from pipelines.system.signals import interruptible, unmasked


class Format(StrEnum):
    """The formats, as the command line takes them."""

    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"


def export(
    to: Annotated[Path, typer.Option(help="Folder for the files.", show_default=False)],
    table: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option(help="Only this table or view; repeat it or separate names with commas."),
    ] = None,
    view: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help="Only this view, such as today_card; repeat it or separate with commas."),
    ] = None,
    format: Annotated[
        Optional[list[Format]],  # noqa: UP045
        typer.Option(help="Only this format; can be repeated. Parquet and CSV without it."),
    ] = None,
    since: Annotated[
        str, typer.Option(help="Only rows that have changed since this UK day (2025-10-13).")
    ] = "",
    destination: DestinationOption = "",
) -> None:
    """Write every table, or the tables and views you name, as Parquet, CSV or Excel workbooks.

    The workbook of today_card has one sheet per meeting. In CSV, text that a spreadsheet could take
    for a formula is prefixed with an apostrophe, and text that it could take for a date or a
    number, such as 11-4 or 7/4, with a zero-width space.
    """
    with interruptible():
        formats = [one.value for one in dict.fromkeys(format or (Format.PARQUET, Format.CSV))]
        names = [*(table or []), *(view or [])]
        _export(to, names, formats, day_named("--since", since), destination_named(destination))


def _export(
    to: Path, tables: list[str], formats: list[str], since: date | None, destination: str
) -> None:
    from pipelines.database import export as exports
    from pipelines.database.reader import Reader
    from pipelines.tables import TABLES

    reader = Reader(destination)
    if not reader.tables:
        raise UsageError(f"{reader.absence}.")
    there = sorted(name for name in reader.tables if not name.startswith("_"))
    named = [name.strip() for value in tables for name in value.split(",") if name.strip()]
    for name in named:
        if name not in there:
            raise UsageError(f"Unknown table or view {name!r}: use one of {', '.join(there)}.")
    names = named or [name for name in TABLES if name in there]
    console = console_of_output()
    with unmasked():
        for done in exports.export(reader, names, to, formats, since):
            sizes = (f"{file.name} {file.stat().st_size / 1e6:,.1f} MB" for file in done.files)
            which = (
                "rows (all: changes to them are not recorded)"
                if since and done.is_whole
                else "rows"
            )
            told = f"{done.name}: {done.rows:,} {which}, {', '.join(sizes)}"
            console.print(told, highlight=False)
