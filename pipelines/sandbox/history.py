"""The price history of a runner, as the vendor sends it: every change, the newest first."""

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from pipelines.sandbox.fixtures import World, to_date
from pipelines.sandbox.formats import LONDON
from pipelines.sandbox.horses import suffixed
from pipelines.sandbox.odds import each_way, quotes
from pipelines.sandbox.raceday import (
    FIRST_PRICES,
    TICK,
    is_priced,
    minute_of,
    step_at,
    withdrawn_at,
)
from pipelines.sandbox.races import Race, Runner, races

FIRST_HISTORY = date(2025, 3, 17)


def price_history(
    world: World, race_id: str, horse_id: str, now: datetime
) -> dict[str, Any] | None:
    """Return the prices of a runner until now; None where there is no such runner."""
    found = _find(world, race_id, horse_id, now)
    if found is None:
        return None
    race, runner = found
    priced = is_priced(race)
    return {
        "race_id": race.id,
        "horse_id": horse_id,
        "horse": suffixed(runner.horse),
        "odds": _odds(race, runner, minute_of(to_date(race.day), now)) if priced else [],
    }


def _find(world: World, race_id: str, horse_id: str, now: datetime) -> tuple[Race, Runner] | None:
    digits = race_id.removeprefix("rac_")
    if not digits.isdigit():
        return None
    day = (int(digits) % 32_300_000_000 - 10_000_000) // 128
    if not 0 <= day <= (now.date() - to_date(0)).days + 2:
        return None
    for race in races(world, day):
        for runner in race.runners:
            if race.id == race_id and f"hrs_{runner.horse.number}" == horse_id:
                return None if runner.unnamed else (race, runner)
    return None


def _odds(race: Race, runner: Runner, minute: int) -> list[dict[str, Any]]:
    """List the firms, each with its prices."""
    last = min(minute, race.slot.minute)
    if runner.withdrawn:
        last = min(last, withdrawn_at(race, runner))
    ticks = [(step_at(race, runner, tick), tick) for tick in range(FIRST_PRICES, last + 1, TICK)]
    stands = [(step, next(same)[1]) for step, same in groupby(ticks, key=lambda tick: tick[0])]
    running = sum(not other.withdrawn for other in race.runners)
    terms = each_way(running, race.conditions.handicap)
    old = to_date(race.day).year == 2023
    found: dict[str, dict[str, Any]] = {}
    for step, tick in stands:
        for quote in quotes(step, runner.luck[12], terms, old):
            _add(found, quote, race, tick, is_kept=to_date(race.day) >= FIRST_HISTORY)
    return [*found.values()]


def _add(
    found: dict[str, dict[str, Any]], quote: dict[str, object], race: Race, tick: int, is_kept: bool
) -> None:
    firm = str(quote["bookmaker"])
    before = found.get(firm)
    history: list[dict[str, object]] = before["history"] if before else []
    price = {name: quote[name] for name in ("decimal", "fractional")}
    at = datetime.combine(to_date(race.day), datetime.min.time()) + timedelta(minutes=tick)
    if is_kept and (not history or _differs(price, history[0])):
        history.insert(0, {"changed_at": at.replace(tzinfo=LONDON).isoformat(), **price})
    found[firm] = {**quote, "updated": f"{at:%Y-%m-%d %H:%M:%S}", "history": history}


def _differs(price: dict[str, object], last: dict[str, object]) -> bool:
    return any(price[name] != last[name] for name in price)
