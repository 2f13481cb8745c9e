"""Results, as the vendor sends them."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson

from pipelines.sandbox.cards import Page
from pipelines.sandbox.dice import Dice
from pipelines.sandbox.dividends import dividends
from pipelines.sandbox.fixtures import ABROAD, Slot, State, World, fixtures, to_date, to_day
from pipelines.sandbox.formats import (
    clock,
    course_name,
    half_furlongs,
    lengths,
    metres,
    money,
    off,
    race_time,
    rounded,
    spoken_time,
    weight,
)
from pipelines.sandbox.horses import pedigree, sex_at, suffixed
from pipelines.sandbox.notes import current
from pipelines.sandbox.odds import DECIMALS, LADDER
from pipelines.sandbox.outcome import Finish, finish
from pipelines.sandbox.people import owner, trainer
from pipelines.sandbox.races import Race, races
from pipelines.sandbox.words import ENDINGS, MIDDLE, REASONS, RUNNING, WINNING

DASH = "–"
DAYS_TO_BSP, DAYS_TO_TSR, DAYS_TO_RPR = 1, 2, 5


def run_by(world: World, when: date, now: datetime) -> list[Slot]:
    """List the races of a day that have been run, the latest first, without making them."""
    slots = [slot for slot in fixtures(world, to_day(when)) if slot.state is State.RUN]
    return sorted(
        (slot for slot in slots if off(to_day(when), slot.minute) < now),
        key=lambda slot: (-slot.minute, slot.place),
    )


def results(world: World, when: date, today: date) -> dict[int, Page]:
    """Render a day's results as they stand today, by the place of the race in the day."""
    return _results(world, to_day(when), min((today - when).days, DAYS_TO_RPR))


@lru_cache(maxsize=64)
def _results(world: World, day: int, age: int) -> dict[int, Page]:
    """Render a day's results at an age in days."""
    run = (race for race in races(world, day) if race.slot.state is State.RUN)
    return {
        race.slot.place: Page(race.slot.course, orjson.dumps(_result(race, age))) for race in run
    }


def _result(race: Race, age: int) -> dict[str, Any]:
    """Render one result."""
    ends = finish(race)
    return {
        **_when_and_where(race),
        **_terms(race),
        "runners": [_runner(race, end, age) for end in ends],
        "winning_time_detail": _winning_time(race, ends[0].seconds),
        "comments": "New course record" if race.dice.chance(0.004) else "",
        "non_runners": ", ".join(_non_runners(race)),
        **dividends(race, ends),
    }


def _when_and_where(race: Race) -> dict[str, Any]:
    """Tell the place and the time of a race."""
    return {
        "race_id": race.id,
        "date": to_date(race.day).isoformat(),
        "region": race.slot.course.region.upper(),
        "course": course_name(race.slot.course, suffixed=True),
        "course_id": race.slot.course.id,
        "off": clock(race.slot.minute),
        "off_dt": off(race.day, race.slot.minute).isoformat(),
    }


def _terms(race: Race) -> dict[str, Any]:
    """Tell the conditions of a race."""
    terms = race.conditions
    return {
        "race_name": terms.name,
        "type": terms.kind,
        "class": f"Class {terms.klass}" if terms.klass else "",
        "pattern": terms.pattern,
        "rating_band": terms.rating_band,
        "age_band": terms.age_band,
        "sex_rest": terms.sex,
        "dist": rounded(terms.yards),
        "dist_y": str(terms.yards),
        "dist_m": metres(terms.yards, race.slot.course),
        "dist_f": f"{half_furlongs(terms.yards) / 2:g}f",
        "going": terms.going,
        "surface": terms.surface,
        "jumps": terms.jumps,
    }


def _winning_time(race: Race, seconds: float) -> str:
    """State the winning time, and by how much it missed the standard; abroad there is none."""
    if race.slot.pool == ABROAD:
        return spoken_time(seconds)
    pace = "slow" if race.dice.chance(0.9) else "fast"
    return (
        f"{spoken_time(seconds)} ({pace} by {spoken_time(race.dice.roll() ** 2 * seconds * 0.2)})"
    )


def _non_runners(race: Race) -> Iterator[str]:
    """Name those who did not run, most with the reason."""
    dice = race.dice
    for runner in race.runners:
        if runner.withdrawn:
            reason = "reserve" if runner.reserve else dice.one(REASONS)
            yield runner.horse.name if dice.chance(0.04) else f"{runner.horse.name} ({reason})"


def _runner(race: Race, end: Finish, age: int) -> dict[str, Any]:
    """Render one runner of a result."""
    runner, dice = end.runner, Dice(race.world.seed, end.runner.horse.number, race.day, 51)
    return {
        "horse_id": f"hrs_{runner.horse.number}",
        "horse": suffixed(runner.horse),
        "number": str(runner.number),
        "draw": str(runner.draw or ""),
        "age": str(runner.age),
        "sex": sex_at(runner.horse, runner.age)[1],
        "weight": weight(runner.lbs),
        "weight_lbs": str(runner.lbs),
        "headgear": runner.headgear,
        **_placing(race, end),
        **_prices(dice, end, age),
        **_ratings(dice, end, age),
        **_people(race, end),
        **_pedigree(race.world.seed, runner.horse.number),
        "comment": "" if race.slot.pool == ABROAD else _comment(dice, end),
        "silk_url": f"https://silks.sandbox.example/svg/{runner.horse.number % 1000}.svg",
    }


def _placing(race: Race, end: Finish) -> dict[str, str]:
    """Tell where it finished."""
    finished = end.margin is not None
    sign = "€" if race.slot.course.region == "ire" else ""
    return {
        "position": end.position,
        "btn": lengths(end.margin) if end.margin is not None else "-",
        "ovr_btn": lengths(end.beaten) if finished else "-",
        "time": race_time(end.seconds) if finished else "-",
        "prize": money(end.prize, sign) if end.prize else "",
    }


def _prices(dice: Dice, end: Finish, age: int) -> dict[str, str]:
    """Tell its starting prices; that of the exchange comes a day later."""
    exchange = f"{DECIMALS[end.price] * dice.between(0.97, 1.35):.2f}"
    return {
        "sp": end.sp,
        "sp_dec": f"{DECIMALS[end.price]:.2f}",
        "bsp": exchange if age >= DAYS_TO_BSP else "-",
    }


def _ratings(dice: Dice, end: Finish, age: int) -> dict[str, str]:
    """Rate the performance; the figures arrive days after the race, and some never."""
    rating, finished = end.runner.career.rating - int(end.beaten), end.margin is not None
    rpr = max(1, rating + dice.below(12)) if finished and dice.chance(0.98) else DASH
    tsr = max(1, rating - dice.below(40)) if finished and dice.chance(0.92) else DASH
    return {
        "or": DASH if end.runner.rating is None else str(end.runner.rating),
        "rpr": str(rpr) if age >= DAYS_TO_RPR else DASH,
        "tsr": str(tsr) if age >= DAYS_TO_TSR else DASH,
    }


def _people(race: Race, end: Finish) -> dict[str, str]:
    """Tell whose horse it is; owners lose their commas and ampersands."""
    seed, career, jockey = race.world.seed, end.runner.career, end.runner.jockey
    coach, owning = (
        trainer(seed, current(career.trainers, race.day)),
        owner(seed, current(career.owners, race.day)),
    )
    return {
        "jockey": jockey.name,
        "jockey_claim_lbs": str(jockey.claim),
        "jockey_id": jockey.id,
        "trainer": coach.name,
        "trainer_id": coach.id,
        "owner": owning.name.replace(" & ", " ").replace(",", ""),
        "owner_id": owning.id,
    }


@lru_cache(maxsize=25_000)
def _pedigree(seed: int, number: int) -> dict[str, str]:
    """Name sire, dam and damsire, the last without its country."""
    sire, dam, damsire = pedigree(seed, number)
    return {
        "sire": suffixed(sire) if sire else "",
        "sire_id": f"sir_{sire.number}" if sire else "",
        "dam": suffixed(dam) if dam else "",
        "dam_id": f"dam_{dam.number}" if dam else "",
        "damsire": suffixed(damsire).rsplit(" (", 1)[0] if damsire else "",
        "damsire_id": f"dsi_{damsire.number}" if damsire else "",
    }


def _comment(dice: Dice, end: Finish) -> str:
    """Tell the race of one runner, with the move of its price glued on."""
    last = dice.one(WINNING if end.position == "1" else ENDINGS)
    story = " - ".join((dice.one(RUNNING), dice.one(MIDDLE), last))
    opened = LADDER[max(0, min(len(DECIMALS) - 1, end.price + dice.below(5) - 2))]
    touched = f" tchd {LADDER[max(0, end.price - 1)]}" if dice.chance(0.3) else ""
    return story + (f"(op {opened}{touched})" if dice.chance(0.88) else "")
