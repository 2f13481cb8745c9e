"""Jockeys, trainers and owners: each a pure function of a number; newcomers arrive every year."""

from functools import lru_cache
from typing import NamedTuple

from pipelines.sandbox.dice import FULL, Dice, draws, share
from pipelines.sandbox.fixtures import to_date
from pipelines.sandbox.words import FIRST, FORENAMES, IRISH_PLACES, PLACES, SECOND, SURNAMES

JOCKEYS_RIDING = 300
TRAINERS = {"gb": 600, "ire": 350, "": 300}
REGIONS = list(TRAINERS)
OWNERS_ACTIVE = 14_000
BIG_OWNERS = 80
BIG_SHARE = share(0.15)
OWNER_PATTERNS = (
    "{forename} {one}",
    "Mr {initials} {one}",
    "Mrs {initials} {one}",
    "{forename} & {initials} {one}",
    "{initials} {one}, {forename} {two} & Partner",
    "{one}, {two} & {three}",
    "The {first} {second} Partnership",
    "{first} {second} Racing Club",
    "{one} & {two} 1",
    "{first} Thoroughbreds  {second}",  # two spaces, as the vendor has them
    "{one} Bloodstock Ltd",
)
LETTERS = "ABCDEFGHJKLMNPRSTW"
INITIALS = (*LETTERS * len(LETTERS), *(f"{one} {two}" for one in LETTERS for two in LETTERS))
NON_RUNNER_ID = "jky_999983"


class Jockey(NamedTuple):
    """A jockey: the claim is the weight an apprentice is allowed, in pounds."""

    id: str
    name: str
    claim: int


class Trainer(NamedTuple):
    """A trainer and the place of the stable."""

    id: str
    name: str
    location: str


class Owner(NamedTuple):
    """An owner, in the spelling of the cards."""

    id: str
    name: str


def riding(pool: int, day: int, rank: int) -> int:
    """Number the jockey of a rank among those who ride in a pool in a year."""
    return pool * 10_000 + (to_date(day).year - 1980) * 20 + rank % JOCKEYS_RIDING


def training(draw: int, region: str, day: int) -> int:
    """Choose a trainer who is active in a region, the larger stables more often."""
    rank = draw * draw * TRAINERS[region] // FULL**2
    return REGIONS.index(region) * 10_000 + max(0, to_date(day).year - 1980) * 25 + rank


def owning(draw: int, day: int) -> int:
    """Choose an owner: a few have many horses, most have one."""
    if draw < BIG_SHARE:
        return draw % BIG_OWNERS
    return BIG_OWNERS + max(0, to_date(day).year - 1980) * 2_500 + draw % OWNERS_ACTIVE


@lru_cache(maxsize=10_000)
def jockey(seed: int, number: int) -> Jockey:
    """Look a jockey up."""
    dice = Dice(seed, number, 11)
    name = f"{dice.one(FORENAMES)} {dice.one(SURNAMES)}"
    amateur = dice.one(("Mr ", "Miss ")) if dice.chance(0.04) else ""
    claim = dice.one((3, 3, 5, 5, 7)) if amateur or dice.chance(0.15) else 0
    return Jockey(f"jky_{4_000 + 3 * number}", amateur + name, claim)


@lru_cache(maxsize=10_000)
def trainer(seed: int, number: int) -> Trainer:
    """Look a trainer up."""
    dice = Dice(seed, number, 12)
    name = _trainer_name(dice)
    places = (PLACES, IRISH_PLACES, ("France", "Germany", "Australia", ""))[number // 10_000]
    return Trainer(f"trn_{300 + 3 * number}", name, dice.one(places))


def _trainer_name(dice: Dice) -> str:
    """Write a trainer's name: some go by initials, some train in pairs."""
    name = f"{dice.one(FORENAMES)} {dice.one(SURNAMES)}"
    if dice.chance(0.08):
        return f"{name} & {dice.one(FORENAMES)} {dice.one(SURNAMES)}"
    if dice.chance(0.1):
        return f"{dice.one(INITIALS)} {dice.one(SURNAMES)}"
    return name


@lru_cache(maxsize=25_000)
def owner(seed: int, number: int) -> Owner:
    """Look an owner up, under one of the many kinds of names that owners have."""
    pattern, one, two, three, forename, initials, first, second, *_ = draws(seed, number, 13)
    name = OWNER_PATTERNS[pattern % len(OWNER_PATTERNS)].format(
        one=SURNAMES[one % len(SURNAMES)],
        two=SURNAMES[two % len(SURNAMES)],
        three=SURNAMES[three % len(SURNAMES)],
        forename=FORENAMES[forename % len(FORENAMES)],
        initials=INITIALS[initials % len(INITIALS)],
        first=FIRST[first % len(FIRST)],
        second=SECOND[second % len(SECOND)],
    )
    return Owner(f"own_{1_000 + 11 * number}", name)
