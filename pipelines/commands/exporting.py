"""`pipeline export`: tables and views as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from pipelines.commands.options import DestinationOption, console_of_output, destination_named
from pipelines.errors import UsageError
from pipelines.interruption import interruptible, unmasked


def export(
    to: Annotated[Path, typer.Option(help="Folder for the files.", show_default=False)],
    table: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option(help="Only this table or view; repeat it or separate names by commas."),
    ] = None,
    destination: DestinationOption = "",
) -> None:
    """Write every table, or the tables and views you name, as Parquet and as CSV.

    In CSV a text that a spreadsheet could take for a formula gets an apostrophe before it.
    """
    with interruptible():
        _export(to, table or [], destination_named(destination))


def _export(to: Path, tables: list[str], destination: str) -> None:
    from pipelines import export as exports
    from pipelines.reader import Reader
    from pipelines.tables import TABLES

    reader = Reader(destination)
    if not reader.tables:
        raise UsageError(f"{reader.absence}.")
    there = sorted(name for name in reader.tables if not name.startswith("_"))
    named = [name.strip() for value in tables for name in value.split(",") if name.strip()]
    for name in named:
        if name not in there:
            raise UsageError(f"There is no table or view {name!r}; there are {', '.join(there)}.")
    names = named or [name for name in TABLES if name in there]
    console = console_of_output()
    with unmasked():
        for done in exports.export(reader, names, to):
            sizes = (f"{file.name} {file.stat().st_size / 1e6:,.1f} MB" for file in done.files)
            told = f"{done.name}: {done.rows:,} rows, {', '.join(sizes)}"
            console.print(told, highlight=False)
