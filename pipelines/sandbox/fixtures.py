"""Which meetings are held on a day, and the races of each: place, time, rough size."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from pipelines.sandbox.courses import COURSES, Course
from pipelines.sandbox.dice import Dice, draws

EPOCH = date(1980, 1, 1)
FIELD_SIZES = (
    *(4, 5, 5, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9),
    *(10, 10, 10, 11, 11, 12, 12, 13, 14, 15, 16, 20, 22),
)
LARGE_FIELDS = FIELD_SIZES[len(FIELD_SIZES) // 2 :]
FLAT_SHARE = (0.33, 0.33, 0.4, 0.55, 0.7, 0.8, 0.8, 0.8, 0.7, 0.5, 0.35, 0.33)
FIRST_RACE_ABROAD = {"aus": 230, "nz": 120, "jpn": 180, "hk": 300, "usa": 1090, "saf": 690}


@dataclass(frozen=True)
class World:
    """The seed and scale of a made-up world."""

    seed: int = 1
    scale: float = 1.0


class Pool(NamedTuple):
    """A population of horses that meet each other."""

    region: str
    jumps: bool
    berths: int


POOLS = (
    Pool("gb", False, 43),
    Pool("gb", True, 36),
    Pool("ire", False, 11),
    Pool("ire", True, 11),
    Pool("", False, 10),
)
ABROAD = 4


class State(Enum):
    """What becomes of a race. A ghost is the dead one beside the race that replaced it."""

    RUN = "run"
    ABANDONED = "abandoned"
    GHOST = "ghost"


class Slot(NamedTuple):
    """A race as the fixture list knows it."""

    place: int
    course: Course
    meeting: int
    minute: int
    pool: int
    size: int
    state: State


class Plan(NamedTuple):
    """A meeting before it has a course: the pool of its horses, the sizes of its races."""

    pool: int
    sizes: tuple[int, ...]


def to_day(when: date) -> int:
    """Return the number of a date."""
    return (when - EPOCH).days


@lru_cache(maxsize=20_000)
def to_date(day: int) -> date:
    """Return the date of a number."""
    return EPOCH + timedelta(days=day)


def is_boxing_day(day: int) -> bool:
    """Return whether it is 26 December."""
    when = to_date(day)
    return when.month == 12 and when.day == 26


def is_blank(day: int) -> bool:
    """Return whether it is one of the two days of the year without racing."""
    when = to_date(day)
    return when.month == 12 and when.day in (24, 25)


@lru_cache(maxsize=4096)
def fixtures(world: World, day: int) -> tuple[Slot, ...]:
    """List the races of a day, ghosts behind the race they haunt."""
    meetings = plans(world, day)
    courses = _courses(Dice(world.seed, day, 36), day, meetings)
    slots = [
        slot
        for place, (course, meeting) in enumerate(zip(courses, meetings, strict=True))
        for slot in _slots(Dice(world.seed, day, place), place, course, meeting)
    ]
    return tuple([slot._replace(place=place) for place, slot in enumerate(slots)])


@lru_cache(maxsize=4096)
def plans(world: World, day: int) -> tuple[Plan, ...]:
    """Decide which horses race and how many; asked for by far more days than the fixtures are."""
    if day < 0 or is_blank(day):
        return ()
    dice = Dice(world.seed, day)
    home = dice.shuffled(_home_pools(dice, day))
    races = 75 + dice.below(6) if is_boxing_day(day) else _races(dice, day)
    per_meeting = [races // len(home) + (place < races % len(home)) for place in range(len(home))]
    kept = max(1, round(len(home) * world.scale))
    away = [ABROAD] * max(1, round((2 + dice.below(2)) * world.scale))
    counts = per_meeting[:kept] + [1 + dice.below(3) for _ in away]
    return tuple(
        [
            Plan(pool, _sizes(draws(world.seed, place, 35, day)[:count], pool))
            for place, (pool, count) in enumerate(zip(home[:kept] + away, counts, strict=True))
        ]
    )


def _sizes(luck: tuple[int, ...], pool: int) -> tuple[int, ...]:
    """Draw the sizes of a meeting's races."""
    sizes = LARGE_FIELDS if pool == ABROAD else FIELD_SIZES
    return tuple([sizes[draw % len(sizes)] for draw in luck])


def _races(dice: Dice, day: int) -> int:
    """Draw how many races Britain and Ireland hold: most on Saturdays, fewest on Sundays."""
    low, high = {5: (41, 46), 6: (35, 40)}.get(to_date(day).weekday(), (35, 46))
    return low + dice.below(high - low + 1)


def _home_pools(dice: Dice, day: int) -> list[int]:
    """Draw the code and country of each home meeting, by season and weekday."""
    if is_boxing_day(day):
        return [0] + [1] * 7 + [3] * 2
    when = to_date(day)
    flat_share = FLAT_SHARE[when.month - 1]
    irish = (
        [2, 3] if when.weekday() == 6 or dice.chance(0.2) else [2 if dice.chance(flat_share) else 3]
    )
    british = (6 if when.weekday() == 5 or dice.chance(0.4) else 5) - len(irish)
    flat = int(british * flat_share + dice.roll())
    return irish + [0] * flat + [1] * (british - flat)


def _courses(dice: Dice, day: int, meetings: tuple[Plan, ...]) -> Iterator[Course]:
    """Give each meeting a course of its own."""
    free = dice.shuffled(COURSES)
    for meeting in meetings:
        course = next(course for course in free if _suits(course, meeting.pool, day))
        free.remove(course)
        yield course


def _suits(course: Course, pool: int, day: int) -> bool:
    """Return whether a course can stage this pool's racing at this time of year."""
    if pool == ABROAD:
        return course.region not in ("gb", "ire")
    if course.region != POOLS[pool].region:
        return False
    if POOLS[pool].jumps:
        return "J" in course.kinds
    turf = 4 <= to_date(day).month <= 10
    return "A" in course.kinds or ("F" in course.kinds and turf)


def _slots(dice: Dice, place: int, course: Course, plan: Plan) -> Iterator[Slot]:
    """Lay out the races of a meeting; now and then some are abandoned, or haunted by a ghost."""
    minute, races, home = _first_minute(dice, course, plan), len(plan.sizes), plan.pool != ABROAD
    lost_from = dice.below(races) if home and dice.chance(0.006) else races
    haunted = home and dice.chance(0.006)
    for number, size in enumerate(plan.sizes):
        lost = number >= lost_from or (home and dice.chance(0.002))
        state = State.ABANDONED if lost else State.RUN
        slot = Slot(0, course, place, minute, plan.pool, size, state)
        yield slot
        if haunted and not lost and number < 3:
            yield slot._replace(state=State.GHOST)
        minute += dice.one((30, 30, 33, 35))


def _first_minute(dice: Dice, course: Course, plan: Plan) -> int:
    """Choose when a meeting begins, in minutes after midnight, UK time."""
    if plan.pool == ABROAD:
        return FIRST_RACE_ABROAD.get(course.region, 750) + 5 * dice.below(20)
    if "A" in course.kinds and dice.chance(0.6):
        return dice.one((960, 990, 1010, 1020, 1050))
    return dice.one((720, 735, 765, 780, 790, 810, 823, 840))
