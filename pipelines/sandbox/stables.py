"""Which horses run when, by arithmetic alone.

The horse population is a fixed number of berths. A berth is due after a number of days (its
period), and its occupant runs then if the dice say so. After a number of turns the berth passes to
the next horse. So the horses of a day, and the days of a horse, follow from numbers, and a horse is
never in two races on a day.
"""

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from pipelines.sandbox.dice import FULL, mix, share
from pipelines.sandbox.fixtures import POOLS, World, is_blank, is_boxing_day, plans

PERIODS = (14, 17, 19, 22, 25, 28, 31, 35)
CAREERS = (6, 10, 16, 24, 40)
FEWEST_BERTHS = 11  # even the smallest world must fill a meeting
FIRST_HORSE = 10_000_000
GENERATION = 32_768
GENERATIONS = 5_000
NON_RUNNERS = share(0.06)


class Block(NamedTuple):
    """The berths of one pool and period: `width` of them fall due on each day."""

    first: int
    pool: int
    period: int
    width: int


class Turn(NamedTuple):
    """A day on which a berth falls due, for a horse whose career began at the turn `first`.

    Of two decisions made by one hash, `lot`, its high end has the horse declared, its low end
    has it withdrawn.
    """

    horse: int
    block: Block
    berth: int
    turn: int
    first: int
    lot: int


class Found(NamedTuple):
    """Where a horse's number leads: its berth, the first turn of its career, the day of that."""

    block: Block
    berth: int
    first: int
    debut: int


def _blocks() -> Iterator[Block]:
    """Number the berths of all pools and periods through."""
    first = 0
    for pool, (_, _, width) in enumerate(POOLS):
        for period in PERIODS:
            yield Block(first, pool, period, width)
            first += period * width


BLOCKS = tuple(_blocks())
STARTS = tuple(block.first for block in BLOCKS)
BERTHS = BLOCKS[-1].first + BLOCKS[-1].period * BLOCKS[-1].width


def _width(block: Block, scale: float) -> int:
    """Count the berths of a block that are in use."""
    return min(block.width, max(FEWEST_BERTHS, round(block.width * scale)))


def _offset(berth: int) -> int:
    """Shift careers against each other, so that not all begin at once."""
    return berth * 7919 % CAREERS[berth % len(CAREERS)]


def due(world: World, pool: int, day: int) -> Iterator[tuple[Block, int, int]]:
    """List the berths of a pool that fall due on a day, each with its block and turn."""
    for block in BLOCKS:
        if block.pool == pool:
            turn, residue = divmod(day, block.period)
            start = block.first + residue * block.width
            for berth in range(start, start + _width(block, world.scale)):
                yield block, berth, turn


def taken(block: Block, berth: int, turn: int, lot: int = 0) -> Turn:
    """Name who occupies a berth at a turn."""
    length, offset = CAREERS[berth % len(CAREERS)], _offset(berth)
    generation = (turn + offset) // length
    horse = FIRST_HORSE + generation * GENERATION + berth
    return Turn(horse, block, berth, turn, generation * length - offset, lot)


def gathered(day: int) -> tuple[int, ...]:
    """Name the days whose horses run on a day: those kept in at Christmas come out together."""
    return (day - 2, day - 1, day) if is_boxing_day(day) else (day,)


def _race_day(day: int) -> int:
    """Name the day on which the horses due on a day run."""
    return _race_day(day + 1) if is_blank(day) else day


@lru_cache(maxsize=4096)
def _thresholds(world: World, day: int) -> tuple[int, ...]:
    """Reckon, for each pool, how low a turn must hash for its horse to fill the day's fields."""
    places = [0] * len(POOLS)
    for meeting in plans(world, day):
        places[meeting.pool] += sum(meeting.sizes)
    days = len(gathered(day))
    return tuple(
        [
            (wanted << 64) // (berths * days)
            for wanted, berths in zip(places, _berths(world.scale), strict=True)
        ]
    )


@lru_cache(maxsize=16)
def _berths(scale: float) -> tuple[int, ...]:
    """Count the berths of each pool that fall due on a day."""
    return tuple(
        sum(_width(block, scale) for block in BLOCKS if block.pool == pool)
        for pool in range(len(POOLS))
    )


def declared(world: World, pool: int, day: int) -> list[Turn]:
    """List the horses of a pool that are declared to run on a day."""
    threshold = _thresholds(world, day)[pool]
    if not threshold:
        return []
    return [
        taken(block, berth, turn, lot)
        for one in gathered(day)
        for block, berth, turn in due(world, pool, one)
        if (lot := mix(world.seed, berth, turn)) < threshold
    ]


def is_withdrawn(lot: int) -> bool:
    """Return whether a declared horse becomes a non-runner."""
    return lot % FULL < NON_RUNNERS


def find(horse: int) -> Found | None:
    """Take a horse's number apart."""
    generation, berth = divmod(horse - FIRST_HORSE, GENERATION)
    if not 0 <= generation < GENERATIONS or berth >= BERTHS:
        return None
    block = BLOCKS[bisect_right(STARTS, berth) - 1]
    first = generation * CAREERS[berth % len(CAREERS)] - _offset(berth)
    return Found(block, berth, first, _due_on(block, berth, first))


def _due_on(block: Block, berth: int, turn: int) -> int:
    """Reckon the day of a turn."""
    return turn * block.period + (berth - block.first) // block.width


def previous_run(world: World, now: Turn) -> int | None:
    """Find the day of a horse's latest run before this one."""
    pool, period, seed, berth = now.block.pool, now.block.period, world.seed, now.berth
    day = _due_on(now.block, berth, now.turn)
    for turn in range(now.turn - 1, now.first - 1, -1):
        day -= period
        lot, then = mix(seed, berth, turn), _race_day(day)
        if lot < _thresholds(world, then)[pool] and not is_withdrawn(lot):
            return then
    return None
