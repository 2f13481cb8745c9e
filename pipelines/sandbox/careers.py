"""Racehorses: ability, ratings, and the people who train and own them."""

from functools import lru_cache
from itertools import product
from typing import NamedTuple

from pipelines.sandbox.dice import FULL, draws, share
from pipelines.sandbox.fixtures import POOLS
from pipelines.sandbox.people import owning, training
from pipelines.sandbox.stables import find

FIGURES = tuple(map("".join, product("1122233344455566677889900PUF", repeat=3)))
GOOD, OPERATED, TRAINER_LEFT, OWNER_SOLD = share(0.1), share(0.06), share(0.3), share(0.35)


class Stint(NamedTuple):
    """A time spent with one trainer or one owner."""

    since: int
    whose: int


class Career(NamedTuple):
    """Everything about a racehorse but its pedigree; `eventful` if anything changed."""

    debut: int
    rating: int
    chaser_at: int
    figures: str
    trainers: tuple[Stint, ...]
    owners: tuple[Stint, ...]
    operated: int | None
    eventful: bool


@lru_cache(maxsize=25_000)
def career(seed: int, number: int) -> Career:
    """Return the career of a racehorse."""
    found = find(number)
    if found is None:
        raise KeyError(number)
    pool, luck = POOLS[found.block.pool], draws(seed, number, 23)
    figures = "".join([FIGURES[draw % len(FIGURES)] for draw in luck[:4]]) + "/-5"[luck[4] % 3]
    spread = (luck[5] + luck[6]) * 30 // FULL
    trainers = _trainers(luck[16:24], pool.region, found.debut)
    owners = _owners(luck[24:], found.debut)
    operated = found.debut - luck[10] % 200 if luck[11] < OPERATED else None
    return Career(
        debut=found.debut,
        rating=45 + spread + (luck[7] % 30 if luck[8] < GOOD else 0),
        chaser_at=5 + luck[9] % 4 if pool.jumps else 0,
        figures=figures,
        trainers=trainers,
        owners=owners,
        operated=operated,
        eventful=operated is not None or len(trainers) + len(owners) > 2,
    )


def _trainers(luck: tuple[int, ...], region: str, debut: int) -> tuple[Stint, ...]:
    """Say who trains a horse, from when."""
    days = _moves(luck, debut, TRAINER_LEFT)
    return tuple([Stint(day, training(luck[-k], region, debut)) for k, day in enumerate(days, 1)])


def _owners(luck: tuple[int, ...], debut: int) -> tuple[Stint, ...]:
    """Say who owns a horse, from when."""
    days = _moves(luck, debut, OWNER_SOLD)
    return tuple([Stint(day, owning(luck[-k], debut)) for k, day in enumerate(days, 1)])


def _moves(luck: tuple[int, ...], debut: int, often: int) -> list[int]:
    """Draw the days on which a horse changes hands, the first before all."""
    days = [debut - 400]
    for draw in luck[:3]:
        if draw >= often:
            break
        days.append(days[-1] + 250 + draw % 300)
    return days
