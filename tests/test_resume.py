"""A backfill that was interrupted goes on where it was, and a finished one asks for nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from pipelines.api.answers import DayAnswer
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import Endpoint
from pipelines.report import ExitCode, Report
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.tables import API_TABLES, TABLES
from tests.jobs import begun, business_rows, coverage, point_to, run_job, use_empty_database

TODAY = date(2025, 10, 2)
START = date(2025, 9, 29)
CALLED: Final[dict[str, Counter[tuple[str, str]]]] = {}
"""The calls of a whole backfill, by destination."""


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.03)) as server:
        yield server


@pytest.fixture
def sandbox(shared: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    point_to(monkeypatch, shared.url)
    # Two days of September are a chunk of their own, as ten would be.
    monkeypatch.setattr("pipelines.steps.days.DAYS_AT_THE_END", 2)
    shared.clear()
    return shared


def backfill(destination: str) -> Report:
    tables = [
        table for table in API_TABLES if table != TABLES["ra_mst_courses"]
    ]  # they have no day
    return run_job("backfill", destination, TODAY, tables, start=START, max_horses=0)


def finish_a_backfill(destination: str, sandbox: Running) -> None:
    """Load everything without an interruption; the tests that need that share one run."""

    def work() -> None:
        assert backfill(destination).exit_code == ExitCode.COMPLETE
        CALLED[destination] = dated_calls(sandbox)

    begun(destination, __name__, work)
    sandbox.clear()


def dated_calls(sandbox: Running) -> Counter[tuple[str, str]]:
    """Calls by path and first day asked for."""
    return Counter(
        (call.path, next(value for name, value in call.params if name.endswith("date")))
        for call in sandbox.calls
        if call.path != "/v1/courses"
    )


def stop_at(monkeypatch: pytest.MonkeyPatch, endpoint_name: str, stop: date) -> None:
    """End the process, as it were, when a day is asked for."""
    ask = RacingApi.day

    def day(self: RacingApi, endpoint: Endpoint, day: date) -> DayAnswer:
        if (endpoint.name, day) == (endpoint_name, stop):
            raise SystemExit
        return ask(self, endpoint, day)

    monkeypatch.setattr(RacingApi, "day", day)


@pytest.mark.parametrize("endpoint", ["racecards", "results"])
def test_interrupted_backfill_goes_on_without_one_call_too_many(
    destination: str,
    endpoint: str,
    sandbox: Running,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finish_a_backfill(destination, sandbox)
    whole, covered = business_rows(destination), coverage(destination)

    use_empty_database(destination, "interrupted", tmp_path, monkeypatch)
    with monkeypatch.context() as killed:
        # The last day of September is the first of the second chunk: October's are loaded.
        stop_at(killed, endpoint, date(2025, 9, 30))
        with pytest.raises(SystemExit):
            backfill(destination)
    assert (endpoint, "2025-10-01", "complete") in coverage(destination)
    assert (endpoint, "2025-09-30", "complete") not in coverage(destination)
    first_calls = dated_calls(sandbox)
    sandbox.clear()
    assert backfill(destination).exit_code == ExitCode.COMPLETE

    assert business_rows(destination) == whole
    assert coverage(destination) == covered
    days_of_killed_chunk = {day for _, day in first_calls if day < "2025-10-01"}
    loaded_calls = Counter({call: n for call, n in first_calls.items() if call[1] >= "2025-10-01"})
    again = dated_calls(sandbox)
    assert {call for call in again if call in loaded_calls} == {
        (path, TODAY.isoformat()) for path, day in loaded_calls if day == TODAY.isoformat()
    }, "only today, which was not over yet, is asked for again"
    assert set(first_calls) | set(again) == set(CALLED[destination])
    assert days_of_killed_chunk <= {day for _, day in again}


def test_finished_backfill_asks_only_for_what_was_not_over_yet(
    destination: str, sandbox: Running
) -> None:
    finish_a_backfill(destination, sandbox)
    backfill(destination)
    assert dated_calls(sandbox) == Counter(
        {("/v1/racecards/pro", "2025-10-02"): 1, ("/v1/results", "2025-10-02"): 1}
    )
