"""The races of a day as they truly are; cards and results each tell a part of it."""

from bisect import bisect_left
from functools import lru_cache
from typing import NamedTuple

from pipelines.sandbox.careers import Career
from pipelines.sandbox.conditions import Conditions, Entry, conditions
from pipelines.sandbox.dice import FULL, Dice, draws, share
from pipelines.sandbox.fields import Candidate, entries, fields
from pipelines.sandbox.fixtures import ABROAD, POOLS, Slot, World, fixtures, to_date
from pipelines.sandbox.horses import Horse
from pipelines.sandbox.odds import DECIMALS
from pipelines.sandbox.people import Jockey, jockey, riding
from pipelines.sandbox.stables import is_withdrawn, previous_run

JOCKEYS_AT_A_MEETING = 49
BOOKMAKERS_MARGIN = 0.85
UNNAMED = share(0.001)  # late substitutes, whom only the result knows
CHANGED, HEADGEAR_WORN = share(0.03), share(0.35)
HEADGEAR = ("p", "p", "p", "t", "t", "h", "b", "v", "tp", "tb", "tv", "ht", "hp")


class Runner(NamedTuple):
    """A horse in a race: `unnamed` if on no card at all, `before` the jockey booked first.

    `luck` are draws about this horse on this day: the first five decide how it runs, the next
    eleven what its card tells, the last sixteen what its result tells.
    """

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
    luck: tuple[int, ...]


class Place(NamedTuple):
    """What a runner is given by its place in the field."""

    number: int
    lbs: int
    stall: int
    reserve: bool


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
        """Draws about this race, the same whichever comes first."""
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
    return race._replace(runners=_runners(dice, race, weighed))


def _lbs(race: Race, one: Candidate, top: int) -> int:
    """Weigh a horse: in a handicap by its rating, else by its sex."""
    jumps = POOLS[race.slot.pool].jumps
    if race.conditions.handicap:
        return max(140 if jumps else 112, (166 if jumps else 135) - (top - one.career.rating))
    return (158 if jumps else 131) - (5 if one.horse.female and not race.conditions.sex else 0)


def _runners(dice: Dice, race: Race, weighed: list[tuple[int, Candidate]]) -> tuple[Runner, ...]:
    """Number the field, heaviest first; draw the stalls, and price everyone by its strength."""
    count, seat = len(weighed), dice.below(JOCKEYS_AT_A_MEETING)
    flat = race.conditions.kind == "Flat"
    stalls = dice.shuffled(range(1, count + 1)) if flat else [0] * count
    lucks = [_luck(race, one) for _, one in weighed]
    book = sum(map(_strength, lucks)) * BOOKMAKERS_MARGIN
    first_reserve = count - dice.below(2) if count > 12 and dice.chance(0.25) else count + 1
    runners = [
        _runner(race, one, Place(number, lbs, stall, number >= first_reserve), seat, luck, book)
        for number, ((lbs, one), luck, stall) in enumerate(
            zip(weighed, lucks, stalls, strict=True), 1
        )
    ]
    if all(runner.withdrawn for runner in runners):
        runners[0] = runners[0]._replace(withdrawn=False)  # somebody has to win
    return tuple(runners)


def _luck(race: Race, one: Candidate) -> tuple[int, ...]:
    """Draw what befalls a horse on a day."""
    return draws(race.world.seed, one.horse.number, 42, race.day)


def _strength(luck: tuple[int, ...]) -> float:
    """Weigh a horse's chances, of which few have many."""
    return 0.03 + (luck[4] / FULL) ** 2


def _runner(
    race: Race, one: Candidate, place: Place, seat: int, luck: tuple[int, ...], book: float
) -> Runner:
    """Enter one horse."""
    withdrawn, strength = is_withdrawn(one.turn.lot), _strength(luck)
    rider, before = _riders(race, seat + 5 * place.number, luck)
    return Runner(
        horse=one.horse,
        career=one.career,
        age=one.age,
        number=place.number,
        withdrawn=withdrawn,
        reserve=place.reserve,
        unnamed=not withdrawn and race.slot.pool != ABROAD and luck[0] < UNNAMED,
        draw=place.stall,
        lbs=place.lbs,
        rating=one.career.rating if race.day - one.career.debut > 60 else None,
        jockey=rider,
        before=before,
        headgear=HEADGEAR[luck[3] % len(HEADGEAR)] if luck[2] < HEADGEAR_WORN else "",
        strength=strength,
        price=bisect_left(DECIMALS, book / strength),
        last_run=previous_run(race.world, one.turn),
        luck=luck,
    )


def _riders(race: Race, seat: int, luck: tuple[int, ...]) -> tuple[Jockey, Jockey]:
    """Name the jockey, and the one booked first."""
    seed, pool, meeting = race.world.seed, race.slot.pool, race.slot.meeting
    rank = meeting * JOCKEYS_AT_A_MEETING + race.day * 37 + seat % JOCKEYS_AT_A_MEETING
    rider = jockey(seed, riding(pool, race.day, rank))
    if luck[1] >= CHANGED:
        return rider, rider
    return rider, jockey(seed, riding(pool, race.day, rank + JOCKEYS_AT_A_MEETING))


def entered(race: Race) -> list[Runner]:
    """List all who are entered days before a race; many are taken out, to run days later."""
    candidates = entries(race.world, race.day, race.slot)
    place = Place(0, 140, 0, False)
    added = [_runner(race, one, place, 0, _luck(race, one), 1.0) for one in candidates]
    everyone = sorted([*race.runners, *added], key=lambda runner: runner.horse.name)
    return [
        runner._replace(number=place, withdrawn=False, reserve=False)
        for place, runner in enumerate(everyone, 1)
    ]
