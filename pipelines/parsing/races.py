"""Readers of facts about races: distances, times, positions, prices and dividends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from pipelines.parsing.names import is_placeholder
from pipelines.parsing.values import (
    LONGEST_TEXT,
    UNKNOWN,
    UNREADABLE,
    Reading,
    Unreadable,
    fit,
    identifier,
    integer,
    number_of,
    text,
    upper,
    word_reader,
)

YARDS_IN_A_MILE: Final = 1760
YARDS_IN_A_FURLONG: Final = 220
METRES_IN_A_YARD: Final = Decimal("0.9144")
POUNDS_IN_A_STONE: Final = 14

FINISH_STATUS: Final = {
    "F": "fell",
    "U": "unseated",
    "UR": "unseated",
    "PU": "pulled_up",
    "P": "pulled_up",
    "BD": "brought_down",
    "B": "brought_down",
    "R": "refused",
    "REF": "refused",
    "RO": "ran_out",
    "SU": "slipped_up",
    "S": "slipped_up",
    "CO": "carried_out",
    "C": "carried_out",
    "LFT": "left",
    "L": "left",
    "RR": "refused_to_race",
    "DSQ": "disqualified",
    "DQ": "disqualified",
    "D": "disqualified",
    "VO": "void",
    "VOI": "void",
    "VOID": "void",
    "DIED": "died",
}

FINISHED: Final = "finished"
UNKNOWN_STATUS: Final = "unknown"

_PLACE = re.compile(
    r"(?:=|D[-/]?H)?\s*([1-9]\d{0,2})\s*(?:ST|ND|RD|TH)?\s*(?:=|\(?D[-/]?H\)?)?", re.ASCII
)
"""A place or an ordinal, with or without a mark of a dead heat: 1, 1ST, =1, 1=, 1DH."""
_DISTANCE = re.compile(r"(?:(\d{1,3})m)?(?:(\d{1,3})(½)?f|(½)f)?(?:(\d{1,4})y)?")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}(?:\.\d+)?)")
_DETAIL = re.compile(r"(?:(\d{1,3})m)?\s*(\d{1,3}(?:\.\d+)?)s")
_STANDARD = re.compile(r"\((slow|fast) by ([^()]*)\)")
_LAST_RUN = re.compile(r"(\d{1,6})?\s*(?:\((\d{1,6})\s*[A-Z]*\))?")
_RESERVE = re.compile(r"R(\d{1,4})")


# Races

race_type = word_reader(
    ("Flat", "Hurdle", "Chase", "NH Flat"), "One of Flat, Hurdle, Chase and NH Flat; blank to NULL."
)


# Distances


def yards(raw: Any) -> int | Unreadable | None:
    """Exact distance in yards: miles * 1760 + furlongs * 220 + yards; blank to NULL."""
    value = text(raw)
    if not isinstance(value, str):
        return value
    found = _DISTANCE.fullmatch(value)
    if not found:
        return UNREADABLE
    miles, furlongs, half, only_half, rest = found.groups()
    return (
        int(miles or 0) * YARDS_IN_A_MILE
        + int(furlongs or 0) * YARDS_IN_A_FURLONG
        + (YARDS_IN_A_FURLONG // 2 if half or only_half else 0)
        + int(rest or 0)
    )


def metres(raw: Any) -> int | Unreadable | None:
    """Exact distance in metres: the yards * 0.9144, rounded; blank to NULL."""
    distance = yards(raw)
    return round(distance * METRES_IN_A_YARD) if isinstance(distance, int) else distance


def distance_text(raw: Any) -> str | Unreadable | None:
    """Miles, furlongs and yards as a card prints them, built from the yards; blank to NULL."""
    distance = integer(raw)
    if not isinstance(distance, int):
        return distance
    if distance <= 0:
        return UNREADABLE
    miles, rest = divmod(distance, YARDS_IN_A_MILE)
    furlongs, left = divmod(rest, YARDS_IN_A_FURLONG)
    parts = ((miles, "m"), (furlongs, "f"), (left, "y"))
    return "".join(f"{count}{unit}" for count, unit in parts if count)


def furlongs(raw: Any) -> Decimal | Unreadable | None:
    """Furlongs to one place, a trailing f removed; blank to NULL."""
    value = text(raw)
    if not isinstance(value, str):
        return value
    number = number_of(value.removesuffix("f").replace("½", ".5"))
    return fit(number, 5, 1) if isinstance(number, Decimal) else UNREADABLE


# Times


def clock_seconds(raw: Any) -> Decimal | Unreadable | None:
    """Minutes * 60 + seconds, where seconds are not zero-padded; blank to NULL."""
    return _seconds(_CLOCK, text(raw))


def winning_seconds(raw: Any) -> Decimal | Unreadable | None:
    """Minutes * 60 + seconds of '2m 19.97s (slow by 2.07s)'; blank to NULL."""
    value = text(raw)
    if not isinstance(value, str):
        return value
    return _seconds(_DETAIL, value.partition("(")[0].strip())


def standard_difference(raw: Any) -> Decimal | Unreadable | None:
    """Seconds in 'slow by' (positive) or 'fast by' (negative); NULL without."""
    value = text(raw)
    if not isinstance(value, str) or "(" not in value:
        return None if isinstance(value, str) else value
    found = _STANDARD.search(value)
    if not found:
        return UNREADABLE
    seconds = _seconds(_DETAIL, found[2].strip())
    if not isinstance(seconds, Decimal):
        return UNREADABLE
    return seconds if found[1] == "slow" else -seconds


def winning_time(positions: Sequence[Any], times: Sequence[Any]) -> Reading:
    """Time of the runner placed 1; NULL without one."""
    winners = (time for place, time in zip(positions, times, strict=True) if position(place) == 1)
    return text(next(winners, None))


def _seconds(
    pattern: re.Pattern[str], value: str | Unreadable | None
) -> Decimal | Unreadable | None:
    if not isinstance(value, str):
        return value
    found = pattern.fullmatch(value)
    return fit(int(found[1] or 0) * 60 + Decimal(found[2]), 8, 2) if found else UNREADABLE


# Runners


def runner_id(raw_race: Any, raw_horse: Any) -> str | Unreadable | None:
    """race_id + "_" + horse_id."""
    race, horse = identifier(raw_race), identifier(raw_horse)
    return f"{race}_{horse}" if isinstance(race, str) and isinstance(horse, str) else None


def saddle_cloth(raw: Any) -> int | Unreadable | None:
    """Digits; NR to NULL, R17 to 17; blank to NULL."""
    value = upper(raw)
    if value == "NR":
        return None
    reserve = _RESERVE.fullmatch(value) if isinstance(value, str) else None
    return int(reserve[1]) if reserve else integer(raw)


def is_non_runner(number: Any, jockey: Any) -> bool:
    """True when the number is NR or the jockey's name starts NON-RUNNER."""
    return upper(number) == "NR" or is_placeholder(jockey)


def is_reserve(number: Any) -> bool:
    """True when the number is R and digits."""
    value = upper(number)
    return isinstance(value, str) and _RESERVE.fullmatch(value) is not None


def always(_: Any) -> bool:
    """True."""
    return True


def count_non_runners(numbers: Sequence[Any]) -> int:
    """Number of runners with the number NR."""
    return sum(upper(number) == "NR" for number in numbers)


def count(runners: Sequence[Any]) -> int:
    """Number of runners of the result."""
    return len(runners)


def stones_and_pounds(raw: Any) -> str | Unreadable | None:
    """Pounds as stones-pounds; blank to NULL."""
    pounds = integer(raw)
    if not isinstance(pounds, int):
        return pounds
    return "{}-{}".format(*divmod(pounds, POUNDS_IN_A_STONE)) if pounds >= 0 else UNREADABLE


def last_run_days(raw: Any) -> int | Unreadable | None:
    """Leading integer outside the brackets; NULL for '(32F)' and blank."""
    return _last_run(raw, 1)


def last_run_days_other_code(raw: Any) -> int | Unreadable | None:
    """Integer inside the brackets; NULL without."""
    return _last_run(raw, 2)


def _last_run(raw: Any, group: int) -> int | Unreadable | None:
    value = text(raw)
    if not isinstance(value, str):
        return value
    found = _LAST_RUN.fullmatch(value)
    if not found:
        return UNREADABLE
    return int(found[group]) if found[group] else None


def joined_by_space(raw: Any) -> str | Unreadable | None:
    """The codes joined by one space; an empty list to NULL."""
    return _joined(raw, " ")


def joined_by_line(raw: Any) -> str | Unreadable | None:
    """The texts joined by a line break; an empty list to NULL."""
    return _joined(raw, "\n")


def _joined(raw: Any, separator: str) -> str | Unreadable | None:
    if raw is None:
        return None
    values = [text(value) for value in (raw if isinstance(raw, list | tuple) else [raw])]
    if UNREADABLE in values:
        return UNREADABLE
    joined = separator.join(value for value in values if isinstance(value, str))
    return joined or None if len(joined) <= LONGEST_TEXT else UNREADABLE


# Positions


def position(raw: Any) -> int | Unreadable | None:
    """Number of a place such as 1, 1st, =1 or 1DH; a code such as PU to NULL."""
    value = upper(raw)
    if not isinstance(value, str):
        return value
    place = _PLACE.fullmatch(value)
    if place:
        return int(place[1])
    return None if value in FINISH_STATUS else UNKNOWN


def finish_status(raw: Any) -> str:
    """Finished for a place; else the code in words, unknown for one not listed and for a blank."""
    if isinstance(position(raw), int):
        return FINISHED
    return FINISH_STATUS.get(str(upper(raw)), UNKNOWN_STATUS)
