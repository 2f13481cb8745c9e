"""Results, as the vendor sends them."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from pipelines.sandbox.cards import Page
from pipelines.sandbox.dice import FULL, share
from pipelines.sandbox.dividends import dividends
from pipelines.sandbox.fixtures import ABROAD, Slot, State, World, fixtures, to_date, to_day
from pipelines.sandbox.formats import (
    clock,
    course_name,
    half_furlongs,
    lengths,
    members,
    metres,
    money,
    off,
    race_time,
    rounded,
    spoken_time,
    weight,
)
from pipelines.sandbox.horses import horse, named_pedigree, sex_at, suffixed
from pipelines.sandbox.notes import current
from pipelines.sandbox.odds import DECIMALS, LADDER
from pipelines.sandbox.outcome import Finish, finish
from pipelines.sandbox.people import owner, trainer
from pipelines.sandbox.raceday import DAY, first_finish, minute_of, result_at
from pipelines.sandbox.races import Race, races
from pipelines.sandbox.words import ENDINGS, MIDDLE, REASONS, RUNNING, WINNING

DASH = "–"
GIVEN_RPR, GIVEN_TSR, TOUCHED, OPENED = share(0.98), share(0.92), share(0.3), share(0.88)
DAYS_TO_BSP, DAYS_TO_TSR, DAYS_TO_RPR = 1, 2, 5


def run_by(world: World, when: date, now: datetime) -> list[Slot]:
    """List the races of a day that have been run, the latest first, without making them."""
    day, over = to_day(when), when < now.date()
    slots = [slot for slot in fixtures(world, day) if slot.state is State.RUN]
    run = [slot for slot in slots if over or off(day, slot.minute) < now]
    return sorted(run, key=lambda slot: (-slot.minute, slot.place))


def results(world: World, when: date, today: date) -> dict[int, Page]:
    """Render a day's results as they stand today, by the place of the race in the day."""
    return _results(world, to_day(when), min((today - when).days, DAYS_TO_RPR))


def run_at(world: World, when: date, now: datetime) -> list[Slot]:
    """List the races of a day whose result has come by a moment, the latest first."""
    minute = minute_of(when, now)
    slots = [race.slot for race in _run(world, to_day(when)) if result_at(race) <= minute]
    return sorted(slots, key=lambda slot: (-slot.minute, slot.place))


def results_at(world: World, when: date, now: datetime) -> dict[int, Page]:
    """Render a day's results as they stand at a moment: some are corrected after a while."""
    minute, final = minute_of(when, now), results(world, when, now.date())
    if minute >= DAY:
        return final
    pages = dict(final)
    for race in _run(world, to_day(when)):
        ends = first_finish(race, minute)
        if ends != finish(race):
            body = _result(race, 0, ends)
            pages[race.slot.place] = pages[race.slot.place]._replace(body=body)
    return pages


def _run(world: World, day: int) -> Iterator[Race]:
    return (race for race in races(world, day) if race.slot.state is State.RUN)


@lru_cache(maxsize=64)
def _results(world: World, day: int, age: int) -> dict[int, Page]:
    """Render a day's results at an age in days."""
    return {
        race.slot.place: Page(race.slot.course, _result(race, age), race.id)
        for race in _run(world, day)
    }


def _result(race: Race, age: int, ends: list[Finish] | None = None) -> bytes:
    """Render one result."""
    ends = ends or finish(race)
    about = {
        **_when_and_where(race),
        **_terms(race),
        "winning_time_detail": _winning_time(race, ends[0].seconds),
        "comments": "New course record" if race.dice.chance(0.004) else "",
        "non_runners": ", ".join(_non_runners(race)),
        **dividends(race, ends),
    }
    runners = b"},{".join([b",".join(_runner(race, end, age)) for end in ends])
    return b"".join((b"{", members(about), b',"runners":[{', runners, b"}]}"))


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


def _runner(race: Race, end: Finish, age: int) -> tuple[bytes, ...]:
    """Render one runner of a result, in members: those same in other results are kept."""
    seed, day, career = race.world.seed, race.day, end.runner.career
    return (
        _identity(seed, end.runner.horse.number),
        _trained(seed, current(career.trainers, day)),
        _owned(seed, current(career.owners, day)),
        members(_today(race, end, age)),
    )


def _today(race: Race, end: Finish, age: int) -> dict[str, str]:
    """Tell how it ran."""
    runner = end.runner
    return {
        "number": str(runner.number),
        "draw": str(runner.draw or ""),
        "age": str(runner.age),
        "sex": sex_at(runner.horse, runner.age)[1],
        "weight": weight(runner.lbs),
        "weight_lbs": str(runner.lbs),
        "headgear": runner.headgear,
        "jockey": runner.jockey.name,
        "jockey_claim_lbs": str(runner.jockey.claim),
        "jockey_id": runner.jockey.id,
        "comment": "" if race.slot.pool == ABROAD else _comment(end),
        **_placing(race, end),
        **_prices(end, age),
        **_ratings(end, age, late=to_date(race.day).year >= 2026),
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


def _prices(end: Finish, age: int) -> dict[str, str]:
    """Tell its starting prices; that of the exchange comes a day later."""
    exchange = DECIMALS[end.price] * (0.97 + 0.38 * end.runner.luck[16] / FULL)
    return {
        "sp": end.sp,
        "sp_dec": f"{DECIMALS[end.price]:.2f}",
        "bsp": f"{exchange:.2f}" if age >= DAYS_TO_BSP else "-",
    }


def _ratings(end: Finish, age: int, *, late: bool) -> dict[str, str]:
    """Rate the performance; the figures arrive days after the race, and some never.

    2026 brought two ratings more.
    """
    runner, luck, finished = end.runner, end.runner.luck, end.margin is not None
    rating = runner.career.rating - int(end.beaten)
    with_rpr = finished and age >= DAYS_TO_RPR and luck[17] < GIVEN_RPR
    with_tsr = finished and age >= DAYS_TO_TSR and luck[18] < GIVEN_TSR
    shown = {
        "or": DASH if runner.rating is None else str(runner.rating),
        "rpr": str(max(1, rating + luck[19] % 12)) if with_rpr else DASH,
        "tsr": str(max(1, rating - luck[20] % 40)) if with_tsr else DASH,
    }
    if late:
        shown["performance_rating"] = str(max(1, rating + luck[27] % 15)) if with_rpr else DASH
        shown["speed_rating"] = str(max(1, rating - luck[28] % 25)) if with_tsr else DASH
    return shown


@lru_cache(maxsize=10_000)
def _trained(seed: int, number: int) -> bytes:
    """Name a trainer."""
    coach = trainer(seed, number)
    return members({"trainer": coach.name, "trainer_id": coach.id})


@lru_cache(maxsize=25_000)
def _owned(seed: int, number: int) -> bytes:
    """Name an owner; owners lose their commas and ampersands."""
    owning = owner(seed, number)
    name = owning.name.replace(" & ", " ").replace(",", "")
    return members({"owner": name, "owner_id": owning.id})


@lru_cache(maxsize=25_000)
def _identity(seed: int, number: int) -> bytes:
    """Name a horse, its sire, dam and damsire, the last without its country."""
    animal = horse(seed, number)
    if animal is None:
        raise KeyError(number)
    return members(
        {
            "horse_id": f"hrs_{number}",
            "horse": suffixed(animal),
            **named_pedigree(seed, animal),
            "silk_url": f"https://silks.sandbox.example/svg/{number % 1000}.svg",
        }
    )


def _comment(end: Finish) -> str:
    """Tell the race of one runner, with the move of its price glued on."""
    start, middle, last, opening, touch, silence = end.runner.luck[21:27]
    endings = WINNING if end.position == "1" else ENDINGS
    story = (
        f"{RUNNING[start % len(RUNNING)]} - {MIDDLE[middle % len(MIDDLE)]}"
        f" - {endings[last % len(endings)]}"
    )
    opened = LADDER[max(0, min(len(DECIMALS) - 1, end.price + opening % 5 - 2))]
    touched = f" tchd {LADDER[max(0, end.price - 1)]}" if touch < TOUCHED else ""
    return story + (f"(op {opened}{touched})" if silence < OPENED else "")
