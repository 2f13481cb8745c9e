"""How the API writes times, distances, weights and money."""

from collections.abc import Mapping
from datetime import datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

import orjson

from pipelines.sandbox.courses import Course
from pipelines.sandbox.fixtures import to_date

LONDON = ZoneInfo("Europe/London")


def members(fields: Mapping[str, object]) -> bytes:
    """Render the members of a JSON object without its braces, to be kept and put together."""
    return orjson.dumps(fields)[1:-1]


@lru_cache(maxsize=4096)
def off(day: int, minute: int) -> datetime:
    """Find the moment of the off."""
    return datetime.combine(to_date(day), time(minute // 60, minute % 60), LONDON)


def clock(minute: int) -> str:
    """Write a time of day on twelve hours, and leave the reader to guess which twelve."""
    return f"{(minute // 60 - 1) % 12 + 1}:{minute % 60:02}"


def exact(yards: int) -> str:
    """Write a distance to the yard, as in 2m53y."""
    miles, rest = divmod(yards, 1760)
    furlongs, odd = divmod(rest, 220)
    return "".join(
        f"{count}{unit}" for count, unit in ((miles, "m"), (furlongs, "f"), (odd, "y")) if count
    )


def rounded(yards: int) -> str:
    """Write a distance to the half furlong, as in 1m2½f."""
    miles, halves = divmod(half_furlongs(yards), 16)
    furlongs = f"{halves // 2 or ''}{'½' if halves % 2 else ''}"
    return (f"{miles}m" if miles else "") + (f"{furlongs}f" if furlongs else "")


def half_furlongs(yards: int) -> int:
    """Count the half furlongs in a distance."""
    return round(yards / 110)


def metres(yards: int, course: Course) -> str:
    """Write a distance in metres; Australia and Germany race over full hundreds."""
    if course.region in ("aus", "ger"):
        return f"{round(yards * 0.9144 / 100) * 100}.0"
    return str(round(yards * 0.9144))


def weight(lbs: int) -> str:
    """Write a weight in stones and pounds."""
    return f"{lbs // 14}-{lbs % 14}"


def lengths(distance: float) -> str:
    """Write a distance between horses: half a length is .5, a neck 0.3."""
    text = f"{distance:g}"
    return text[1:] if distance in (0.5, 0.75) else text


def race_time(seconds: float) -> str:
    """Write a running time; the seconds are not padded."""
    minutes, rest = divmod(round(seconds * 100), 6000)
    return f"{minutes}:{rest / 100:.2f}"


def spoken_time(seconds: float) -> str:
    """Write a time with its units, without minutes below sixty seconds."""
    minutes, rest = divmod(round(seconds * 100), 6000)
    return (f"{minutes}m " if minutes else "") + f"{rest / 100:.2f}s"


def money(amount: float, sign: str = "") -> str:
    """Write an amount, with pence only where there are any."""
    return f"{sign}{amount:.2f}".removesuffix(".00")


def course_name(course: Course, suffixed: bool = False) -> str:
    """Write a course's name; results put the country behind that of one abroad."""
    return (
        f"{course.name} ({course.region.upper()})"
        if suffixed and course.region != "gb"
        else course.name
    )
