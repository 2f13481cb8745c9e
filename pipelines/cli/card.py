"""`pipeline card`: today's races, or some of them with their runners, in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from pipelines.cli.options import DestinationOption, console_of_output, day_named, destination_named

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as TextTable

    from pipelines.ask.day import Day, Race

WIDEST: Final = 100


def card(
    race: Annotated[
        str,
        typer.Argument(
            metavar="[RACE|COURSE]",
            help="Id or off time (15:40) of a race, or a course; all races of the day without it.",
            show_default=False,
        ),
    ] = "",
    day: Annotated[str, typer.Option(help="UK day (2025-10-13); the latest without it.")] = "",
    destination: DestinationOption = "",
) -> None:
    """Show today's races, or one race or meeting with its runners, in 100 columns.

    Off is the number of days since the last run, OR the official rating, T14 the trainer's wins of
    runs in the last 14 days, and Price the best one when the card was last fetched.
    """
    from pipelines.ask import connect
    from pipelines.ask.day import card_of_day

    found = card_of_day(connect(destination_named(destination)), day_named("--day", day))
    console = console_of_output()
    if race:
        for number, each in enumerate(found.find(race)):
            console.print("\n" if number else "", end="")
            _show_race(console, each)
    else:
        _show_day(console, found)


def _listing(**columns: int) -> TextTable:
    """Begin a table whose columns have a width that they keep; a negative one is for figures."""
    from rich.table import Table

    listing = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name, width in columns.items():
        listing.add_column(
            name.replace("_", " "),
            justify="right" if width < 0 else "left",
            max_width=abs(width),
            no_wrap=True,
            overflow="ellipsis",
        )
    return listing


def _show_day(console: Console, day: Day) -> None:
    from rich.text import Text

    from pipelines.ask.words import distance_in_miles
    from pipelines.text import count_of, plain

    races = count_of(len(day.races), "race")
    console.print(f"{day.date:%A %d %B %Y}: {races}", style="bold")
    for meeting in day.meetings:
        going = plain(meeting.races[0]["going"] or "going unknown")
        console.print(Text.assemble("\n", (plain(meeting.course_name), "bold"), f"  {going}"))
        listing = _listing(Time=5, Race=48, Type=7, Class=7, Distance=9, Run=-3)
        for race in meeting.races:
            state = "off" if race["is_abandoned"] else str(race.declared)
            listing.add_row(
                race["time"],
                Text(plain(race["race_name"])),
                race["race_type"] or "",
                Text(plain(race["pattern"] or race["race_class"] or "")),
                distance_in_miles(race["distance_f"]),
                state,
            )
        console.print(listing)


def _show_race(console: Console, race: Race) -> None:
    from rich.text import Text

    from pipelines.ask.words import distance_in_miles, price, record, weight_in_stones
    from pipelines.text import count_of, plain

    about = (
        race["race_type"],
        race["race_class"],
        race["pattern"],
        distance_in_miles(race["distance_f"]),
        race["going"],
        count_of(race.declared, "runner"),
        "abandoned" if race["is_abandoned"] else "",
    )
    title = f"{race['time']} {race['course_name']}  {race['race_name']}"
    console.print(Text(_cut(plain(title)), style="bold"))
    console.print(Text(_cut(", ".join(plain(part) for part in about if part))))
    listing = _listing(
        No=-2,
        Dr=-2,
        Horse=21,
        Form=-7,
        Off=-4,
        Wgt=-5,
        OR=-3,
        Jockey=15,
        Trainer=15,
        T14=-6,
        Price=-6,
    )
    for row in race.runners:
        is_out = row["is_non_runner"]
        listing.add_row(
            "NR" if is_out else "R" if row["is_reserve"] else str(row["number"] or ""),
            str(row["draw"] or ""),
            Text(plain(row["horse_name"])),
            Text(plain(row["form"] or "")[-7:]),
            str(row["days_off"] if row["days_off"] is not None else ""),
            weight_in_stones(row["weight"]),
            f"{row['official_rating'] or ''}",
            Text(plain(row["jockey_name"] or "")),
            Text(plain(row["trainer_name"] or "")),
            record(row["trainer_wins_14d"], row["trainer_runs_14d"]),
            "" if is_out else price(row["best_price"]),
            style="dim" if is_out else None,
        )
    console.print(listing)


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
