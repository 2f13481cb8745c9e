"""The vendor's price histories: who is requested, in what order, and what their prices become."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.api.endpoints import PRICES
from pipelines.archive.store import Archive
from pipelines.cli.app import _main
from pipelines.errors import UsageError
from pipelines.plan.modes import Options
from pipelines.report import Report
from pipelines.run import make_again
from pipelines.settings import load_settings
from pipelines.tables import PRICE_CHANGES, PRICE_HISTORY, PRICE_REQUESTS, RUNNERS
from tests.jobs import (
    Silent,
    begun,
    contents,
    load_days,
    point_to,
    rows_of,
    run_job,
    use_empty_database,
)
from tests.replay import Record, Replay, replaying
from tests.test_horse_queue import card

TODAY, LOADED = date(2025, 10, 20), date(2025, 10, 14)
DAY = f"{LOADED}"
ASK = "/v1/odds/{}/{}"


def price(at: str, fractional: str, decimal: str) -> Record:
    return {"changed_at": f"{DAY}T{at}:00+01:00", "fractional": fractional, "decimal": decimal}


def history(horse: str, *odds: Record) -> Record:
    return {"race_id": "rac_2", "horse_id": horse, "horse": "A Horse", "odds": [*odds]}


def firm(name: str, *prices: Record) -> Record:
    now = {"fractional": "5/1", "decimal": "6", "ew_places": "3", "ew_denom": "5"}
    return {"bookmaker": name, **now, "updated": f"{DAY} 14:00:00", "history": [*prices]}


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    later = card(["hrs_1", "hrs_2", "hrs_3"])
    earlier = later | {"race_id": "rac_1", "off_dt": f"{DAY}T14:00:00+01:00"}
    server = Replay(racecards=[later, earlier | {"runners": later["runners"][:1]}])
    server.profiles[ASK.format("rac_2", "hrs_1")] = history(
        "hrs_1",
        firm(
            "Bet365",  # the newest first; one is repeated, and is no change
            price("13:34", "11/2", "6.5"),
            price("13:30", "SP", "0"),
            price("13:28", "9/2", "5.5"),
            price("13:20", "9/2", "5.5"),
        ),
        firm("Coral", price("12:00", "4/1", "5")),
    )
    server.profiles[ASK.format("rac_2", "hrs_3")] = history("hrs_3") | {"odds": None}
    with replaying(server):
        point_to(monkeypatch, server.url)
        yield server


def load(destination: str, prices: int) -> Report:
    """Load the cards of the day, which the tests do once, and then price histories."""
    begun(destination, __name__, lambda: load_days(destination, TODAY, LOADED, LOADED))
    return histories(destination, prices)


def histories(destination: str, prices: int, today: date = TODAY) -> Report:
    return run_job("manual", destination, today, (PRICE_HISTORY,), prices=prices)


def asked(replay: Replay) -> list[str]:
    return ["/".join(path.split("/")[3:]) for path in replay.asked if "/odds/" in path]


def stored(destination: str) -> dict[str, list[dict[str, Any]]]:
    tables = (PRICE_CHANGES, PRICE_HISTORY, PRICE_REQUESTS)
    return contents(destination, tables, without={"_dlt_load_id", "updated_at"})


def test_a_history_becomes_changes_once_and_a_rebuild_makes_them_again(
    replay: Replay, destination: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load(destination, 2)
    assert asked(replay) == ["rac_2/hrs_1", "rac_2/hrs_2"], "the last race of the day first"
    assert first.prices == {"found": 1, "not_found": 1, "failed": 0, "waiting": 2}
    second = histories(destination, 9)
    assert sorted(asked(replay)[2:]) == ["rac_1/hrs_1", "rac_2/hrs_3"]
    assert (first.errors, second.errors) == ([], [])
    assert second.prices == {"found": 1, "not_found": 1, "failed": 0, "waiting": 0}

    found = stored(destination)
    assert len(found["ra_price_history"]) == 5
    assert [(row["race_id"], row["horse_id"], row["status"])
            for row in found["ra_price_requests"]] == [
        ("rac_1", "hrs_1", "not_found"), ("rac_2", "hrs_1", "found"),
        ("rac_2", "hrs_2", "not_found"), ("rac_2", "hrs_3", "found"),
    ]  # fmt: skip
    changes = [
        (
            row["bookmaker_id"], f"{row['valid_from']:%H:%M}",
            row["valid_to"] and f"{row['valid_to']:%H:%M}",
            row["fractional_odds"], row["decimal_odds"], row["price_status"],
        )
        for row in found["ra_price_changes"]
    ]  # fmt: skip
    assert changes == [
        ("bet365", "12:20", "12:30", "9/2", Decimal("5.50"), "priced"),
        ("bet365", "12:30", "12:34", None, None, "sp"),
        ("bet365", "12:34", None, "11/2", Decimal("6.50"), "priced"),
        ("coral", "11:00", None, "4/1", Decimal("5.00"), "priced"),
    ]
    keys = {
        (row["race_id"], row["horse_id"], row["race_date"], row["origin"], row["ew_places"])
        for row in found["ra_price_changes"]
    }
    assert keys == {("rac_2", "hrs_1", date(2025, 10, 14), "history", None)}
    loads = "SELECT valid_from, _dlt_load_id FROM ra_price_changes ORDER BY valid_from"
    before = rows_of(destination, loads)
    alone = frozenset({PRICE_HISTORY})
    again(destination, Options("rebuild", TODAY, alone, start=date(2025, 10, 1)))
    assert rows_of(destination, loads) == before, "a history stays as it is with a first day"
    again(destination, Options("rebuild", TODAY, alone))
    assert stored(destination) == found
    use_empty_database(destination, "again", tmp_path, monkeypatch)
    again(destination, Options("rebuild", TODAY))
    assert stored(destination) == found
    assert len(asked(replay)) == 4


def again(destination: str, options: Options) -> None:
    report = make_again(options, load_settings(), Archive("archive"), destination, Silent())
    assert report.errors == []


@pytest.mark.slow
def test_a_plan_without_histories_is_told_once_and_costs_a_call(
    replay: Replay, tables_there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = replay.answer

    def refuse(path: str, query: Any) -> tuple[int, Any]:
        is_odds = path.startswith("/v1/odds")
        return (401, {"detail": "Odds Plan required"}) if is_odds else answer(path, query)

    monkeypatch.setattr(replay, "answer", refuse)
    # That the courses are answered shows that the credentials are right.
    run: dict[str, Any] = {"start": LOADED, "end": LOADED, "max_horses": 0, "prices": 9}
    first, second = (run_job("manual", "duckdb", TODAY, **run) for _ in range(2))
    assert (first.errors, second.errors) == ([], [])
    assert [note for note in first.notes if "histories" in note] == [
        "your plan includes no price histories. The API says: Odds Plan required"
    ]
    assert [note for note in second.notes if "histories" in note] == [
        "your plan includes no price histories (the Pro plan)"
    ], "known without a call"
    assert asked(replay) == ["rac_2/hrs_1"]
    assert rows_of("duckdb", "SELECT * FROM ra_price_requests") == []


@pytest.mark.slow
def test_a_stopped_queue_uses_what_it_has_fetched(
    replay: Replay, tables_there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("pipelines.loading.prices.price_requests", lambda histories: 1 / 0)
        assert load("duckdb", 2).errors != []
    assert rows_of("duckdb", "SELECT * FROM ra_price_requests") == []
    report = run_job("daily", "duckdb", TODAY, days_back=0, max_horses=0, prices=2)
    assert (report.errors, report.prices["found"]) == ([], 1)
    assert sorted(asked(replay)) == ["rac_2/hrs_1", "rac_2/hrs_2"], "each was requested once"
    assert rows_of("duckdb", "SELECT count(*) FROM ra_price_changes") == [(4,)]


@pytest.mark.slow
def test_only_races_that_are_over_since_the_first_history_wait(
    replay: Replay, tables_there: None
) -> None:
    first = PRICES.first_day
    assert first
    before, today = first - timedelta(days=1), first + timedelta(days=1)
    for race in replay.racecards:
        race["date"] = f"{first}"
    replay.racecards.append(card(["hrs_1"]) | {"race_id": "rac_0", "date": f"{before}"})
    replay.racecards.append(card(["hrs_1"]) | {"race_id": "rac_3", "date": f"{today}"})
    load_days("duckdb", today, before, today, "racecards")
    assert rows_of("duckdb", "SELECT count(*) FROM ra_races") == [(4,)]
    histories("duckdb", 9, today)
    assert sorted(asked(replay)) == ["rac_1/hrs_1", *(f"rac_2/hrs_{n}" for n in (1, 2, 3))]


@pytest.mark.slow
def test_plan_counts_the_histories(
    replay: Replay, tables_there: None, capsys: pytest.CaptureFixture[str]
) -> None:
    load("duckdb", 1)
    assert _main(["plan", "--mode", "daily", "--prices", "500", "--max-horses", "0"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "prices up to 500 price histories; 3 runners wait for theirs " in told


@pytest.mark.parametrize(
    "options",
    [
        Options("raceday", TODAY, prices=1),
        Options("manual", TODAY, frozenset({PRICE_HISTORY})),
        Options("manual", TODAY, frozenset({RUNNERS}), prices=1),
    ],
)
def test_prices_that_contradict_the_other_options_are_refused(options: Options) -> None:
    from pipelines.plan.modes import check

    with pytest.raises(UsageError):
        check(options)
