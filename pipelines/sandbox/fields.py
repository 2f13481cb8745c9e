"""Fields: the horses of a day, divided among its races."""

from typing import NamedTuple

from pipelines.sandbox.careers import Career, career
from pipelines.sandbox.dice import Dice
from pipelines.sandbox.fixtures import POOLS, Slot, World, fixtures, to_date
from pipelines.sandbox.horses import Horse, horse
from pipelines.sandbox.stables import Turn, declared, due, taken

NOVICE, USUAL, SENIOR = range(3)


class Candidate(NamedTuple):
    """A horse on its way into a race, with what it is fit for."""

    turn: Turn
    horse: Horse
    career: Career
    age: int
    kind: int


def _group(one: Candidate) -> tuple[int, bool, int, int]:
    """Sort similar horses together: by kind, half of the females apart, then by ability."""
    animal = one.horse
    return one.kind, animal.female and animal.number % 2 == 0, one.career.rating, animal.number


def fields(world: World, day: int) -> dict[int, list[Candidate]]:
    """Divide the day's horses among its races: similar horses meet, at any course."""
    shared: dict[int, list[Candidate]] = {}
    for pool in range(len(POOLS)):
        mine = [slot for slot in fixtures(world, day) if slot.pool == pool]
        slots = Dice(world.seed, day, pool, 31).shuffled(mine)
        horses = sorted(_candidates(world, day, declared(world, pool, day)), key=_group)
        shared.update(_cut(slots, horses))
    return shared


def _cut(slots: list[Slot], horses: list[Candidate]) -> dict[int, list[Candidate]]:
    """Cut a row of horses into fields, by the size that each race was planned to have."""
    places, taken, cut = sum(slot.size for slot in slots), 0, 0
    shared = {}
    for slot in slots:
        taken += slot.size
        start, cut = cut, round(taken * len(horses) / places)
        shared[slot.place] = horses[start:cut]
    return shared


def entries(world: World, day: int, slot: Slot) -> list[Candidate]:
    """List horses entered for a race that will not be declared, as they are due days later."""
    slots = [other.place for other in fixtures(world, day) if other.pool == slot.pool]
    mine = list(due(world, slot.pool, day + 3))[slots.index(slot.place) :: len(slots)]
    some = mine[: 3 + Dice(world.seed, day, slot.place, 34).below(8)]
    return _candidates(world, day, [taken(*place) for place in some])


def _candidates(world: World, day: int, turns: list[Turn]) -> list[Candidate]:
    """Look up the horses of some turns."""
    found, seed, year = [], world.seed, to_date(day).year
    for turn in turns:
        animal, past = horse(seed, turn.horse), career(seed, turn.horse)
        if animal is not None:
            age = year - animal.dob.year  # it changes on 1 January
            found.append(Candidate(turn, animal, past, age, _kind(animal.number, age, past)))
    return found


def _kind(number: int, age: int, past: Career) -> int:
    """Return what a horse is fit for: bumper, hurdle or chase; or that it is two years old."""
    if past.chaser_at and age >= past.chaser_at:
        return SENIOR
    bumper = past.chaser_at and age <= 5 and number % 5 == 0
    return NOVICE if bumper or age == 2 else USUAL
