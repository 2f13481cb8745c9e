"""A daily run loads no response again that says what is loaded already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.loading import unchanged
from pipelines.report import Report
from tests.faults.tables import run_on
from tests.jobs import begun, contents, coverage, point_to, rows_of, run_job
from tests.replay import Replay, replaying
from tests.test_faults_content import (
    DAY,
    ON_ONE_DATABASE,
    TODAY,
    TOMORROW,
    load,
    outcome,
    race,
    rows,
    runner_keys,
)

WINDOW = {"racecards_days_back": 1, "racecards_days_ahead": 1, "results_days_back": 2}


RESPONSES = 7
"""The courses, three days of cards and three of results."""


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    replay = Replay()
    replay.racecards += [race(1, 1, 2), race(2, 3, 4, day=TOMORROW)]
    replay.results.append(outcome(1, 1, 2))
    with replaying(replay) as server:
        point_to(monkeypatch, server.url, **WINDOW)
        yield replay


def nightly(destination: str, **options: Any) -> Report:
    return run_job("daily", destination, options.pop("today", TODAY), max_horses=0, **options)


def first_night(destination: str) -> None:
    """Load everything; the tests that begin with it share one run."""

    def load_all() -> None:
        assert nightly(destination).unchanged == 0

    begun(destination, __name__, load_all)


def loads(destination: str) -> int:
    [(count,)] = rows_of(destination, "SELECT count(*) FROM _dlt_loads")
    return int(count)


def test_second_run_loads_nothing_and_notes_that_it_asked(replay: Replay, destination: str) -> None:
    first_night(destination)
    before, covered, loaded = contents(destination), coverage(destination), loads(destination)
    [(asked,)] = rows_of(destination, "SELECT min(loaded_at) FROM ra_coverage")
    assert nightly(destination).unchanged == RESPONSES
    assert loads(destination) == loaded
    assert (contents(destination), coverage(destination)) == (before, covered)
    [(asked_again,)] = rows_of(destination, "SELECT min(loaded_at) FROM ra_coverage")
    assert asked_again > asked


@ON_ONE_DATABASE
def test_only_the_day_that_changed_is_loaded(replay: Replay, destination: str) -> None:
    first_night(destination)
    replay.racecards[1] = race(2, 3, 4, 5, day=TOMORROW)
    report = nightly(destination)
    assert report.unchanged == RESPONSES - 1
    assert runner_keys(destination) == {
        *("rac_1/hrs_1", "rac_1/hrs_2", "rac_2/hrs_3", "rac_2/hrs_4", "rac_2/hrs_5"),
    }
    assert nightly(destination).unchanged == RESPONSES


@ON_ONE_DATABASE
def test_day_is_loaded_once_more_when_it_is_over(replay: Replay, destination: str) -> None:
    first_night(destination)
    statuses = {day: status for name, day, status in coverage(destination) if name == "results"}
    assert statuses[TODAY.isoformat()] == "open"
    report = nightly(destination, today=TOMORROW)
    assert ("results", TODAY.isoformat(), "complete") in coverage(destination)
    # The courses, the card of the day to come, and the result of the day that was over already.
    assert report.unchanged == 3
    assert nightly(destination, today=TOMORROW).unchanged == RESPONSES


@ON_ONE_DATABASE
def test_response_with_an_issue_is_reported_every_night(replay: Replay, destination: str) -> None:
    replay.racecards[0]["shoes"] = "iron"
    replay.racecards[1]["prize"] = "a goose"
    first, second = nightly(destination), nightly(destination)
    assert first.issues == second.issues != {}
    assert first.unknown_fields == second.unknown_fields == {"racecards[].shoes": 1}
    assert second.unchanged == RESPONSES - 2


@ON_ONE_DATABASE
def test_day_whose_race_another_day_took_is_loaded_again(replay: Replay, destination: str) -> None:
    first_night(destination)
    cards = [*replay.racecards]
    replay.racecards[:] = [race(1, 1, 2, day=TOMORROW), cards[1]]
    nightly(destination)
    assert {row["race_date"] for row in rows(destination, "ra_card_runners")} == {TOMORROW}
    replay.racecards[:] = cards
    nightly(destination)
    said = contents(destination)
    load(destination, DAY, TOMORROW, only="racecards")
    assert contents(destination) == said


@ON_ONE_DATABASE
def test_manual_run_loads_everything_and_the_next_night_too(
    replay: Replay, destination: str
) -> None:
    first_night(destination)
    report = run_job("manual", destination, TODAY, start=DAY, end=TODAY, max_horses=0)
    assert report.unchanged == 0
    assert nightly(destination).unchanged == RESPONSES - 5


@ON_ONE_DATABASE
def test_new_version_of_the_code_loads_everything(
    replay: Replay, destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_night(destination)
    monkeypatch.setattr(unchanged, "_code", lambda: b"another")
    report = nightly(destination)
    assert report.unchanged == 0
    assert nightly(destination).unchanged == RESPONSES


def test_lost_column_is_filled_by_the_next_run(replay: Replay, postgres: str) -> None:
    destination = "postgres"
    nightly(destination)
    before = contents(destination, without={"_dlt_load_id", "updated_at"})
    run_on(postgres, "ALTER TABLE racing.ra_card_runners DROP COLUMN headgear CASCADE")
    nightly(destination)
    assert contents(destination, without={"_dlt_load_id", "updated_at"}) == before
