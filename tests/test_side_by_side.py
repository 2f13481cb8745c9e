"""Cards and results, requested side by side: each endpoint has a limit of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from pipelines.api.endpoints import RACECARDS, RESULTS
from pipelines.report import ExitCode, Report
from pipelines.tables import RACES
from tests.jobs import coverage, point_to, run_job
from tests.replay import Replay, replaying
from tests.test_faults_days import race

pytestmark = pytest.mark.usefixtures("tables_there")

TODAY = date(2023, 3, 20)
FIRST, LAST = date(2023, 2, 19), date(2023, 3, 5)
DAYS = [date(2023, 2, 20), date(2023, 3, 4)]


class Waiting(Replay):
    """A server that answers no card before it has been asked for a result."""

    def __init__(self, **held: Any) -> None:
        super().__init__(**held)
        self.is_asked_for_results = threading.Event()
        self.was_asked_in_time = True
        self.instead: dict[str, tuple[int, Any]] = {}

    def answer(self, path: str, query: list[tuple[str, str]]) -> tuple[int, Any]:
        if path == RESULTS.path:
            self.is_asked_for_results.set()
        if path == RACECARDS.path:
            self.was_asked_in_time &= self.is_asked_for_results.wait(10)
        return self.instead.get(path) or super().answer(path, query)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Waiting]:
    races = [race(number, day) for number, day in enumerate(DAYS)]
    with replaying(Waiting(racecards=races, results=races)) as waiting:
        point_to(monkeypatch, waiting.url)
        assert isinstance(waiting, Waiting)
        yield waiting


def backfill() -> Report:
    return run_job("backfill", "duckdb", TODAY, start=FIRST, end=LAST, max_horses=0)


def test_results_are_requested_while_cards_are(server: Waiting) -> None:
    report = backfill()
    assert report.missing == []
    assert server.was_asked_in_time
    assert report.tables["ra_races"].rows == len(DAYS)


@pytest.mark.parametrize("fails", [RACECARDS, RESULTS], ids=["racecards", "results"])
def test_one_that_fails_does_not_end_the_other(server: Waiting, fails: Any) -> None:
    server.instead[fails.path] = (403, {"detail": "?"})
    report = backfill()
    assert report.exit_code == ExitCode.INCOMPLETE
    assert {error.partition(":")[0] for error in report.errors} == {fails.name}
    other = RESULTS if fails is RACECARDS else RACECARDS
    completed = {name for name, _, status in coverage("duckdb") if status != "failed"}
    assert completed == {other.name}
    server.instead.clear()
    assert backfill().missing == []


def test_only_cards_are_requested_while_the_password_may_be_wrong(server: Waiting) -> None:
    server.is_asked_for_results.set()
    server.instead = dict.fromkeys((RACECARDS.path, RESULTS.path), (401, {"detail": "?"}))
    report = run_job("manual", "duckdb", TODAY, [RACES], start=FIRST, end=LAST)
    assert report.exit_code == ExitCode.INCOMPLETE
    assert {path.partition("?")[0] for path in server.asked} == {RACECARDS.path}
