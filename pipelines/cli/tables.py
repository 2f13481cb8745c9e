"""`pipeline tables` and `pipeline columns`: the declared tables and columns."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.options import console_of_output
from pipelines.errors import UsageError


def tables() -> None:
    """List every table: key, endpoint, how often it is written, number of columns."""
    from pipelines.cli.listings import show_tables
    from pipelines.tables import TABLES

    show_tables(console_of_output(), TABLES.values())


def columns(table: Annotated[str, typer.Argument(help="Name of the table.")]) -> None:
    """List every column of a table: type, source field, transformation, meaning."""
    from pipelines.cli.listings import show_columns
    from pipelines.tables import TABLES

    declared = TABLES.get(table)
    if declared is None:
        raise UsageError(f"Unknown table {table!r}: use one of {', '.join(TABLES)}.")
    show_columns(console_of_output(), declared)
