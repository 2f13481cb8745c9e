"""How a race stands at a minute of its day: prices move, horses come out, the off is put back.

Everything follows from the seed and the minute, and ends as the card and the result of a past day
have it. Minutes are those of the race's day, in UK time; the days before have negative ones.
"""

from datetime import date, datetime

from pipelines.sandbox.dice import Dice, mix
from pipelines.sandbox.fixtures import ABROAD, POOLS, State
from pipelines.sandbox.odds import DECIMALS
from pipelines.sandbox.outcome import Finish, finish
from pipelines.sandbox.races import Race, Runner

DAY = 1440
TICK, TICK_AHEAD = 5, 30
"""Minutes between two looks of the vendor at a card of today, and at one of a day to come."""
FIRST_PRICES = 10 * 60 - DAY
"""Bookmakers begin to price a race on the morning before."""
MORNING = 6 * 60
FIRST_NEWS_OF_GOING, NEWS_OF_GOING = 7 * 60, 60
GOING_CHANGES, DELAYED, CORRECTED = 0.3, 0.06, 0.04
MINUTES_TO_CORRECT = 25
WETTER = {
    "Firm": "Good To Firm",
    "Good To Firm": "Good",
    "Good": "Good To Soft",
    "Good To Soft": "Soft",
    "Soft": "Good To Soft",
    "Heavy": "Soft",
    "Yielding": "Good To Yielding",
    "Standard": "Standard To Slow",
}


def minute_of(when: date, now: datetime) -> int:
    """Say which minute of a day it is; of a day to come a negative one."""
    return (now.date() - when).days * DAY + now.hour * 60 + now.minute


def looked_at(minute: int) -> int:
    """Say when the vendor looked last."""
    tick = TICK if minute >= 0 else TICK_AHEAD
    return minute // tick * tick


def race_at(race: Race, minute: int) -> Race:
    """Return a race as it is known at a minute before its off."""
    off = race.slot.minute
    if minute >= off:
        return race
    slot = race.slot._replace(minute=off - delay_at(race, minute))
    if slot.state is State.ABANDONED and minute < _abandoned_at(race):
        slot = slot._replace(state=State.RUN)
    terms = race.conditions._replace(going=_going_at(race, minute))
    runners = tuple(_runner_at(race, runner, minute) for runner in race.runners)
    return race._replace(slot=slot, conditions=terms, runners=runners)


def step_at(race: Race, runner: Runner, minute: int) -> int:
    """Return a runner's price at a minute, as its place on the ladder.

    It follows a trend of its own, and stands for ten to forty minutes at a time.
    """
    left = race.slot.minute - minute
    if left <= 0:
        return runner.price
    subject = (race.world.seed, runner.horse.number, race.day)
    trend = (mix(*subject, 52) % 7 - 3) * min(left, 720) // 240
    stands = 10 + mix(*subject, 53) % 30
    wobble = mix(*subject, 54, left // stands) % 3 - 1 if left >= stands else 0
    return max(0, min(len(DECIMALS) - 1, runner.price + trend + wobble))


def withdrawn_at(race: Race, runner: Runner) -> int:
    """Return the minute at which a non-runner is named: the evening before, or until the off."""
    dice = Dice(race.world.seed, runner.horse.number, race.day, 55)
    if dice.chance(0.3):
        return -dice.below(600)
    return MORNING + dice.below(max(1, race.slot.minute - MORNING - 15))


def result_at(race: Race) -> int:
    """Return the minute at which a result comes."""
    return race.slot.minute + 4 + Dice(race.world.seed, race.day, race.slot.place, 56).below(8)


def first_finish(race: Race, minute: int) -> list[Finish]:
    """Return how a race ended, by what is said at a minute: the first two may be exchanged yet."""
    ends = finish(race)
    corrected = Dice(race.world.seed, race.day, race.slot.place, 57).chance(CORRECTED)
    is_early = minute < result_at(race) + MINUTES_TO_CORRECT
    if not corrected or not is_early or len(ends) < 2 or ends[1].margin is None:
        return ends
    first, second, *others = ends
    return [_as(first, second), _as(second, first), *others]


def _as(place: Finish, other: Finish) -> Finish:
    return place._replace(runner=other.runner, price=other.price, sp=other.sp)


def delay_at(race: Race, minute: int) -> int:
    """Return by how many minutes the off will be put back; it is known ten before the first one."""
    dice = Dice(race.world.seed, race.day, race.slot.place, 58)
    if not dice.chance(DELAYED) or race.slot.state is not State.RUN:
        return 0
    delay = 3 + dice.below(12)
    return delay if minute < race.slot.minute - delay - 10 else 0


def _abandoned_at(race: Race) -> int:
    """Meetings are abandoned as a whole after an inspection, from one race on."""
    return MORNING + Dice(race.world.seed, race.day, race.slot.meeting, 59).below(300)


def _going_at(race: Race, minute: int) -> str:
    """Return the ground of a meeting, which may change once in the morning."""
    dice = Dice(race.world.seed, race.day, race.slot.meeting, 60)
    final = race.conditions.going
    changes = dice.chance(GOING_CHANGES) and race.slot.pool != ABROAD
    changed_at = FIRST_NEWS_OF_GOING + NEWS_OF_GOING * dice.below(4)
    return WETTER.get(final, final) if changes and minute < changed_at else final


def _runner_at(race: Race, runner: Runner, minute: int) -> Runner:
    is_out = runner.withdrawn and minute >= withdrawn_at(race, runner)
    dice = Dice(race.world.seed, runner.horse.number, race.day, 61)
    rides_from = MORNING + dice.below(max(1, race.slot.minute - MORNING - 20))
    return runner._replace(
        withdrawn=is_out,
        jockey=runner.jockey if minute >= rides_from else runner.before,
        price=step_at(race, runner, minute),
    )


def is_priced(race: Race) -> bool:
    """Return whether bookmakers price a race: not those abroad."""
    return bool(POOLS[race.slot.pool].region)
