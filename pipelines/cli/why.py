"""`pipeline why`: from a value back to the response that it came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pipelines.cli.options import DestinationOption, console_of_output, destination_named

if TYPE_CHECKING:
    from pipelines.ask.why import Explanation, Source

WIDEST_VALUE: Final = 70


def why(
    table: Annotated[
        str,
        typer.Argument(
            help="A table of races, runners, people or horses, or one of their source tables.",
            show_default=False,
        ),
    ],
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="ID [HORSE] [COLUMN]",
            help="Id of the race, person or horse, and for runners also of the horse; then the "
            "column, all without it.",
            show_default=False,
        ),
    ],
    destination: DestinationOption = "",
) -> None:
    """Show where a value comes from, or why it is NULL: rule, source table, saved response, field.

    It reads the database and the archive, and makes no call.
    """
    from pipelines.ask.database import AskedDatabase
    from pipelines.ask.why import EXPLAINED, archive_of, explain
    from pipelines.settings import load_settings

    declared = EXPLAINED.get(table)
    size = len(declared.key) if declared else len(names)
    key, rest = names[:size], names[size:]
    archive = archive_of(load_settings(with_credentials=False).archive)
    database = AskedDatabase(destination_named(destination))
    column = " ".join(rest)
    console = console_of_output()
    found = explain(database, archive, table, key, column)
    for explanation in found:
        for line in _lines(explanation) if column else [_line(explanation)]:
            console.print(line, highlight=False, soft_wrap=True)


def _lines(about: Explanation) -> list[str]:
    lines = [
        f"{about.table}.{about.column} of {about.key} is {_shown(about.value)}",
        f"  meaning  {about.meaning}",
        f"  rule     {about.rule}",
    ]
    if about.updated_at:
        lines.append(f"  changed  {about.updated_at:%Y-%m-%d %H:%M:%S} UTC (the whole row)")
    for source in about.sources:
        lines += _source_lines(source, is_chosen=source.table == about.chosen)
    return lines


def _source_lines(source: Source, *, is_chosen: bool) -> list[str]:
    told = _shown(source.value) if source.has_row else "no row"
    lines = [f"{source.table}: {told}{', the value taken' if is_chosen else ''}"]
    if source.loaded_at:
        lines.append(f"  changed  {source.loaded_at:%Y-%m-%d %H:%M:%S} UTC (the whole row)")
    if source.sent:
        fields = (f"{path} = {_sent(raw)}" for path, raw in source.sent.fields.items())
        lines.append(f"  sent     {', '.join(fields)}")
        lines.append(f"  file     {source.sent.place}")
        lines.append(f"  fetched  {source.sent.fetched_at:%Y-%m-%d %H:%M:%S} UTC")
    return [*lines, *(f"  because  {_shown_text(note)}" for note in source.notes)]


def _line(about: Explanation) -> str:
    chosen = about.chosen or (about.sources[0].table if about.sources else "")
    sent = next((one.sent for one in about.sources if one.table == chosen and one.sent), None)
    notes = [note for source in about.sources for note in source.notes]
    told = notes[0] if about.value is None and notes else about.rule
    where = f"{chosen} {', '.join(sent.fields)}" if sent and about.chosen else told
    return f"{about.column:28} {_shown(about.value):40} {_shown_text(where)}"


def _shown(value: object) -> str:
    if value is None:
        return "NULL"
    text = _shown_text(value if isinstance(value, str) else str(value))
    return text if len(text) <= WIDEST_VALUE else f"{text[: WIDEST_VALUE - 1]}…"


def _sent(raw: object) -> str:
    """Return a value as it was sent: a text in quotes, so that a blank one shows."""
    from pipelines.ask.sent import ABSENT

    return ABSENT if raw is ABSENT else _shown(json.dumps(raw, ensure_ascii=False))


def _shown_text(text: str) -> str:
    from pipelines.text import plain

    return plain(text)
