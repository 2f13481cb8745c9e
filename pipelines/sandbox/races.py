"""The races of a day as they truly are; cards and results each tell a part of it."""

from bisect import bisect_left
from functools import lru_cache
from typing import NamedTuple

from pipelines.sandbox.conditions import Conditions, Entry, conditions
from pipelines.sandbox.dice import Dice
from pipelines.sandbox.fields import Candidate, entries, fields
from pipelines.sandbox.fixtures import ABROAD, POOLS, Slot, World, fixtures, to_date
from pipelines.sandbox.horses import Career, Horse
from pipelines.sandbox.odds import DECIMALS
from pipelines.sandbox.people import Jockey, jockey, riding
from pipelines.sandbox.stables import is_withdrawn, previous_run

JOCKEYS_AT_A_MEETING = 49
BOOKMAKERS_MARGIN = 0.85
UNNAMED = 0.001  # late substitutes, whom only the result knows
HEADGEAR = ("p", "p", "p", "t", "t", "h", "b", "v", "tp", "tb", "tv", "ht", "hp")


class Runner(NamedTuple):
    """A horse in a race: `unnamed` if on no card at all, `before` the jockey booked first."""

    horse: Horse
    career: Career
    age: int
    number: int
    withdrawn: bool
    reserve: bool
    unnamed: bool
    draw: int
    lbs: int
    rating: int | None
    jockey: Jockey
    before: Jockey
    headgear: str
    strength: float
    price: int
    last_run: int | None


class Race(NamedTuple):
    """A race, its conditions and all who were declared."""

    world: World
    day: int
    id: str
    slot: Slot
    conditions: Conditions
    runners: tuple[Runner, ...]

    @property
    def dice(self) -> Dice:
        """Draws about this race, the same for whoever asks first."""
        return Dice(self.world.seed, self.day, self.slot.place, 32)


@lru_cache(maxsize=24)
def races(world: World, day: int) -> tuple[Race, ...]:
    """Hold the races of a day, in the order of the off."""
    shared = fields(world, day)
    slots = [slot for slot in fixtures(world, day) if shared[slot.place]]
    slots.sort(key=lambda slot: (slot.minute, slot.place))
    return tuple(_race(world, day, slot, shared[slot.place]) for slot in slots)


def race_id(day: int, slot: Slot) -> str:
    """Number a race: the numbers grow with time, and since 2026 some have 11 digits."""
    number = 10_000_000 + day * 128 + slot.place
    long = to_date(day).year >= 2026 and (slot.pool == ABROAD or slot.meeting % 8 == 7)
    return f"rac_{32_300_000_000 + number}" if long else f"rac_{number}"


def _race(world: World, day: int, slot: Slot, field: list[Candidate]) -> Race:
    """Make a race out of its field."""
    dice = Dice(world.seed, day, slot.place, 30)
    facts = [Entry(one.age, one.horse.female, one.career.rating, one.kind) for one in field]
    race = Race(world, day, race_id(day, slot), slot, conditions(dice, slot, day, facts), ())
    top = max(one.career.rating for one in field)
    weighed = [(_lbs(race, one, top), one) for one in field]
    weighed.sort(key=lambda pair: (-pair[0], pair[1].horse.name))
    return race._replace(runners=tuple(_runners(dice, race, weighed)))


def _lbs(race: Race, one: Candidate, top: int) -> int:
    """Weigh a horse: in a handicap by its rating, else by its sex."""
    jumps = POOLS[race.slot.pool].jumps
    if race.conditions.handicap:
        return max(140 if jumps else 112, (166 if jumps else 135) - (top - one.career.rating))
    return (158 if jumps else 131) - (5 if one.horse.female and not race.conditions.sex else 0)


def _runners(dice: Dice, race: Race, weighed: list[tuple[int, Candidate]]) -> list[Runner]:
    """Number the field, heaviest first; draw the stalls, and price everyone by its strength."""
    count, seat = len(weighed), dice.below(JOCKEYS_AT_A_MEETING)
    draws = dice.shuffled(range(1, count + 1)) if race.conditions.kind == "Flat" else [0] * count
    runners = [_runner(dice, race, one, seat + 5 * place) for place, (_, one) in enumerate(weighed)]
    if all(runner.withdrawn for runner in runners):
        runners[0] = runners[0]._replace(withdrawn=False)  # somebody has to win
    book = sum(runner.strength for runner in runners) * BOOKMAKERS_MARGIN
    first_reserve = count - dice.below(2) if count > 12 and dice.chance(0.25) else count + 1
    return [
        runner._replace(
            number=place + 1,
            reserve=place + 1 >= first_reserve,
            draw=draws[place],
            lbs=weighed[place][0],
            price=bisect_left(DECIMALS, book / runner.strength),
        )
        for place, runner in enumerate(runners)
    ]


def _runner(dice: Dice, race: Race, one: Candidate, seat: int) -> Runner:
    """Enter one horse; number, draw, weight and price are given out later."""
    seed, day, pool = race.world.seed, race.day, race.slot.pool
    withdrawn = is_withdrawn(race.world, one.turn.berth, one.turn.turn)
    rank = race.slot.meeting * JOCKEYS_AT_A_MEETING + day * 37 + seat % JOCKEYS_AT_A_MEETING
    rider = jockey(seed, riding(pool, day, rank))
    changed = dice.chance(0.03)
    return Runner(
        horse=one.horse,
        career=one.career,
        age=one.age,
        number=0,
        withdrawn=withdrawn,
        reserve=False,
        unnamed=not withdrawn and pool != ABROAD and dice.chance(UNNAMED),
        draw=0,
        lbs=140,
        rating=one.career.rating if day - one.career.debut > 60 else None,
        jockey=rider,
        before=jockey(seed, riding(pool, day, rank + JOCKEYS_AT_A_MEETING)) if changed else rider,
        headgear=dice.one(HEADGEAR) if dice.chance(0.35) else "",
        strength=0.03 + dice.roll() ** 2,
        price=0,
        last_run=previous_run(race.world, one.horse.number, day),
    )


def entered(race: Race) -> list[Runner]:
    """List all who are entered days before a race; many are taken out, to run days later."""
    added = [_runner(race.dice, race, one, 0) for one in entries(race.world, race.day, race.slot)]
    everyone = sorted([*race.runners, *added], key=lambda runner: runner.horse.name)
    return [
        runner._replace(number=place, withdrawn=False, reserve=False)
        for place, runner in enumerate(everyone, 1)
    ]
