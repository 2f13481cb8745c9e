"""How a race ended: the order of finishing, distances, times, starting prices and prize money."""

from collections import Counter
from collections.abc import Iterator
from math import log
from typing import NamedTuple

from pipelines.sandbox.dice import Dice
from pipelines.sandbox.odds import DECIMALS, LADDER
from pipelines.sandbox.races import Race, Runner

MARGINS = (
    0.05,
    0.1,
    0.2,
    0.3,
    0.5,
    0.5,
    0.75,
    0.75,
    1,
    1,
    1.25,
    1.5,
    1.75,
    2,
    2.25,
    2.5,
    3.25,
    4,
    4.75,
    6,
    8,
    12,
)
FALLS = ("PU", "PU", "PU", "PU", "F", "F", "UR", "UR", "BD", "RO", "SU", "RR", "CO")
FLAT_MISHAPS = ("PU", "UR", "RR", "VO", "SU", "DSQ")
SHARES = (1.0, 0.4692, 0.2344, 0.1172, 0.0586)
SECONDS_A_YARD = {"Flat": 0.0537, "NH Flat": 0.0665, "Hurdle": 0.068, "Chase": 0.0715}


class Finish(NamedTuple):
    """A runner's race: `margin` is the distance to the horse in front, `beaten` to the winner."""

    runner: Runner
    position: str
    margin: float | None
    beaten: float
    seconds: float
    price: int
    sp: str
    prize: float


def finish(race: Race) -> list[Finish]:
    """Run a race with all declared runners; favourites win more often."""
    dice = Dice(race.world.seed, race.day, race.slot.place, 33)
    ran = [runner for runner in race.runners if not runner.withdrawn]
    order = sorted(ran, key=lambda runner: -log(1 - dice.roll()) / runner.strength)
    finished, fallen = _fates(
        dice, order, race.conditions.jumps != "" or race.conditions.kind == "Chase"
    )
    prices = {runner.number: _starting(dice, runner.price) for runner in order}
    marks = _marks(prices)
    ends = [*_finishers(dice, race, finished), *fallen]
    return [
        Finish(
            runner,
            position,
            margin,
            beaten,
            seconds,
            prices[runner.number],
            marks[runner.number],
            prize,
        )
        for runner, position, margin, beaten, seconds, prize in ends
    ]


End = tuple[Runner, str, float | None, float, float, float]


def _fates(dice: Dice, order: list[Runner], jumps: bool) -> tuple[list[Runner], list[End]]:
    """Separate finishers from non-finishers; the winner always finishes."""
    codes, share = (FALLS, 0.1) if jumps else (FLAT_MISHAPS, 0.004)
    lost = {runner.number: dice.one(codes) for runner in order[1:] if dice.chance(share)}
    fallen: list[End] = [
        (runner, lost[runner.number], None, 0, 0, 0) for runner in order if runner.number in lost
    ]
    return [runner for runner in order if runner.number not in lost], fallen


def _finishers(dice: Dice, race: Race, order: list[Runner]) -> Iterator[End]:
    """Place those who finish. In a dead heat the second has no margin and the first's position."""
    stretch = 1.0 if race.conditions.kind == "Flat" else 2.5
    seconds = race.conditions.yards * SECONDS_A_YARD[race.conditions.kind] * dice.between(1, 1.07)
    beaten, position = 0.0, 1
    for place, runner in enumerate(order):
        level = place > 0 and dice.chance(0.004)
        margin = 0.0 if place == 0 or level else _margin(dice, stretch)
        beaten += margin
        position = position if level else place + 1
        shown = beaten if beaten < 0.5 else round(beaten * 4) / 4
        yield (
            runner,
            str(position),
            margin,
            shown,
            round(seconds + shown * 0.17, 2),
            _prize(race, position),
        )


def _margin(dice: Dice, stretch: float) -> float:
    """Draw the distance between two horses."""
    margin = dice.one(MARGINS)
    return margin if margin < 1 else round(margin * stretch * 4) / 4


def _prize(race: Race, position: int) -> float:
    """Divide the prize money."""
    return race.conditions.prize * SHARES[position - 1] if position <= len(SHARES) else 0.0


def _starting(dice: Dice, price: int) -> int:
    """Move a price of the morning to where it starts."""
    return max(0, min(len(DECIMALS) - 1, price + dice.below(5) - 2))


def _marks(prices: dict[int, int]) -> dict[int, str]:
    """Write the starting prices: F behind the favourite, J behind two of them, C behind more."""
    low = min(prices.values())
    mark = {1: "F", 2: "J"}.get(Counter(prices.values())[low], "C")
    return {number: _words(step) + (mark if step == low else "") for number, step in prices.items()}


def _words(step: int) -> str:
    """Write a starting price."""
    return "Evens" if LADDER[step] == "1/1" else LADDER[step]
