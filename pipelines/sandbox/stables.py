"""Which horses run when, by arithmetic alone.

The horse population is a fixed number of berths. A berth falls due every so many days (its period),
and its occupant runs then if the dice say so. After a career of so many turns the berth passes to
the next horse. So the horses of a day, and the days of a horse, follow from numbers, and a horse is
never in two races on a day.
"""

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from pipelines.sandbox.dice import mix
from pipelines.sandbox.fixtures import POOLS, World, fixtures, is_blank, is_boxing_day

PERIODS = (14, 17, 19, 22, 25, 28, 31, 35)
CAREERS = (6, 10, 16, 24, 40)
FEWEST_BERTHS = 11  # even the smallest world must fill a meeting
FIRST_HORSE = 10_000_000
GENERATION = 32_768
GENERATIONS = 5_000
NON_RUNNERS = 0.06


class Block(NamedTuple):
    """The berths of one pool and period: `width` of them fall due on each day."""

    first: int
    pool: int
    period: int
    width: int


class Turn(NamedTuple):
    """A day on which a berth falls due."""

    horse: int
    berth: int
    turn: int


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


def due(world: World, pool: int, day: int) -> Iterator[Turn]:
    """List the berths of a pool that fall due on a day, with their occupants."""
    for block in BLOCKS:
        if block.pool == pool:
            turn, residue = divmod(day, block.period)
            start = block.first + residue * block.width
            for berth in range(start, start + _width(block, world.scale)):
                generation = (turn + _offset(berth)) // CAREERS[berth % len(CAREERS)]
                yield Turn(FIRST_HORSE + generation * GENERATION + berth, berth, turn)


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
    for slot in fixtures(world, day):
        places[slot.pool] += slot.size
    horses = [0] * len(POOLS)
    for block in BLOCKS:
        horses[block.pool] += _width(block, world.scale) * len(gathered(day))
    return tuple((wanted << 64) // there for wanted, there in zip(places, horses, strict=True))


def declared(world: World, pool: int, day: int) -> list[Turn]:
    """List the horses of a pool that are declared to run on a day."""
    threshold = _thresholds(world, day)[pool]
    if not threshold:
        return []
    turns = (turn for one in gathered(day) for turn in due(world, pool, one))
    return [turn for turn in turns if mix(world.seed, turn.berth, turn.turn) < threshold]


def is_withdrawn(world: World, berth: int, turn: int) -> bool:
    """Tell whether a declared horse becomes a non-runner."""
    return mix(world.seed, berth, turn, 1) < NON_RUNNERS * 2**64


def find(horse: int) -> tuple[Block, int, int, int] | None:
    """Take a horse's number apart: block, berth, the first turn of its career, its day."""
    generation, berth = divmod(horse - FIRST_HORSE, GENERATION)
    if not 0 <= generation < GENERATIONS or berth >= BERTHS:
        return None
    block = BLOCKS[bisect_right(STARTS, berth) - 1]
    first = generation * CAREERS[berth % len(CAREERS)] - _offset(berth)
    return block, berth, first, first * block.period + (berth - block.first) // block.width


def previous_run(world: World, horse: int, day: int) -> int | None:
    """Find the day of a horse's latest run before a day."""
    found = find(horse)
    if found is None:
        return None
    block, berth, first, debut = found
    turn = (day - debut) // block.period + first - 1
    for earlier in range(turn, first - 1, -1):
        then = _race_day(debut + (earlier - first) * block.period)
        if mix(world.seed, berth, earlier) < _thresholds(world, then)[
            block.pool
        ] and not is_withdrawn(world, berth, earlier):
            return then
    return None
