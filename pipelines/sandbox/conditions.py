"""What a race is: its name, class, distance, ground and prize, fitted to its horses."""

from typing import NamedTuple

from pipelines.sandbox.courses import Course
from pipelines.sandbox.dice import Dice
from pipelines.sandbox.fixtures import ABROAD, POOLS, Slot, to_date
from pipelines.sandbox.words import SPONSORS, SURNAMES

FIRST_PRIZES = {1: 56_710.0, 2: 25_770.0, 3: 10_467.5, 4: 5_234.0, 5: 4_187.2, 6: 3_140.4}
CLASS_FLOORS = ((104, 1), (95, 2), (85, 3), (75, 4), (65, 5))
WET = ("Soft", "Soft", "Heavy", "Good To Soft", "Good")
DRY = ("Good", "Good", "Good To Firm", "Good To Firm", "Good To Soft", "Firm")
IRISH = (
    "Yielding",
    "Good To Yielding",
    "Yielding To Soft",
    "Good",
    "Soft",
    "Soft To Heavy",
    "Heavy",
)
ALL_WEATHER = ("Standard", "Standard", "Standard To Slow", "Slow")


class Entry(NamedTuple):
    """What the conditions of a race depend on in one of its horses."""

    age: int
    female: bool
    rating: int
    kind: int


class Conditions(NamedTuple):
    """The conditions of a race; `klass` is 0 outside Britain."""

    name: str
    pattern: str
    klass: int
    kind: str
    age_band: str
    rating_band: str
    sex: str
    yards: int
    prize: float
    going: str
    surface: str
    jumps: str
    handicap: bool


def conditions(dice: Dice, slot: Slot, day: int, field: list[Entry]) -> Conditions:
    """Write the conditions of a race around its field."""
    pool = POOLS[slot.pool]
    top = max(entry.rating for entry in field)
    level = next((klass for floor, klass in CLASS_FLOORS if top >= floor), 6)
    kind = _kind(pool.jumps, sorted(entry.kind for entry in field)[len(field) // 2])
    pattern = _pattern(dice, pool.jumps) if level == 1 and dice.chance(0.8) else ""
    handicap = not pattern and slot.pool != ABROAD and kind != "NH Flat" and dice.chance(0.65)
    sex = ("M" if pool.jumps else "F") if all(entry.female for entry in field) else ""
    age_band = _age_band({entry.age for entry in field})
    furlongs = (
        dice.one((16, 16, 17, 20, 20, 22, 24, 26))
        if pool.jumps
        else dice.one((5, 6, 6, 7, 7, 8, 8, 9, 10, 12, 14, 16))
    )
    yards = furlongs * 220 + _extra_yards(dice, slot, kind)
    return Conditions(
        name=_name(dice, slot, handicap, kind, sex, age_band),
        pattern=pattern,
        klass=level if pool.region == "gb" else 0,
        kind=kind,
        age_band=age_band,
        rating_band=_rating_band(dice, pool.region, top) if handicap else "",
        sex=sex,
        yards=yards,
        prize=_prize(dice, pool.region, level),
        going=going(slot.course, day),
        surface="AW" if "A" in slot.course.kinds else "Turf",
        jumps=f"{furlongs // 2} hurdles" if kind == "Hurdle" else "",
        handicap=handicap,
    )


def _kind(jumps: bool, middle: int) -> str:
    """Name the type of a race by the horse in the middle of its field."""
    return ("NH Flat", "Hurdle", "Chase")[middle] if jumps else "Flat"


def _pattern(dice: Dice, jumps: bool) -> str:
    """Draw the grade of a race of the first class."""
    word = "Grade" if jumps else "Group"
    return dice.one(("Listed", "Listed", f"{word} 3", f"{word} 2", f"{word} 1"))


def _age_band(ages: set[int]) -> str:
    """Write the ages admitted."""
    low, high = min(ages), max(ages)
    return f"{low}yo" if low == high and low <= 3 else f"{min(low, 10)}yo+"


def _rating_band(dice: Dice, region: str, top: int) -> str:
    """Write the ratings admitted; Ireland often does not."""
    return "" if region == "ire" and dice.chance(0.4) else f"0-{-(-top // 5) * 5}"


def _extra_yards(dice: Dice, slot: Slot, kind: str) -> int:
    """Add what makes real distances odd; races abroad are even."""
    return 0 if slot.pool == ABROAD else dice.one((0, 0, 0, 53, 31, -11, -10, 3, 14, 118, -1))


def _prize(dice: Dice, region: str, level: int) -> float:
    """Set the winner's prize."""
    if region == "gb":
        return (
            FIRST_PRIZES[level] if level > 1 else round(FIRST_PRIZES[1] * dice.between(0.4, 5), 2)
        )
    return float(int(dice.one((5_900, 6_490, 7_080, 8_850, 11_800)) * (8 - level) / 2 // 10 * 10))


def going(course: Course, day: int) -> str:
    """Describe the ground, which is the same for all races of a meeting."""
    dice = Dice(int(course.id[4:]), day)
    if "A" in course.kinds:
        return dice.one(ALL_WEATHER)
    if course.region == "ire":
        return dice.one(IRISH)
    return dice.one(DRY if 4 <= to_date(day).month <= 9 else WET)


def _name(dice: Dice, slot: Slot, handicap: bool, kind: str, sex: str, age_band: str) -> str:
    """Make up a title as long and as commercial as the real ones."""
    if slot.pool == ABROAD:
        return f"Prix {dice.one(SURNAMES)} (Conditions) ({age_band}) (Turf)"
    what = (
        f"{'Nursery ' if age_band == '2yo' else ''}Handicap"
        if handicap
        else dice.one(("Novice", "Maiden", "Conditions"))
    )
    over = {"Flat": "" if handicap else " Stakes", "NH Flat": " National Hunt Flat Race"}.get(
        kind, f" {kind}"
    )
    whose = {"F": "Fillies' ", "M": "Mares' "}.get(sex, "")
    tail = dice.one(
        (
            "",
            "",
            "",
            "",
            " (GBB Race)",
            " (Div I)",
            " (Div II)",
            ' (A "Horses First" Series Qualifier)',
        )
    )
    return f"{dice.one(SPONSORS)} {whose}{what}{over}{tail}"
