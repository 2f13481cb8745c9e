"""The sandbox's world: pure, as large as the real one, consistent, and as odd."""

import re
import time
from collections import Counter
from datetime import date, timedelta
from functools import lru_cache
from statistics import mean, median
from typing import Any

import orjson
import pytest

from pipelines.sandbox import cards as cards_module
from pipelines.sandbox import races as races_module
from pipelines.sandbox.cards import cards
from pipelines.sandbox.fixtures import POOLS, World, fixtures, to_day
from pipelines.sandbox.results import results
from pipelines.sandbox.stables import declared

WORLD = World()
TODAY = date(2026, 11, 23)
AUTUMN = [date(2025, 10, 1) + timedelta(days=number) for number in range(45)]
Json = dict[str, Any]


def full_cards_of(when: date, today: date = TODAY, world: World = WORLD) -> list[Json]:
    return [orjson.loads(page.body) for page in cards(world, when, today)]


@lru_cache(maxsize=100)
def cards_of(when: date, today: date = TODAY, world: World = WORLD) -> list[Json]:
    """Read a day's cards, and keep the odds of one runner a race, or memory runs out."""
    races = full_cards_of(when, today, world)
    for runner in (runner for race in races for runner in race["runners"][1:]):
        runner["odds"] = runner["odds"][:1]
    return races


@lru_cache(maxsize=200)
def results_of(when: date, today: date = TODAY, world: World = WORLD) -> list[Json]:
    return [orjson.loads(page.body) for page in results(world, when, today).values()]


def declared_on(when: date) -> list[int]:
    day = to_day(when)
    return [turn.horse for pool in range(len(POOLS)) for turn in declared(WORLD, pool, day)]


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def home(races: list[Json]) -> list[Json]:
    return [race for race in races if race["region"] in ("GB", "IRE")]


def runners(races: list[Json]) -> list[Json]:
    return [runner for race in races for runner in race["runners"]]


def forget() -> None:
    races_module.races.cache_clear()
    cards_module._cards.cache_clear()


def test_a_day_is_the_same_alone_or_after_others() -> None:
    when = date(2025, 10, 13)
    first = cards(WORLD, when, TODAY), results(WORLD, when, TODAY)
    forget()
    for other in days(date(2025, 10, 10), 3):
        results(WORLD, other, TODAY)
    assert (cards(WORLD, when, TODAY), results(WORLD, when, TODAY)) == first


def test_another_seed_is_another_world() -> None:
    one, two = (cards(World(seed=seed), date(2025, 10, 13), TODAY) for seed in (1, 2))
    assert {page.body for page in one}.isdisjoint({page.body for page in two})


def test_days_are_as_large_as_real_ones() -> None:
    month = [home(cards_of(when)) for when in AUTUMN]
    sizes = [len(race["runners"]) for day in month for race in day]
    assert all(35 <= len(day) <= 50 for day in month)
    assert 38 <= mean(len(day) for day in month) <= 44
    assert 9 <= mean(sizes) <= 10.5
    assert 300 <= mean(sum(len(race["runners"]) for race in day) for day in month) <= 470
    assert all(
        1 <= len(cards_of(when)) - len(day) <= 10 for when, day in zip(AUTUMN, month, strict=True)
    )


def test_christmas_is_quiet_and_boxing_day_is_not() -> None:
    assert [len(home(cards_of(date(2025, 12, day)))) for day in (24, 25)] == [0, 0]
    assert 70 <= len(home(cards_of(date(2025, 12, 26)))) <= 84


def test_a_smaller_scale_keeps_racing_every_day() -> None:
    small = World(scale=0.01)
    assert all(
        3 <= len(home(cards_of(when, TODAY, small))) <= 12 for when in days(date(2025, 10, 1), 7)
    )


def test_horses_recur_unchanged_and_never_twice_a_day() -> None:
    seen: dict[str, Json] = {}
    again = 0
    for when in AUTUMN:
        today = runners(cards_of(when))
        assert max(Counter(runner["horse_id"] for runner in today).values()) == 1
        for runner in today:
            known = {
                key: runner[key]
                for key in (
                    "horse",
                    "dob",
                    "colour",
                    "region",
                    "breeder",
                    "sire_id",
                    "dam_id",
                    "damsire_id",
                )
            }
            again += runner["horse_id"] in seen
            assert seen.setdefault(runner["horse_id"], known) == known
    assert again > 0.2 * 45 * 350


def test_horses_come_back_within_weeks() -> None:
    gaps = []
    last: dict[int, date] = {}
    for when in days(date(2025, 5, 1), 120):
        for horse in declared_on(when):
            if horse in last:
                gaps.append((when - last[horse]).days)
            last[horse] = when
    assert min(gaps) >= 12
    assert 14 <= median(gaps) <= 35


def test_new_horses_appear_every_day() -> None:
    seen: set[int] = set()
    new = []
    for when in days(date(2024, 6, 1), 500):
        horses = set(declared_on(when))
        new.append(len(horses - seen))
        seen |= horses
    assert 50 <= mean(new[-60:]) <= 100


def test_horses_are_born_two_years_before_they_run() -> None:
    for when in days(date(2025, 4, 1), 5):
        for runner in runners(cards_of(when)):
            born = date.fromisoformat(runner["dob"])
            assert born + timedelta(days=730) <= when
            assert int(runner["age"]) == when.year - born.year


def test_sexes_fit_ages_and_restrictions() -> None:
    for race in cards_of(date(2025, 5, 10)):
        for runner in race["runners"]:
            young = int(runner["age"]) <= 4
            assert (runner["sex"], runner["sex_code"]) in {
                ("filly", "F"),
                ("colt", "C"),
                ("mare", "M"),
                ("gelding", "G"),
                ("horse", "H"),
            }
            assert runner["sex_code"] not in (("M", "H") if young else ("F", "C"))
            assert not race["sex_restriction"] or runner["sex_code"] in "FM"


def test_a_horse_last_ran_when_its_card_says() -> None:
    ran = {
        when: {
            runner["horse_id"]
            for runner in runners(cards_of(when) + results_of(when))
            if runner["number"] != "NR"
        }
        for when in AUTUMN
    }
    for runner in runners(cards_of(AUTUMN[-1])):
        since = re.match(r"\d+", runner["last_run"])
        if since and int(since[0]) < 44:
            assert runner["horse_id"] in ran[AUTUMN[-1] - timedelta(days=int(since[0]))]


def test_race_ids_are_unique() -> None:
    ids = [race["race_id"] for when in days(date(2026, 9, 1), 14) for race in cards_of(when)]
    assert len(ids) == len(set(ids))


def test_a_result_has_the_runners_of_its_card() -> None:
    strangers = 0
    for when in AUTUMN:
        named = {race["race_id"]: race for race in cards_of(when)}
        for result in results_of(when):
            card = named[result["race_id"]]
            assert card["is_abandoned"] is False
            expected = {
                runner["horse_id"] for runner in card["runners"] if runner["number"] != "NR"
            }
            found = {runner["horse_id"] for runner in result["runners"]}
            assert expected <= found
            strangers += len(found - expected)
    assert 0 < strangers < 40


def test_late_figures_arrive_one_after_the_other() -> None:
    when = date(2025, 10, 13)

    def filled(age: int) -> set[str]:
        found = runners(home(results_of(when, when + timedelta(days=age))))
        return {
            key
            for key in ("bsp", "tsr", "rpr")
            if any(runner[key] not in ("-", "–") for runner in found)
        }

    assert [filled(age) for age in (0, 1, 2, 4)] == [set(), {"bsp"}, {"bsp", "tsr"}, {"bsp", "tsr"}]
    assert filled(5) == filled(14) == {"bsp", "tsr", "rpr"}


def test_entries_become_declarations_and_lose_horses() -> None:
    when = date(2026, 11, 20)
    entries, declared = cards_of(when, when - timedelta(days=4)), cards_of(when, when)
    assert {race["field_size"] for race in entries} == {"0"}
    assert {(r["jockey"], r["jockey_id"], r["draw"], len(r["odds"])) for r in runners(entries)} == {
        ("", "", "0", 0)
    }
    assert len(runners(entries)) > 1.3 * len(runners(declared))
    assert {r["horse_id"] for r in runners(declared)} <= {r["horse_id"] for r in runners(entries)}


def test_a_card_changes_until_the_off() -> None:
    when = date(2026, 11, 20)
    before, after = (
        {r["horse_id"]: r for r in runners(cards_of(when, when - timedelta(days=ahead)))}
        for ahead in (1, 0)
    )
    assert before.keys() == after.keys()
    assert "NR" not in {runner["number"] for runner in before.values()} and "NR" in {
        runner["number"] for runner in after.values()
    }
    assert any(
        before[key]["jockey_id"] != after[key]["jockey_id"]
        for key in after
        if after[key]["number"] != "NR"
    )


def test_starting_prices_agree_with_themselves() -> None:
    for runner in runners(results_of(date(2025, 10, 13))):
        words = runner["sp"].rstrip("FJC")
        over, under = (1, 1) if words == "Evens" else map(int, words.split("/"))
        assert runner["sp_dec"] == f"{1 + over / under:.2f}"


def test_a_day_takes_little_time() -> None:
    cards(WORLD, date(2025, 7, 1), TODAY)
    spent = []
    for when in days(date(2025, 7, 2), 20):
        started = time.thread_time()
        cards(WORLD, when, TODAY)
        spent.append(time.thread_time() - started)
    assert median(spent) < 0.15


CARD_SHAPES = {
    "race_id": (r"rac_\d{8}",),
    "off_time": (r"1[12]:\d\d", r"[1-9]:\d\d"),
    "off_dt": (r".*T.*\+01:00", r".*T.*\+00:00"),
    "distance": (r"\df", r"\dm\df\d+y", r"\dm\d+y", r"\dm"),
    "distance_round": (r"\dm\d½f|\dm½f|\d½f", r"\dm"),
    "distance_f": (r"\d+\.0", r"\d+\.5"),
    "region": ("GB", "IRE", "FR|AUS|HK|GER|USA|UAE|JPN|SAF|ITY|NZ|SWE|BHR|JER"),
    "race_class": ("", *(f"Class {number}" for number in range(1, 7))),
    "pattern": ("", "Listed", r"Group \d", r"Grade \d"),
    "rating_band": ("", r"0-\d+"),
    "age_band": ("2yo", "3yo", r"\dyo\+"),
    "sex_restriction": ("", "F", "M"),
    "type": ("Flat", "Hurdle", "Chase", "NH Flat"),
    "going": ("", "Good", "Good To .*", "Standard.*", "Yielding.*"),
    "surface": ("Turf", "AW"),
    "jumps": ("", r"\d+ hurdles"),
    "prize": ("", r"£[\d,]+", r"€[\d,]+"),
    "is_abandoned": ("True", "False"),
    "betting_forecast": ("", r".*,  .*", r".*Evs .*"),
}
RUNNER_SHAPES = {
    "number": ("NR", r"R\d+", r"\d+"),
    "jockey": (r"NON-RUNNER(\(\d\))?", r"\w.*\([357]\)", r"\w+ \w+", r"(Mr|Miss) .*"),
    "draw": ("0", r"\d+"),
    "ofr": ("-", r"\d+"),
    "rpr": ("-", r"\d+"),
    "ts": ("-", r"\d+"),
    "last_run": ("", r"\d+", r"\d+ \(\d+F\)", r"\(\d+F\)"),
    "form": ("", r".*-", r".*/.*", r".*[PUF].*"),
    "headgear": ("", "p", "t", r"\w\w"),
    "headgear_run": ("", "1"),
    "wind_surgery": ("", "w"),
    "wind_surgery_run": ("", "1"),
    "trainer_rtf": ("", r"\d+"),
    "trainer_14_days": (r".*'runs': '0'.*'None'.*", r".*'percent': '\d+'.*"),
    "past_results_flags": (r"\[\]", r"\['BF'\]", r"\['CD'\]"),
    "comment": ("None", "", r"\w.*"),
    "spotlight": ("", r"\w.*"),
    "quotes": (r"\[\]", r".*'distance_f': '\d+\.5'.*"),
    "stable_tour": (r"\[\]", r".*\d\d-\d\d-\d\d'.*", r".*\\n'.*"),
    "medical": (r"\[\]", r".*Wind Surgery.*"),
    "prev_trainers": (r"\[\]", r".*change_date.*"),
    "prev_owners": (r"\[\]", r".*change_date.*"),
    "owner": (r".* & .*", r".*, .*", r".*  .*"),
    "silk_url": (r".*[abc]\.svg",),
    "odds": (
        r"\[\]",
        r".*'fractional': '-', 'decimal': '-'.*",
        r".*'fractional': 'SP', 'decimal': '0'.*",
    ),
}
RESULT_SHAPES = {
    "course": (r".*\((AW|July)\)", r".* \(IRE\)", r".* \(AW\) \(IRE\)"),
    "dist": (r"\df", r"\dm", r"\d½f|\dm\d½f|\dm½f"),
    "dist_f": (r"\d+f", r"\d+\.5f"),
    "dist_m": (r"\d+", r"\d+\.0"),
    "winning_time_detail": (
        r"\dm [\d.]+s \(slow by [\d.]+s\)",
        r".*\(fast by.*",
        r"[\d.]+s \(.*",
        r"[\dms. ]+",
    ),
    "comments": ("", "New course record"),
    "non_runners": ("", r".* \(.*;.*\).*", r".* \(.*,.*\).*", r"[^(]*"),
    "tote_win": ("", r"£\d+(\.\d\d)?", r"€\d+(\.\d\d)?"),
    "tote_pl": ("", r"\S+ \S+", r"\S+ \S+ \S+", r"\S+ \S+ \S+ \S+"),
    "tote_tricast": ("", r"[£€][\d.]+"),
}
FINISH_SHAPES = {
    "horse": (r".* \(GB\)", r".* \(IRE\)", r".* I \(\w+\)"),
    "position": (r"\d+", "PU", "F", "UR", "BD|RO|SU|RR|CO|VO|DSQ"),
    "btn": ("0", "-", r"\.5", r"\.75", r"0\.05", r"0\.3", r"1\.25"),
    "ovr_btn": ("0", "-", r"\.\d+", r"\d+\.\d+"),
    "time": ("-", r"\d:\d\.\d\d", r"\d:\d\d\.\d\d"),
    "sp": (r"\d+/\d+", r"\d+/\d+F", r"\d+/\d+J", r"\d+/\d+C", "Evens", "EvensF"),
    "bsp": (r"\d+\.\d\d",),
    "or": ("–", r"\d+"),
    "rpr": ("–", r"\d+"),
    "tsr": ("–", r"\d+"),
    "prize": ("", r"€\d+", r"\d+\.\d\d", r"\d+"),
    "draw": ("", r"\d+"),
    "jockey_claim_lbs": ("0", "3", "5", "7"),
    "comment": (r".*\(op \S+\)", r".*\(op \S+ tchd \S+\)", r"[^(]+"),
}


def shapes(table: dict[str, tuple[str, ...]]) -> list[Any]:
    return [
        pytest.param(field, pattern, id=f"{field}: {pattern}")
        for field, patterns in table.items()
        for pattern in patterns
    ]


def occurs(field: str, pattern: str, rows: list[Json]) -> bool:
    return any(re.fullmatch(pattern, str(row[field]), re.DOTALL) for row in rows)


@lru_cache(maxsize=1)
def month_of_cards() -> list[Json]:
    return [race for when in AUTUMN for race in cards_of(when)]


@lru_cache(maxsize=1)
def month_of_results() -> list[Json]:
    return [race for when in AUTUMN for race in results_of(when)]


@pytest.mark.parametrize(("field", "pattern"), shapes(CARD_SHAPES))
def test_odd_values_occur_on_cards(field: str, pattern: str) -> None:
    assert occurs(field, pattern, month_of_cards())


@pytest.mark.parametrize(("field", "pattern"), shapes(RUNNER_SHAPES))
def test_odd_values_occur_in_runners(field: str, pattern: str) -> None:
    assert occurs(field, pattern, runners(month_of_cards()))


@pytest.mark.parametrize(("field", "pattern"), shapes(RESULT_SHAPES))
def test_odd_values_occur_in_results(field: str, pattern: str) -> None:
    assert occurs(field, pattern, month_of_results())


@pytest.mark.parametrize(("field", "pattern"), shapes(FINISH_SHAPES))
def test_odd_values_occur_in_finishes(field: str, pattern: str) -> None:
    assert occurs(field, pattern, runners(month_of_results()))


def test_dead_heats_occur_and_even_for_the_win() -> None:
    races = month_of_results()
    firsts = Counter(
        [runner["position"] for runner in race["runners"]].count("1") for race in races
    )
    assert firsts[1] > 0.97 * len(races) and firsts[2] > 0
    level = next(
        race for race in races if [runner["position"] for runner in race["runners"]].count("1") == 2
    )
    one, two = level["runners"][:2]
    assert (two["btn"], two["ovr_btn"], two["time"]) == ("0", one["ovr_btn"], one["time"])


def test_a_ghost_haunts_a_card_without_a_flag() -> None:
    for when in days(date(2025, 1, 1), 365):
        places = Counter((slot.course.id, slot.minute) for slot in fixtures(WORLD, to_day(when)))
        if max(places.values(), default=1) == 2:
            break
    else:
        pytest.fail("no ghost in a year")
    assert len(results_of(when)) < len(cards_of(when))


@lru_cache(maxsize=2)
def quotes_in(year: int) -> list[Json]:
    days_of_year = days(date(year, 6, 1), 3)
    found = runners([race for when in days_of_year for race in full_cards_of(when)])
    return [quote for runner in found for quote in runner["odds"]]


def quotes_of(year: int, firm: str) -> list[Json]:
    return [quote for quote in quotes_in(year) if quote["bookmaker"] == firm]


def test_cards_of_2023_quote_in_the_old_way() -> None:
    assert any((q["fractional"], q["decimal"]) == ("4", "5") for q in quotes_of(2023, "Coral"))
    assert any(
        q["fractional"] == "8" and q["decimal"].startswith("9.")
        for q in quotes_of(2023, "Matchbook")
    )
    assert quotes_of(2023, "Spread Ex") and quotes_of(2023, "Sporting Index")
    assert quotes_of(2025, "Spreadex") and quotes_of(2025, "SportingIndex")
    assert not quotes_of(2023, "Spreadex")


def test_exchanges_repeat_the_decimal_and_have_no_places() -> None:
    found = [q for q in quotes_of(2025, "Betfair Exchange") if q["decimal"] != "-"]
    assert all(q["fractional"] == q["decimal"] and q["ew_places"] == "" for q in found)


def test_28_firms_quote_a_runner() -> None:
    sizes = {len(runner["odds"]) for runner in runners(home(full_cards_of(date(2025, 10, 13))))}
    assert sizes == {28}


def test_what_2026_changed() -> None:
    races = [race for when in days(date(2026, 9, 1), 10) for race in cards_of(when)]
    found = runners(races)
    assert any(re.fullmatch(r"rac_\d{11}", race["race_id"]) for race in races)
    assert all("performance_rating" in runner and "speed_rating" in runner for runner in found)
    assert any(runner["owner_id"] == "" and runner["owner"] for runner in found)
    gone = [runner for runner in found if runner["number"] == "NR" and runner["odds"]]
    assert any(quote["decimal"] != "-" for runner in gone for quote in runner["odds"])
