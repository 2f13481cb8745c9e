"""`pipeline changes`: what has changed since a cursor, in order."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pipelines.cli.options import DestinationOption, console_of_output, destination_named
from pipelines.errors import UsageError
from pipelines.system.signals import interruptible

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.mapping import Row

LOOK_AGAIN_SECONDS: Final = 15.0


def changes(
    since: Annotated[
        str,
        typer.Option(
            help="Cursor that this command printed before, or a UTC time (2026-10-10T09:00). "
            "Without it: the last 24 hours."
        ),
    ] = "",
    follow: Annotated[
        bool, typer.Option("--follow", help="Wait for more, until you stop it.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print a JSON object per line, each with its cursor.")
    ] = False,
    kind: Annotated[
        str, typer.Option(help="Only these kinds, separated by commas: runner, race, price.")
    ] = "runner,race,price",
    destination: DestinationOption = "",
) -> None:
    """Print what was seen to change since a cursor, in order, and the cursor to continue from."""
    from pipelines.database.reader import Reader
    from pipelines.raceday.feed import KINDS, Cursor, changes_since, cursor_of
    from pipelines.tables import CHANGE_TABLES

    kinds = tuple(name.strip() for name in kind.split(",") if name.strip())
    if not kinds or set(kinds) - set(KINDS):
        raise UsageError(f"--kind {kind!r}: use some of {', '.join(KINDS)}.")
    cursor = cursor_of(since) if since else Cursor(datetime.now(UTC) - timedelta(days=1))
    reader = Reader(destination_named(destination))
    reader.require(table.name for table in CHANGE_TABLES)
    console = console_of_output()
    with interruptible():
        while True:
            found = changes_since(reader, cursor, kinds)
            for row in found:
                _print(console, row, is_json=json)
            if found:
                cursor = cursor_of(str(found[-1]["cursor"]))
            elif follow:
                time.sleep(LOOK_AGAIN_SECONDS)
            else:
                break
    if not json:
        console.print(f"continue with --since {cursor}", highlight=False)


def _print(console: Console, row: Row, *, is_json: bool) -> None:
    if is_json:
        import orjson

        sys.stdout.buffer.write(orjson.dumps(row) + b"\n")
        sys.stdout.buffer.flush()
        return
    who = " ".join(str(row[name]) for name in ("horse_name", "bookmaker_id") if row[name])
    off = row["off_dt"]
    where = f"{row['course_name']} {off:%H:%M}" if isinstance(off, datetime) else row["race_id"]
    values = " -> ".join(str(row[name]) for name in ("old_value", "new_value") if row[name])
    line = f"{row['seen_at']:%Y-%m-%d %H:%M:%S}  {where}  {who}  {row['what']}: {values}"
    console.print(line, highlight=False, soft_wrap=True)
