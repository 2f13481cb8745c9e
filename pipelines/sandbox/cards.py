"""Racecards, as the vendor sends them."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from pipelines.sandbox.courses import Course
from pipelines.sandbox.fixtures import ABROAD, State, World, to_date, to_day
from pipelines.sandbox.formats import clock, exact, half_furlongs, members, off, rounded
from pipelines.sandbox.odds import LADDER, each_way
from pipelines.sandbox.raceday import looked_at, minute_of, race_at
from pipelines.sandbox.races import Race, Runner, entered, races
from pipelines.sandbox.starters import Sheet, Stage, starter

FIRST_CARDS = date(2023, 1, 23)
DAYS_AHEAD = 7
DECLARED_AHEAD = 2


class Page(NamedTuple):
    """One race ready to be sent, and its course by which callers filter."""

    course: Course
    body: bytes
    race_id: str


def cards(world: World, when: date, today: date) -> tuple[Page, ...]:
    """Render the racecards of a day as they stand today."""
    ahead = (when - today).days
    if when < FIRST_CARDS or ahead > DAYS_AHEAD:
        return ()
    stage = (
        Stage.FINAL if ahead <= 0 else Stage.DECLARED if ahead <= DECLARED_AHEAD else Stage.ENTRIES
    )
    return _cards(world, to_day(when), stage, today if ahead > 0 else None)


@lru_cache(maxsize=4)
def _cards(world: World, day: int, stage: Stage, today: date | None) -> tuple[Page, ...]:
    """Render a day's cards at a stage; the prices of a coming day are those of this morning."""
    return tuple(
        Page(race.slot.course, _card(race, stage, today), race.id) for race in races(world, day)
    )


def cards_at(world: World, when: date, now: datetime) -> tuple[Page, ...]:
    """Render the racecards of a day at a moment: until the off they change with the minute."""
    ahead = (when - now.date()).days
    if not 0 <= ahead <= DECLARED_AHEAD or when < FIRST_CARDS:
        return cards(world, when, now.date())
    return _cards_at(world, to_day(when), looked_at(minute_of(when, now)))


@lru_cache(maxsize=8)
def _cards_at(world: World, day: int, minute: int) -> tuple[Page, ...]:
    final = {page.race_id: page for page in _cards(world, day, Stage.FINAL, None)}
    return tuple(
        final[race.id]
        if minute >= race.slot.minute
        else Page(race.slot.course, _card_at(race, minute), race.id)
        for race in races(world, day)
    )


def _card_at(race: Race, minute: int) -> bytes:
    """Render one card at a minute before its off."""
    looked = datetime.combine(to_date(race.day), datetime.min.time()) + timedelta(
        minutes=minute, seconds=-race.slot.place % 60
    )
    now = race_at(race, minute)
    runners = [runner for runner in race.runners if not runner.withdrawn]
    preview = _preview(race, Stage.FINAL, runners)
    return _card(now, Stage.FINAL, None, f"{looked:%Y-%m-%d %H:%M:%S}", preview)


def _card(
    race: Race,
    stage: Stage,
    today: date | None,
    updated: str = "",
    preview: dict[str, str] | None = None,
) -> bytes:
    """Render one card."""
    named = (
        entered(race)
        if stage is Stage.ENTRIES
        else [runner for runner in race.runners if not runner.unnamed]
    )
    running = [runner for runner in named if not (runner.withdrawn and stage is Stage.FINAL)]
    terms = each_way(len(running), race.conditions.handicap)
    sheet = Sheet(race, stage, terms, updated or _updated(race, today))
    about = {
        **_when_and_where(race),
        **_terms(race),
        **(preview or _preview(race, stage, running)),
        "field_size": "0" if stage is Stage.ENTRIES else str(len(running)),
        "is_abandoned": stage is Stage.FINAL and race.slot.state is State.ABANDONED,
    }
    runners = b"},{".join([b",".join(starter(sheet, runner)) for runner in named])
    return b"".join((b"{", members(about), b',"runners":[{', runners, b"}]}"))


def _updated(race: Race, today: date | None) -> str:
    """Return when the prices were taken: shortly before the off, in UK time without an offset."""
    if today:
        return f"{today} 00:42:{race.slot.place % 60:02}"
    before = timedelta(seconds=20 + race.slot.place)
    return f"{off(race.day, race.slot.minute) - before:%Y-%m-%d %H:%M:%S}"


def _when_and_where(race: Race) -> dict[str, Any]:
    """Render the place and time of a race."""
    return {
        "race_id": race.id,
        "course": race.slot.course.name,
        "course_id": race.slot.course.id,
        "region": race.slot.course.region.upper(),
        "date": to_date(race.day).isoformat(),
        "off_time": clock(race.slot.minute),
        "off_dt": off(race.day, race.slot.minute).isoformat(),
    }


def _terms(race: Race) -> dict[str, Any]:
    """Render the conditions of a race."""
    terms = race.conditions
    return {
        "race_name": f"{terms.name} ({terms.pattern})" if terms.pattern else terms.name,
        "distance_round": rounded(terms.yards),
        "distance": exact(terms.yards),
        "distance_f": f"{half_furlongs(terms.yards) / 2:.1f}",
        "pattern": terms.pattern,
        "sex_restriction": terms.sex,
        "race_class": f"Class {terms.klass}" if terms.klass else "",
        "type": terms.kind,
        "age_band": terms.age_band,
        "rating_band": terms.rating_band,
        "prize": _prize(race),
        "surface": terms.surface,
        "jumps": terms.jumps,
        "big_race": terms.pattern.endswith(" 1"),
        "going": "" if race.dice.chance(0.03) else terms.going,
        "going_detailed": _going_detailed(race),
        "rail_movements": "",
        "stalls": "",
        "weather": "",
        "race_status": "",
    }


def _going_detailed(race: Race) -> str:
    """Describe the ground at length; this began in 2026."""
    if to_date(race.day).year < 2026 or race.slot.pool == ABROAD or race.dice.chance(0.6):
        return ""
    return f"{race.conditions.going.upper()} (GoingStick: {6 + race.dice.below(30) / 10})"


def _prize(race: Race) -> str:
    """Write the winner's prize, in whole pounds (euro in Ireland)."""
    if race.slot.pool == ABROAD and race.dice.chance(0.3):
        return ""
    sign = "€" if race.slot.course.region == "ire" else "£"
    return f"{sign}{int(race.conditions.prize):,}"


def _preview(race: Race, stage: Stage, running: list[Runner]) -> dict[str, str]:
    """Render the preview: a tip, a verdict, a betting forecast."""
    silent = race.slot.pool == ABROAD or stage is Stage.ENTRIES or not running
    if silent or (to_date(race.day).year >= 2026 and race.dice.chance(0.7)):
        return {"tip": "", "verdict": "", "betting_forecast": ""}
    tip = min(running, key=lambda runner: runner.price).horse.name
    verdict = f"This can go to {tip.upper()}, who has the best of the weights."
    return {"tip": tip, "verdict": verdict, "betting_forecast": _forecast(running)}


def _forecast(running: list[Runner]) -> str:
    """Render the betting forecast; horses at the same price share it, after two spaces."""
    shown = []
    for price, group in groupby(
        sorted(running, key=lambda runner: runner.price), key=lambda runner: runner.price
    ):
        words = "Evs" if LADDER[price] == "1/1" else LADDER[price]
        shown.append(f"{words} {',  '.join(runner.horse.name for runner in group)}")
    return ", ".join(shown)
