"""Horses: every animal, running or breeding, is a pure function of its number."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from pipelines.sandbox.dice import Dice, draws, share
from pipelines.sandbox.fixtures import POOLS, to_date
from pipelines.sandbox.formats import members
from pipelines.sandbox.stables import FIRST_HORSE, find
from pipelines.sandbox.words import FIRST, FORENAMES, PATTERNS, SECOND, SURNAMES, listed

STALLION, STALLION_STEP, STALLIONS_A_YEAR = 300_000, 2_501, 14
MARE, MARE_STEP, MARES_A_YEAR = 6_000_000, 12, 2_000
FIRST_YEAR = 1940
BIRTHPLACES = {"gb": ("GB",) * 5 + ("IRE",) * 4 + ("FR",), "ire": ("IRE",) * 8 + ("GB", "FR")}
ANYWHERE = listed("GB GB IRE IRE IRE FR USA GER AUS NZ JPN CAN SAF ARG")
COLOURS = ("b", "b", "b", "b", "ch", "ch", "br", "gr", "bl", "b/br", "ro")
NAMES = len(FIRST) * len(SECOND) * len(PATTERNS)
BREEDERS = 5_000
DEBUTS_FLAT, DEBUTS_JUMPS = (1, 2, 2, 3), (3, 4, 4, 5)  # years before that of the first race
TWO_YEARS = timedelta(days=735)
FEMALES, NEVER_GELDED = share(0.42), share(0.25)
ENTIRE = 99  # the age at which a colt that is never gelded is gelded


class Horse(NamedTuple):
    """An animal. Sire and dam are numbers of other animals; 0 means unknown."""

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


class Ancestor(NamedTuple):
    """As much of a stallion or a mare as the cards of its offspring show."""

    number: int
    name: str
    region: str


def _name(seed: int, number: int) -> str:
    """Give a name to a number: numbers near each other never share one."""
    place = (number * 190_871 + seed * 7_919) % NAMES
    place, pattern = divmod(place, len(PATTERNS))
    first, second = divmod(place, len(SECOND))
    name = PATTERNS[pattern].format(FIRST[first], SECOND[second])
    return f"{name} I" if number % 997 == 0 else name


@lru_cache(maxsize=BREEDERS)
def _breeder(seed: int, number: int) -> str:
    """Name a breeder."""
    dice = Dice(seed, number, 24)
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


def _sire(year: int, which: int) -> int:
    """Number a stallion of an age to have foals in a year."""
    born = year - 5 - which % 15 - FIRST_YEAR
    place = born * STALLIONS_A_YEAR + which // 15 % STALLIONS_A_YEAR
    return STALLION + STALLION_STEP * place if born >= 0 else 0


def _dam(year: int, which: int) -> int:
    """Number a mare of an age to have foals in a year."""
    born = year - 4 - which % 13 - FIRST_YEAR
    place = born * MARES_A_YEAR + which // 13 % MARES_A_YEAR
    return MARE + MARE_STEP * place if born >= 0 else 0


def _mare_year(number: int) -> int:
    """Return the year in which a mare was foaled."""
    return FIRST_YEAR + (number - MARE) // MARE_STEP // MARES_A_YEAR


def _sire_of_mare(number: int) -> int:
    """Number the sire of a mare; by arithmetic, as every card asks for it."""
    return _sire(_mare_year(number), number // MARE_STEP)


def _region(number: int, places: Sequence[str]) -> str:
    """Name the country an animal was foaled in."""
    return places[number // MARE_STEP % len(places)]


def _born(
    seed: int, luck: tuple[int, ...], number: int, dob: date, female: bool, region: str
) -> Horse:
    """Fill in the rest of an animal."""
    entire, gelded, colour, breeder, sire, dam = luck[:6]
    mare = MARE <= number < FIRST_HORSE
    return Horse(
        number=number,
        name=_name(seed, number),
        region=region,
        dob=dob,
        female=female,
        gelded_at=ENTIRE if number < FIRST_HORSE or entire < NEVER_GELDED else 2 + gelded % 3,
        colour=COLOURS[colour % len(COLOURS)],
        breeder=_breeder(seed, breeder % BREEDERS),
        sire=_sire_of_mare(number) if mare else _sire(dob.year, sire),
        dam=_dam(dob.year, dam),
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
    luck = draws(seed, number, 21)
    dob = date(year, 1, 15) + timedelta(days=luck[9] % 150)
    return _born(seed, luck, number, dob, first == MARE, _region(number, ANYWHERE))


def _runner(seed: int, number: int) -> Horse | None:
    """Look a racehorse up: it was foaled two years or more before its first turn."""
    found = find(number)
    if found is None:
        return None
    luck, started, pool = draws(seed, number, 22), to_date(found.debut), POOLS[found.block.pool]
    older = (DEBUTS_JUMPS if pool.jumps else DEBUTS_FLAT)[luck[9] % 4]
    spring = timedelta(days=14 + luck[10] % 120)
    dob = date(started.year - 1 - older, 1, 1) + spring
    if started - dob < TWO_YEARS:
        dob = date(dob.year - 1, 1, 1) + spring
    region = _region(luck[8], BIRTHPLACES.get(pool.region, ANYWHERE))
    return _born(seed, luck, number, dob, luck[11] < FEMALES, region)


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


def suffixed(animal: Horse | Ancestor) -> str:
    """Write a name as results and profiles do: capitals throughout, the country behind."""
    words = [word[0].upper() + word[1:] for word in animal.name.split(" ")]
    return f"{' '.join(words)} ({animal.region})"


@lru_cache(maxsize=25_000)
def _ancestor(seed: int, number: int) -> Ancestor | None:
    """Look up what a horse's card says of a stallion or a mare."""
    return Ancestor(number, _name(seed, number), _region(number, ANYWHERE)) if number else None


def pedigree(seed: int, animal: Horse) -> tuple[Ancestor | None, Ancestor | None, Ancestor | None]:
    """Look up sire, dam and the dam's sire."""
    damsire = _sire_of_mare(animal.dam) if animal.dam else 0
    return _ancestor(seed, animal.sire), _ancestor(seed, animal.dam), _ancestor(seed, damsire)


@lru_cache(maxsize=25_000)
def identity(seed: int, number: int) -> bytes:
    """Render what a card says of a horse wherever and whenever it runs."""
    animal = horse(seed, number)
    if animal is None:
        raise KeyError(number)
    card = {
        "horse_id": f"hrs_{number}",
        "horse": animal.name,
        "dob": animal.dob,
        "colour": animal.colour,
        "region": animal.region,
        "breeder": animal.breeder,
    }
    sire, dam, damsire = pedigree(seed, animal)
    for role, prefix, parent in (
        ("dam", "dam", dam),
        ("sire", "sir", sire),
        ("damsire", "dsi", damsire),
    ):
        card[role] = parent.name if parent else ""
        card[f"{role}_id"] = f"{prefix}_{parent.number}" if parent else ""
        card[f"{role}_region"] = parent.region if parent else ""
    return members(card)


def named_pedigree(seed: int, animal: Horse) -> dict[str, str]:
    """Name sire, dam and damsire as results and profiles do, the last without its country."""
    sire, dam, damsire = pedigree(seed, animal)
    return {
        "sire": suffixed(sire) if sire else "",
        "sire_id": f"sir_{sire.number}" if sire else "",
        "dam": suffixed(dam) if dam else "",
        "dam_id": f"dam_{dam.number}" if dam else "",
        "damsire": suffixed(damsire).rsplit(" (", 1)[0] if damsire else "",
        "damsire_id": f"dsi_{damsire.number}" if damsire else "",
    }
