"""Jockeys, trainers and owners: each a pure function of a number; newcomers arrive every year."""

from functools import lru_cache
from typing import NamedTuple

from pipelines.sandbox.dice import Dice
from pipelines.sandbox.fixtures import to_date
from pipelines.sandbox.words import FIRST, FORENAMES, IRISH_PLACES, PLACES, SECOND, SURNAMES

JOCKEYS_RIDING = 300
TRAINERS = {"gb": 600, "ire": 350, "": 300}
OWNERS_ACTIVE = 14_000
BIG_OWNERS = 80
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


def training(dice: Dice, region: str, day: int) -> int:
    """Draw a trainer who is active in a region, the larger stables more often."""
    rank = min(dice.below(TRAINERS[region]), dice.below(TRAINERS[region]))
    return list(TRAINERS).index(region) * 10_000 + max(0, to_date(day).year - 1980) * 25 + rank


def owning(dice: Dice, day: int) -> int:
    """Draw an owner: a few have many horses, most have one."""
    if dice.chance(0.15):
        return dice.below(BIG_OWNERS)
    return BIG_OWNERS + max(0, to_date(day).year - 1980) * 2_500 + dice.below(OWNERS_ACTIVE)


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
        return f"{_initials(dice)} {dice.one(SURNAMES)}"
    return name


@lru_cache(maxsize=25_000)
def owner(seed: int, number: int) -> Owner:
    """Look an owner up."""
    return Owner(f"own_{1_000 + 11 * number}", _owner_name(Dice(seed, number, 13)))


def _owner_name(dice: Dice) -> str:
    """Write an owner's name in one of the many ways owners have."""
    pattern = dice.one(OWNER_PATTERNS)
    return pattern.format(
        one=dice.one(SURNAMES),
        two=dice.one(SURNAMES),
        three=dice.one(SURNAMES),
        forename=dice.one(FORENAMES),
        initials=_initials(dice),
        first=dice.one(FIRST),
        second=dice.one(SECOND),
    )


def _initials(dice: Dice) -> str:
    """Draw one or two initials."""
    return " ".join(dice.one("ABCDEFGHJKLMNPRSTW") for _ in range(1 + dice.below(2)))
