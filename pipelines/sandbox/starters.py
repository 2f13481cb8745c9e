"""The runners of a racecard, as the vendor sends them."""

from enum import Enum
from typing import Any, NamedTuple

import orjson

from pipelines.sandbox.dice import Dice
from pipelines.sandbox.fixtures import ABROAD, to_date
from pipelines.sandbox.horses import identity, sex_at
from pipelines.sandbox.notes import (
    FLAGS,
    comment,
    current,
    form,
    fortnight,
    last_run,
    medical,
    previous_owners,
    previous_trainers,
    quotes,
    stable_tour,
)
from pipelines.sandbox.odds import odds
from pipelines.sandbox.people import NON_RUNNER_ID, Jockey, owner, trainer
from pipelines.sandbox.races import Race, Runner
from pipelines.sandbox.words import VIEWS

STALE_PRICES = (2026, 8, 17)  # from this day on a withdrawn horse keeps its prices


class Stage(Enum):
    """How far a card has come: entries, declarations, the day itself (and ever after)."""

    ENTRIES = "entries"
    DECLARED = "declared"
    FINAL = "final"


class Sheet(NamedTuple):
    """A race's card at a stage, with what all its runners share."""

    race: Race
    stage: Stage
    each_way: tuple[str, str]
    updated: str


def starter(sheet: Sheet, runner: Runner) -> dict[str, Any]:
    """Render one runner of a card."""
    day, seed = sheet.race.day, sheet.race.world.seed
    dice = Dice(seed, runner.horse.number, day, 42)
    sex, sex_code = sex_at(runner.horse, runner.age)
    return {
        **identity(seed, runner.horse.number),
        "age": str(runner.age),
        "sex": sex,
        "sex_code": sex_code,
        **_people(seed, dice, runner, day),
        **_texts(dice, runner, day),
        **_saddling(sheet, dice, runner),
        **_ratings(dice, runner, day),
        "last_run": last_run(runner, day),
        "form": form(runner, day),
        "odds": _odds(sheet, dice, runner),
    }


def _people(seed: int, dice: Dice, runner: Runner, day: int) -> dict[str, Any]:
    """Tell whose horse it is and was."""
    training = current(runner.career.trainers, day)
    owning = owner(seed, current(runner.career.owners, day))
    coach, (last_days, to_form) = trainer(seed, training), fortnight(seed, training, day)
    nameless = to_date(day).year >= 2026 and dice.chance(0.01)
    return {
        "trainer": coach.name,
        "trainer_id": coach.id,
        "trainer_location": coach.location,
        "trainer_14_days": last_days,
        "trainer_rtf": to_form,
        "owner": owning.name,
        "owner_id": "" if nameless else owning.id,
        "prev_trainers": previous_trainers(seed, runner, day),
        "prev_owners": previous_owners(seed, runner, day),
    }


def _texts(dice: Dice, runner: Runner, day: int) -> dict[str, Any]:
    """Tell what is said of it; since 2026 that is little."""
    talk = 0.3 if to_date(day).year >= 2026 else 1.0
    views = f"{dice.one(VIEWS)}; {dice.one(VIEWS).lower()}."
    return {
        "comment": comment(dice),
        "spotlight": views if dice.chance(0.25 * talk) else "",
        "quotes": quotes(dice, runner, day) if runner.last_run and dice.chance(0.08 * talk) else [],
        "stable_tour": stable_tour(dice, day) if dice.chance(0.06 * talk) else [],
        "medical": medical(runner, day),
        "past_results_flags": dice.one(FLAGS) if runner.last_run and dice.chance(0.16) else [],
    }


def _saddling(sheet: Sheet, dice: Dice, runner: Runner) -> dict[str, str]:
    """Tell how it goes to the post, as far as that is known."""
    out = runner.withdrawn and sheet.stage is Stage.FINAL
    jockey, jockey_id = _jockey(sheet.stage, runner, out, stand_in=dice.chance(0.5))
    operated = runner.career.operated
    recent = operated is not None and 0 <= sheet.race.day - operated < 120
    number = f"R{runner.number}" if runner.reserve else str(runner.number)
    letter = dice.one("abc") if dice.chance(0.03) else ""
    silk = f"{dice.below(10)}/{dice.below(10)}/{100_000 + dice.below(280_000)}{letter}"
    return {
        "number": "NR" if out else number,
        "draw": "0" if sheet.stage is Stage.ENTRIES else str(runner.draw),
        "headgear": runner.headgear,
        "headgear_run": "1" if runner.headgear and dice.chance(0.2) else "",
        "wind_surgery": "w" if recent else "",
        "wind_surgery_run": "1" if recent and dice.chance(0.6) else "",
        "lbs": str(runner.lbs),
        "jockey": jockey,
        "jockey_id": jockey_id,
        "silk_url": f"https://silks.sandbox.example/svg/{silk}.svg",
    }


def _jockey(stage: Stage, runner: Runner, out: bool, stand_in: bool) -> tuple[str, str]:
    """Name the jockey, the claim glued on; a non-runner may have a stand-in."""
    if stage is Stage.ENTRIES:
        return "", ""
    booked = runner.before if stage is Stage.DECLARED else runner.jockey
    if out and stand_in:
        return f"NON-RUNNER{_claim(booked)}", NON_RUNNER_ID
    return booked.name + _claim(booked), booked.id


def _claim(jockey: Jockey) -> str:
    """Write an apprentice's allowance."""
    return f"({jockey.claim})" if jockey.claim else ""


def _ratings(dice: Dice, runner: Runner, day: int) -> dict[str, str]:
    """Rate it before the race; 2026 brought two ratings more and emptied the old ones."""
    late = to_date(day).year >= 2026
    known = runner.last_run is not None and not (late and dice.chance(0.6))
    rating = runner.career.rating
    shown = {
        "ofr": "-" if runner.rating is None else str(runner.rating),
        "rpr": str(rating + dice.below(14)) if known else "-",
        "ts": str(max(5, rating - dice.below(40))) if known and dice.chance(0.6) else "-",
    }
    if late:
        shown["performance_rating"] = str(rating + dice.below(20)) if known else ""
        shown["speed_rating"] = str(rating - dice.below(20)) if known else ""
    return shown


def _odds(sheet: Sheet, dice: Dice, runner: Runner) -> orjson.Fragment | list[object]:
    """Quote its prices; those of a non-runner go, or stay, by the year."""
    if sheet.stage is Stage.ENTRIES or sheet.race.slot.pool == ABROAD:
        return []
    when = to_date(sheet.race.day)
    old, stale = when.year == 2023, (when.year, when.month, when.day) >= STALE_PRICES
    gone = runner.withdrawn and sheet.stage is Stage.FINAL and not (old or stale)
    price = None if gone else runner.price
    return orjson.Fragment(odds(price, dice.below(4), sheet.each_way, old, sheet.updated))
