"""Chunks of days asked for one after the other, without a pause between them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.archive.store import Archive
from pipelines.report import ExitCode, Report
from pipelines.settings import load_settings
from pipelines.steps.days import with_a_short_end
from tests.jobs import coverage, point_to, run_job
from tests.replay import Replay, replaying
from tests.test_faults_days import race

pytestmark = pytest.mark.usefixtures("tables_there")

TODAY = date(2022, 10, 20)
FIRST_OF_THE_MONTH, DAY_BEFORE = date(2022, 10, 1), date(2022, 9, 30)
DAYS = [date(2022, 10, 15) - timedelta(days=back) for back in range(27)]


class Patient(Replay):
    """A server that answers for the first of the month when it is asked for the day before.

    From then on it answers nothing more, if it locks everybody out.
    """

    def __init__(self, **held: Any) -> None:
        super().__init__(**held)
        self.is_asked_ahead = threading.Event()
        self.has_come_ahead = self.locks_out = self.is_locked = False

    def answer(self, path: str, query: list[tuple[str, str]]) -> tuple[int, Any]:
        day = dict(query).get("start_date")
        if day == DAY_BEFORE.isoformat() and not self.is_locked:
            self.is_asked_ahead.set()
            return super().answer(path, query)
        if day == FIRST_OF_THE_MONTH.isoformat():
            self.has_come_ahead = self.is_asked_ahead.wait(10)
            self.is_locked = self.locks_out
        if self.is_locked:
            return 401, {"detail": "?"}
        return super().answer(path, query)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Patient]:
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", str(tmp_path / "racing_data.duckdb"))
    results = [race(number, day) for number, day in enumerate(DAYS)]
    with replaying(Patient(results=results)) as patient:
        point_to(monkeypatch, patient.url, parallel_calls=2)
        assert isinstance(patient, Patient)
        yield patient


def backfill() -> Report:
    return run_job("backfill", "duckdb", TODAY, start=DAYS[-1], end=DAYS[0], max_horses=0)


def archived() -> set[date | str]:
    """Days, and regions, whose answer is kept."""
    archive = Archive(load_settings().archive)
    return {entry.about for batch in archive.batches() for entry in batch}


def test_next_month_is_asked_for_before_the_last_answer_of_one_has_come(server: Patient) -> None:
    report = backfill()
    assert (report.exit_code, report.tables["ra_races"].rows) == (ExitCode.COMPLETE, len(DAYS))
    assert server.has_come_ahead
    assert len(set(server.asked)) == len(server.asked)


def test_what_was_asked_ahead_is_loaded_although_the_last_answer_ends_the_step(
    server: Patient,
) -> None:
    server.locks_out = True
    report = backfill()
    assert report.exit_code == ExitCode.INCOMPLETE
    assert [error[:33] for error in report.errors] == ["results: /v1/results answered 401"]
    assert server.has_come_ahead
    noted = {date.fromisoformat(day): status for _, day, status in coverage("duckdb")}
    delivered = {day for day, status in noted.items() if status == "complete"}
    assert noted == {day: "complete" if day in delivered else "failed" for day in DAYS}
    assert delivered >= {day for day in DAYS if day >= DAY_BEFORE} - {FIRST_OF_THE_MONTH}
    assert FIRST_OF_THE_MONTH not in delivered
    assert archived() == {*delivered, "gb-ire"}
    assert report.tables["ra_races"].rows == len(delivered)
    server.locks_out = server.is_locked = False
    assert backfill().exit_code == ExitCode.COMPLETE
    assert archived() >= set(DAYS)


@pytest.mark.parametrize(
    ("days", "cut"),
    [
        ([], []),
        ([3], [3]),
        ([3, 4], [7]),
        ([31, 4], [25, 10]),
        ([31, 19], [31, 19]),
        ([31, 30], [31, 20, 10]),
    ],
)
def test_last_chunk_of_a_step_is_short_but_not_very(days: list[int], cut: list[int]) -> None:
    chunks = [[TODAY - timedelta(days=back) for back in range(length)] for length in days]
    ends = with_a_short_end(chunks)
    assert [len(chunk) for chunk in ends] == cut
    assert [day for chunk in ends for day in chunk] == [day for chunk in chunks for day in chunk]
