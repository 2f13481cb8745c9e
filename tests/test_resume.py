"""A backfill that was interrupted goes on where it was, and a finished one asks for nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipelines.api.answers import DayAnswer
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import Endpoint
from pipelines.report import ExitCode, Report
from pipelines.sandbox import Running, SandboxOptions, running
from tests.jobs import business_rows, coverage, point_to, run_job, use_empty_database

TODAY = date(2025, 10, 5)
START = date(2025, 9, 20)


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.05)) as server:
        yield server


@pytest.fixture
def sandbox(shared: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    point_to(monkeypatch, shared.url)
    shared.clear()
    return shared


def backfill(destination: str, start: date = START) -> Report:
    return run_job("backfill", destination, TODAY, start=start, max_horses=0)


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
    assert backfill(destination).exit_code == ExitCode.COMPLETE
    whole, whole_calls, covered = (
        business_rows(destination),
        dated_calls(sandbox),
        coverage(destination),
    )
    sandbox.clear()

    use_empty_database(destination, "interrupted", tmp_path, monkeypatch)
    with monkeypatch.context() as killed:
        # The last day of September is the first of the second chunk: October's are loaded.
        stop_at(killed, endpoint, date(2025, 9, 30))
        with pytest.raises(SystemExit):
            backfill(destination)
    assert (endpoint, "2025-10-04", "complete") in coverage(destination)
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
    assert set(first_calls) | set(again) == set(whole_calls)
    assert days_of_killed_chunk <= {day for _, day in again}


def test_finished_backfill_asks_only_for_what_was_not_over_yet(
    destination: str, sandbox: Running
) -> None:
    backfill(destination, date(2025, 10, 3))
    sandbox.clear()
    backfill(destination, date(2025, 10, 3))
    assert dated_calls(sandbox) == Counter(
        {("/v1/racecards/pro", "2025-10-05"): 1, ("/v1/results", "2025-10-05"): 1}
    )
