"""The declared tables and columns for a person to read: `pipeline tables` and `columns`."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table as TextTable
from rich.text import Text

from pipelines.api.endpoints import ENDPOINTS
from pipelines.tables import Table


def show_tables(console: Console, tables: Iterable[Table]) -> None:
    """List tables: key, endpoints, how often they are written, number of columns."""
    listing = TextTable(box=None, pad_edge=False)
    for name in ("table", "key", "endpoint", "written", "columns"):
        listing.add_column(name, overflow="fold", no_wrap=name == "table")
    for table in tables:
        paths = [ENDPOINTS[endpoint].path for endpoint in table.rows_from]
        listing.add_row(
            table.name,
            ", ".join(table.key),
            "\n".join(paths) or "none: written by the loader",
            table.how_often,
            str(len(table.columns)),
        )
    console.print(listing)


def show_columns(console: Console, table: Table) -> None:
    """List a table's columns: type, source fields, transformations, meaning."""
    console.print(f"{table.name}: {table.grain}; key {', '.join(table.key)}\n", highlight=False)
    for column in table.columns:
        null = " not null" if column.required else ""
        console.print(Text.assemble((column.name, "bold"), f" {column.type}{null}"))
        listing = TextTable.grid(padding=(0, 1))
        listing.add_row("   ", Text(column.meaning))
        for endpoint, origin in column.origins.items():
            root = ENDPOINTS[endpoint].root or f"{endpoint}: "
            fields = ", ".join(root + path for path in origin.paths)
            listing.add_row("   ", Text(f"{fields} -> {origin.transformation}", style="dim"))
        if column.set_by:
            listing.add_row("   ", Text(column.set_by, style="dim"))
        console.print(listing)
