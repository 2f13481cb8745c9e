"""Race days of the sandbox: cards, prices and results change by the minute, and end as before."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import pytest
import requests

from pipelines.sandbox import Clock, SandboxOptions, running
from pipelines.sandbox.cards import cards, cards_at
from pipelines.sandbox.fixtures import World
from pipelines.sandbox.formats import LONDON
from pipelines.sandbox.history import price_history
from pipelines.sandbox.results import results, results_at, run_at

DAY = date(2026, 10, 10)
WORLD = World(seed=1)
Json = dict[str, Any]


def at(minute: int) -> datetime:
    return datetime.combine(DAY, datetime.min.time(), LONDON) + timedelta(minutes=minute)


def cards_of(minute: int) -> dict[str, Json]:
    return {page.race_id: orjson.loads(page.body) for page in cards_at(WORLD, DAY, at(minute))}


@pytest.fixture(scope="module")
def day() -> list[dict[str, Json]]:
    """A day's cards, every half hour from the evening before."""
    return [cards_of(minute) for minute in range(-300, 1439, 30)]


def changes(day: list[dict[str, Json]], name: str, of_runner: bool = False) -> int:
    seen: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for found in day:
        for race in found.values():
            for one in race["runners"] if of_runner else [race]:
                values = seen[race["race_id"], one.get("horse_id", "")]
                if not values or values[-1] != one[name]:
                    values.append(one[name])
    return sum(len(values) - 1 for values in seen.values())


def test_a_day_has_non_runners_new_jockeys_new_ground_and_delays(
    day: list[dict[str, Json]],
) -> None:
    out = [
        sum(runner["number"] == "NR" for race in found.values() for runner in race["runners"])
        for found in day
    ]
    assert out == sorted(out)
    assert 0 < out[0] < out[-1] / 2
    assert changes(day, "jockey_id", of_runner=True) > 5
    assert changes(day, "going") > 3
    assert changes(day, "off_dt") > 0


def test_prices_move_and_then_stand(day: list[dict[str, Json]]) -> None:
    for found in day:
        for race in found.values():
            for runner in race["runners"]:
                runner["price"] = runner["odds"][0]["decimal"] if runner["odds"] else None
    moves = changes(day, "price", of_runner=True)
    assert 1 < moves / sum(len(race["runners"]) for race in day[0].values()) < 30


def test_the_same_minute_always_looks_the_same_and_changes_come_every_five() -> None:
    assert cards_of(782) == cards_of(780)
    assert cards_of(785) != cards_of(780)


def test_a_day_ends_as_it_has_always_been() -> None:
    tomorrow = DAY + timedelta(days=1)
    assert cards_at(WORLD, DAY, at(1439)) == cards(WORLD, DAY, tomorrow)
    assert cards_at(WORLD, DAY, at(1441)) == cards(WORLD, DAY, tomorrow)
    assert results_at(WORLD, DAY, at(1441)) == results(WORLD, DAY, tomorrow)


def test_results_come_race_by_race_and_some_are_corrected() -> None:
    counts = [len(run_at(WORLD, DAY, at(minute))) for minute in range(0, 1440, 10)]
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert len(set(counts)) > 20
    assert counts[-1] == len(results(WORLD, DAY, DAY))
    last, corrected = dict[str, list[str]](), set[str]()
    for minute in range(720, 1440, 5):
        pages = results_at(WORLD, DAY, at(minute))
        for slot in run_at(WORLD, DAY, at(minute)):
            race = orjson.loads(pages[slot.place].body)
            order = [runner["horse_id"] for runner in race["runners"]]
            if last.setdefault(race["race_id"], order) != order:
                corrected.add(race["race_id"])
                last[race["race_id"]] = order
    assert 0 < len(corrected) < len(last) / 4


def test_a_price_history_ends_with_the_price_of_the_card() -> None:
    for race in cards_of(720).values():
        for runner in race["runners"][:1]:
            history = price_history(WORLD, race["race_id"], runner["horse_id"], at(720))
            assert history is not None
            if runner["number"] == "NR" or not runner["odds"]:
                continue
            now = {quote["bookmaker"]: quote["decimal"] for quote in runner["odds"]}
            assert {quote["bookmaker"]: quote["decimal"] for quote in history["odds"]} == now
            for quote in history["odds"]:
                times = [change["changed_at"] for change in quote["history"]]
                assert quote["history"][0]["decimal"] == quote["decimal"]
                assert times == sorted(times, reverse=True)
    assert price_history(WORLD, "rac_1", "hrs_1", at(720)) is None


def test_its_clock_can_be_set_and_runs_as_fast_as_told() -> None:
    clock = Clock(datetime.fromisoformat("2026-10-10T09:00"), speed=0)
    assert clock.now() == at(540)
    clock.set(at(600))
    assert clock.now() == at(600)
    fast = Clock(at(600), speed=1_000_000)
    assert fast.now() > at(600)


def test_the_server_has_a_race_day_by_its_clock() -> None:
    clock = Clock(at(720), speed=0)
    with running(SandboxOptions(limits=False, clock=clock, scale=0.2)) as sandbox:

        def ask(path: str, **params: str) -> Any:
            return requests.get(
                f"{sandbox.url}/v1/{path}", params, auth=("sandbox", "sandbox"), timeout=20
            ).json()

        noon = ask("racecards/pro", date="2026-10-10", region_codes="gb")["racecards"]
        assert ask("results", start_date="2026-10-10", end_date="2026-10-10")["total"] == 0
        clock.set(at(1080))
        run = ask("results", start_date="2026-10-10", end_date="2026-10-10")["total"]
        assert 0 < run == ask("results/today")["total"]
        assert noon != ask("racecards/pro", date="2026-10-10", region_codes="gb")["racecards"]
        runner = noon[0]["runners"][0]
        asked = ask(f"odds/{noon[0]['race_id']}/{runner['horse_id']}")
        assert asked["horse"].lower().startswith(runner["horse"].lower())
        assert ask("odds/rac_1/hrs_1") == {"detail": "Not Found"}
