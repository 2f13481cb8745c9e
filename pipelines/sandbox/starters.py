"""The runners of a racecard, as the vendor sends them."""

from datetime import date
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from pipelines.sandbox.dice import mix, share
from pipelines.sandbox.fixtures import ABROAD, to_date
from pipelines.sandbox.formats import members
from pipelines.sandbox.horses import identity, sex_at
from pipelines.sandbox.notes import (
    HANDS,
    current,
    form,
    fortnight,
    history,
    last_run,
    quotes,
    stable_tour,
    views,
)
from pipelines.sandbox.odds import odds
from pipelines.sandbox.people import NON_RUNNER_ID, Jockey, owner, trainer
from pipelines.sandbox.races import Race, Runner

STALE_PRICES = date(2026, 8, 17)  # from this day on a withdrawn horse keeps its prices
QUOTED, TOURED, QUOTED_LATE, TOURED_LATE = share(0.08), share(0.06), share(0.024), share(0.018)
NO_QUOTES = members({"quotes": [], "stable_tour": []})
NAMELESS, HEADGEAR_FIRST, LETTERED, UNKNOWN_LATE = share(0.01), share(0.2), share(0.03), share(0.6)


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


def starter(sheet: Sheet, runner: Runner) -> tuple[bytes, ...]:
    """Render one runner of a card, in members: many are the same on other days, or of others."""
    day, seed, past = sheet.race.day, sheet.race.world.seed, runner.career
    trainer_id, late = current(past.trainers, day), to_date(day).year >= 2026
    nameless = late and runner.luck[5] < NAMELESS
    return (
        identity(seed, runner.horse.number),
        _trained(seed, trainer_id),
        fortnight(mix(seed, trainer_id, day) % HANDS),
        _owned(seed, current(past.owners, day), nameless),
        views(runner.luck[6] % HANDS, late, runner.last_run is None),
        history(seed, runner, day),
        _quotes_and_tours(seed, runner, day, late),
        members(_today(sheet, runner, late)),
        _odds(sheet, runner),
    )


@lru_cache(maxsize=10_000)
def _trained(seed: int, number: int) -> bytes:
    """Name a trainer."""
    coach = trainer(seed, number)
    return members(
        {"trainer": coach.name, "trainer_id": coach.id, "trainer_location": coach.location}
    )


@lru_cache(maxsize=25_000)
def _owned(seed: int, number: int, nameless: bool) -> bytes:
    """Name an owner."""
    owning = owner(seed, number)
    return members({"owner": owning.name, "owner_id": "" if nameless else owning.id})


def _quotes_and_tours(seed: int, runner: Runner, day: int, late: bool) -> bytes:
    """Render quotes and stable tours of this horse; few since 2026."""
    quoted, toured = (QUOTED_LATE, TOURED_LATE) if late else (QUOTED, TOURED)
    with_quotes, with_tour = runner.luck[7] < quoted, runner.luck[8] < toured
    if not (with_quotes or with_tour):
        return NO_QUOTES
    return members(
        {
            "quotes": quotes(seed, runner, day) if with_quotes and runner.last_run else [],
            "stable_tour": stable_tour(seed, runner, day) if with_tour else [],
        }
    )


def _today(sheet: Sheet, runner: Runner, late: bool) -> dict[str, object]:
    """Render what is known about its start."""
    stage, day, luck = sheet.stage, sheet.race.day, runner.luck
    sex, sex_code = sex_at(runner.horse, runner.age)
    out = runner.withdrawn and stage is Stage.FINAL
    jockey, jockey_id = _jockey(stage, runner, out, stand_in=luck[9] % 2 == 0)
    operated = runner.career.operated
    recent = operated is not None and 0 <= day - operated < 120
    number = f"R{runner.number}" if runner.reserve else str(runner.number)
    return {
        "age": str(runner.age),
        "sex": sex,
        "sex_code": sex_code,
        "number": "NR" if out else number,
        "draw": "0" if stage is Stage.ENTRIES else str(runner.draw),
        "headgear": runner.headgear,
        "headgear_run": "1" if runner.headgear and luck[10] < HEADGEAR_FIRST else "",
        "wind_surgery": "w" if recent else "",
        "wind_surgery_run": "1" if recent and luck[10] % 5 < 3 else "",
        "lbs": str(runner.lbs),
        "jockey": jockey,
        "jockey_id": jockey_id,
        "silk_url": _silk(luck[11], luck[12]),
        "last_run": last_run(runner, day),
        "form": form(runner, day),
        **_ratings(runner, late),
    }


def _silk(first: int, second: int) -> str:
    """Link to the colours; some numbers have a letter behind them."""
    letter = "abc"[second % 3] if first < LETTERED else ""
    path = f"{first % 10}/{second % 10}/{100_000 + first + 3 * second}{letter}"
    return f"https://silks.sandbox.example/svg/{path}.svg"


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


def _ratings(runner: Runner, late: bool) -> dict[str, str]:
    """Rate it before the race; 2026 brought two ratings more and emptied the old ones."""
    unrated, hand, luck = runner.last_run is None, runner.luck[13], runner.luck
    known = not unrated and not (late and hand < UNKNOWN_LATE)
    rating = runner.career.rating
    shown = {
        "ofr": "-" if runner.rating is None else str(runner.rating),
        "rpr": str(rating + luck[14] % 14) if known else "-",
        "ts": str(max(5, rating - luck[15] % 40)) if known and hand % 5 < 3 else "-",
    }
    if late:
        shown["performance_rating"] = str(rating + luck[12] % 20) if known else ""
        shown["speed_rating"] = str(rating - luck[14] % 20) if known else ""
    return shown


def _odds(sheet: Sheet, runner: Runner) -> bytes:
    """Quote its prices; those of a non-runner go, or stay, by the year."""
    if sheet.stage is Stage.ENTRIES or sheet.race.slot.pool == ABROAD:
        return b'"odds":[]'
    when = to_date(sheet.race.day)
    old, stale = when.year == 2023, when >= STALE_PRICES
    gone = runner.withdrawn and sheet.stage is Stage.FINAL and not (old or stale)
    price = None if gone else runner.price
    return odds(price, runner.luck[12], sheet.each_way, old, sheet.updated)
