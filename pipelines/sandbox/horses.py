"""Horses: every animal, running or breeding, is a pure function of its number."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from pipelines.sandbox.dice import Dice, mix
from pipelines.sandbox.fixtures import POOLS, to_date
from pipelines.sandbox.people import owning, training
from pipelines.sandbox.stables import FIRST_HORSE, find
from pipelines.sandbox.words import FIRST, FORENAMES, PATTERNS, SECOND, SURNAMES

STALLION, STALLION_STEP, STALLIONS_A_YEAR = 300_000, 2_501, 14
MARE, MARE_STEP, MARES_A_YEAR = 6_000_000, 12, 2_000
FIRST_YEAR = 1940
BIRTHPLACES = {"gb": ("GB",) * 5 + ("IRE",) * 4 + ("FR",), "ire": ("IRE",) * 8 + ("GB", "FR")}
ANYWHERE = (
    "GB",
    "GB",
    "IRE",
    "IRE",
    "IRE",
    "FR",
    "USA",
    "GER",
    "AUS",
    "NZ",
    "JPN",
    "CAN",
    "SAF",
    "ARG",
)
COLOURS = ("b", "b", "b", "b", "ch", "ch", "br", "gr", "bl", "b/br", "ro")
NAMES = len(FIRST) * len(SECOND) * len(PATTERNS)
ENTIRE = 99  # the age at which a colt that is never gelded is gelded


class Horse(NamedTuple):
    """An animal. Sire and dam are numbers of other animals; 0 stands for one that nobody knows."""

    number: int
    name: str
    region: str
    dob: date
    female: bool
    gelded_at: int
    colour: str
    breeder: str
    sire: int
    dam: int


class Stint(NamedTuple):
    """A time spent with one trainer or one owner."""

    since: int
    whose: int


class Career(NamedTuple):
    """What a running horse brings along beside its pedigree."""

    debut: int
    rating: int
    chaser_at: int
    figures: str
    trainers: tuple[Stint, ...]
    owners: tuple[Stint, ...]
    operated: int | None


def _name(seed: int, number: int) -> str:
    """Give a name to a number: numbers near each other never share one."""
    place = (number * 190_871 + mix(seed)) % NAMES
    place, pattern = divmod(place, len(PATTERNS))
    first, second = divmod(place, len(SECOND))
    name = PATTERNS[pattern].format(FIRST[first], SECOND[second])
    return f"{name} I" if number % 997 == 0 else name


def _breeder(dice: Dice) -> str:
    """Name whoever bred a horse."""
    person, name = f"{dice.one(FORENAMES)} {dice.one(SURNAMES)}", dice.one(SURNAMES)
    return dice.one(
        (
            f"{name} Stud",
            f"{name} Bloodstock Ltd",
            person,
            f"{person} & {name} Stud",
            f"Sarl {name}, {person} Et Al",
        )
    )


def _parents(dice: Dice, year: int) -> tuple[int, int]:
    """Draw a sire and a dam of an age to have foals in a year."""
    sired, foaled = year - 5 - dice.below(15) - FIRST_YEAR, year - 4 - dice.below(13) - FIRST_YEAR
    sire = (
        STALLION + STALLION_STEP * (sired * STALLIONS_A_YEAR + dice.below(STALLIONS_A_YEAR))
        if sired >= 0
        else 0
    )
    dam = (
        MARE + MARE_STEP * (foaled * MARES_A_YEAR + dice.below(MARES_A_YEAR)) if foaled >= 0 else 0
    )
    return sire, dam


def _born(seed: int, number: int, dob: date, female: bool, places: tuple[str, ...]) -> Horse:
    """Fill in the rest of an animal."""
    dice = Dice(seed, number, 21)
    gelded = ENTIRE if number < FIRST_HORSE or dice.chance(0.25) else 2 + dice.below(3)
    sire, dam = _parents(dice, dob.year)
    region, colour, breeder = dice.one(places), dice.one(COLOURS), _breeder(dice)
    return Horse(
        number, _name(seed, number), region, dob, female, gelded, colour, breeder, sire, dam
    )


@lru_cache(maxsize=60_000)
def horse(seed: int, number: int) -> Horse | None:
    """Look an animal up, if there is one of that number."""
    if number >= FIRST_HORSE:
        return _runner(seed, number)
    if number >= MARE:
        return _parent(seed, number, MARE, MARE_STEP, MARES_A_YEAR)
    return _parent(seed, number, STALLION, STALLION_STEP, STALLIONS_A_YEAR)


def _parent(seed: int, number: int, first: int, step: int, a_year: int) -> Horse | None:
    """Look a stallion or a mare up."""
    place, off = divmod(number - first, step)
    year = FIRST_YEAR + place // a_year
    if off or not FIRST_YEAR <= year < 2100:
        return None
    return _born(
        seed,
        number,
        date(year, 1, 15) + timedelta(days=mix(seed, number) % 150),
        first == MARE,
        ANYWHERE,
    )


def _runner(seed: int, number: int) -> Horse | None:
    """Look a racehorse up: it was foaled two years or more before its first turn."""
    found = find(number)
    if found is None:
        return None
    block, _, _, debut = found
    dice = Dice(seed, number, 22)
    started = to_date(debut)
    older = dice.one((3, 4, 4, 5)) if POOLS[block.pool].jumps else dice.one((1, 2, 2, 3))
    spring = timedelta(days=14 + dice.below(120))
    dob = date(started.year - 1 - older, 1, 1) + spring
    if dob.replace(year=dob.year + 2, day=min(dob.day, 28)) >= started - timedelta(days=3):
        dob = date(dob.year - 1, 1, 1) + spring
    return _born(
        seed, number, dob, dice.chance(0.42), BIRTHPLACES.get(POOLS[block.pool].region, ANYWHERE)
    )


@lru_cache(maxsize=25_000)
def career(seed: int, number: int) -> Career:
    """Look up what a racehorse brings along."""
    found = find(number)
    if found is None:
        raise KeyError(number)
    block, _, _, debut = found
    dice = Dice(seed, number, 23)
    region, jumps = POOLS[block.pool].region, POOLS[block.pool].jumps
    trainers = tuple(
        Stint(since, training(dice, region, debut)) for since in _moves(dice, debut, 0.3)
    )
    owners = tuple(Stint(since, owning(dice, debut)) for since in _moves(dice, debut, 0.35))
    rating = (
        45 + int((dice.roll() + dice.roll()) * 30) + (dice.below(30) if dice.chance(0.1) else 0)
    )
    figures = "".join(dice.one("1122233344455566677889900PUF") for _ in range(12)) + dice.one(
        ("/", "-", "5")
    )
    operated = debut - dice.below(200) if dice.chance(0.06) else None
    return Career(
        debut, rating, 5 + dice.below(4) if jumps else 0, figures, trainers, owners, operated
    )


def _moves(dice: Dice, debut: int, share: float) -> list[int]:
    """Draw the days on which a horse changes hands, the first before all."""
    days = [debut - 400]
    while dice.chance(share) and len(days) < 4:
        days.append(days[-1] + 250 + dice.below(300))
    return days


def age_on(animal: Horse, when: date) -> int:
    """Count a horse's years, which change on 1 January."""
    return when.year - animal.dob.year


def sex_at(animal: Horse, age: int) -> tuple[str, str]:
    """Name a horse's sex at an age, as a word and as a code."""
    if animal.female:
        return ("filly", "F") if age <= 4 else ("mare", "M")
    if age >= animal.gelded_at:
        return "gelding", "G"
    return ("colt", "C") if age <= 4 else ("horse", "H")


def suffixed(animal: Horse) -> str:
    """Write a name as results and profiles do: capitals throughout, the country behind."""
    words = (word[0].upper() + word[1:] for word in animal.name.split(" "))
    return f"{' '.join(words)} ({animal.region})"


@lru_cache(maxsize=25_000)
def pedigree(seed: int, number: int) -> tuple[Horse | None, Horse | None, Horse | None]:
    """Look up sire, dam and the dam's sire."""
    animal = horse(seed, number)
    sire = horse(seed, animal.sire) if animal else None
    dam = horse(seed, animal.dam) if animal else None
    return sire, dam, horse(seed, dam.sire) if dam else None


@lru_cache(maxsize=25_000)
def identity(seed: int, number: int) -> dict[str, Any]:
    """Render what a card says of a horse wherever and whenever it runs."""
    animal = horse(seed, number)
    if animal is None:
        raise KeyError(number)
    card: dict[str, Any] = {
        "horse_id": f"hrs_{number}",
        "horse": animal.name,
        "dob": animal.dob.isoformat(),
        "colour": animal.colour,
        "region": animal.region,
        "breeder": animal.breeder,
    }
    for role, prefix, parent in zip(
        ("dam", "sire", "damsire"), ("dam", "sir", "dsi"), _by_role(seed, number), strict=True
    ):
        card[role] = parent.name if parent else ""
        card[f"{role}_id"] = f"{prefix}_{parent.number}" if parent else ""
        card[f"{role}_region"] = parent.region if parent else ""
    return card


def _by_role(seed: int, number: int) -> tuple[Horse | None, Horse | None, Horse | None]:
    """Order the pedigree as the cards do."""
    sire, dam, damsire = pedigree(seed, number)
    return dam, sire, damsire
