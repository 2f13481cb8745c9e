"""Days and horses that fail in mid-run: what is loaded, what is noted, what the next run mends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.api.endpoints import RESULTS
from pipelines.report import ExitCode, Report
from pipelines.tables import TABLES
from tests.jobs import Contents, begun, contents, point_to, run_job, without_courses
from tests.replay import Record, Replay, replaying

pytestmark = pytest.mark.usefixtures("tables_there")

TODAY = date(2022, 10, 20)


def race(number: int, day: date, horses: int = 0) -> Record:
    runners = [{"horse_id": f"hrs_{number}_{at}", "horse": "Arkle"} for at in range(horses)]
    fields = {"race_id": f"rac_{number}", "date": day.isoformat(), "region": "GB"}
    return {**fields, "runners": runners}


@dataclass
class Faulty(Replay):
    """A replay with a fault: a status instead of the answer to some questions."""

    fault: Callable[[dict[str, str]], int | Record | None] = lambda _: None
    horse_fault: Callable[[], int | None] = lambda: None

    def answer(self, path: str, query: list[tuple[str, str]]) -> tuple[int, Any]:
        is_horse = path.startswith("/v1/horses/")
        fault = self.fault(dict(query)) if path == RESULTS.path else None
        fault = self.horse_fault() if is_horse else fault
        if fault is None:
            return super().answer(path, query)
        return (200, fault) if isinstance(fault, dict) else (fault, {"detail": "?"})

    @property
    def asked_horses(self) -> list[str]:
        """Paths of the profiles asked for, one for each call."""
        return [path for path in self.asked if "horses" in path]

    @property
    def asked_days(self) -> list[str]:
        """Days asked for, one for each call of results."""
        return [path.partition("start_date=")[2][:10] for path in self.asked if "results" in path]


DAYS = [TODAY - timedelta(days=back) for back in range(1, 16)]
WINDOW: dict[str, Any] = {"start": DAYS[-1], "end": DAYS[0], "max_horses": 0}
RACES, COVERAGE = TABLES["ra_races"], TABLES["ra_coverage"]


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Faulty]:
    """Serve two races for each of fifteen days of results."""
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", str(tmp_path / "racing_data.duckdb"))
    results = [race(10 * at + count, day) for at, day in enumerate(DAYS) for count in range(2)]
    with replaying(Faulty(results=results)) as faulty:
        point_to(monkeypatch, faulty.url, parallel_calls=1)
        assert isinstance(faulty, Faulty)
        yield faulty


def run(mode: str = "manual") -> Report:
    with pytest.MonkeyPatch.context() as patch:
        without_courses(patch)
        return run_job(mode, "duckdb", TODAY, **WINDOW)


def first_run() -> None:
    """Load the days; the tests that begin with it share one run."""
    begun("duckdb", __name__, run)


def noted() -> dict[date, tuple[str, str | None, int | None]]:
    """Status, reason and loaded races of each day of results."""
    rows = contents("duckdb", [COVERAGE])["ra_coverage"]
    return {
        row["date"]: (row["status"], row["reason"], row["loaded"])
        for row in rows
        if row["endpoint"] == "results"
    }


def loaded() -> Contents:
    return contents("duckdb", [RACES], without=["_dlt_load_id", "_dlt_id", "updated_at"])


def days_loaded() -> list[date]:
    return sorted({row["date"] for row in loaded()["ra_races"]}, reverse=True)


COMPLETE = ("complete", None, 2)


@pytest.mark.parametrize("status", [401, 403])
def test_what_was_answered_before_access_was_lost_is_loaded(status: int, replay: Faulty) -> None:
    expected = dict.fromkeys(DAYS, COMPLETE)
    answered = DAYS[:10]
    replay.fault = lambda _: status if len(set(replay.asked_days)) > 10 else None
    report = run("backfill")
    assert report.exit_code == ExitCode.INCOMPLETE
    error = report.errors[0].removeprefix("results: ")
    assert error.startswith(f"/v1/results answered {status}: the credentials are wrong")
    assert days_loaded() == answered
    assert noted() == {
        day: COMPLETE if day in answered else ("failed", error, None) for day in DAYS
    }
    assert len(replay.asked_days) == 12  # one to tell the border of the plan from lost access

    replay.fault = lambda _: None
    assert run("backfill").exit_code == ExitCode.COMPLETE
    assert (noted(), days_loaded()) == (expected, DAYS)


def test_a_server_that_fails_for_good_costs_some_calls_and_no_row(replay: Faulty) -> None:
    replay.fault = lambda _: 503 if len(set(replay.asked_days)) > 5 else None
    report = run("backfill")
    assert report.exit_code == ExitCode.INCOMPLETE
    assert [entry.split(":")[0] for entry in report.errors] == ["results"]
    assert [status for status, _, _ in noted().values()].count("failed") == 10
    assert (days_loaded(), len(replay.asked_days)) == (DAYS[:5], 5 + 4 * 5)
    assert (report.tables["ra_races"].new, report.tables["ra_races"].rows) == (10, 10)

    replay.fault = lambda _: None
    assert run("backfill").exit_code == ExitCode.COMPLETE
    assert noted() == dict.fromkeys(DAYS, COMPLETE)


def test_what_is_noted_of_a_loaded_day_stays_when_it_fails(replay: Faulty) -> None:
    first_run()
    replay.fault = lambda query: 503 if query["start_date"] == DAYS[3].isoformat() else None
    report = run()
    assert report.exit_code == ExitCode.INCOMPLETE
    assert [entry.days for entry in report.incomplete] == [[DAYS[3]]]
    assert noted() == dict.fromkeys(DAYS, COMPLETE)


def test_half_a_day_is_loaded_and_noted_as_half(replay: Faulty) -> None:
    def second_page_missing(query: dict[str, str]) -> int | Record | None:
        first = {"results": [race(0, DAYS[0])], "total": 2}
        is_faulty = query["start_date"] == DAYS[0].isoformat()
        return (first if query["skip"] == "0" else 503) if is_faulty else None

    replay.fault = second_page_missing
    report = run("backfill")
    assert report.exit_code == ExitCode.INCOMPLETE
    reason = "/v1/results answered 503 on every attempt."
    assert noted() == dict.fromkeys(DAYS, COMPLETE) | {DAYS[0]: ("partial", reason, 1)}
    assert len(loaded()["ra_races"]) == 29

    replay.fault = lambda _: None
    assert run("backfill").exit_code == ExitCode.COMPLETE
    assert (noted(), len(loaded()["ra_races"])) == (dict.fromkeys(DAYS, COMPLETE), 30)


def test_a_day_emptied_by_mistake_keeps_its_races_until_it_is_whole_again(replay: Faulty) -> None:
    first_run()
    whole = loaded()
    nothing = {"results": [], "total": 0}
    replay.fault = lambda query: nothing if query["start_date"] == DAYS[3].isoformat() else None
    for _ in range(2):
        assert run().exit_code == ExitCode.INCOMPLETE
        reason = "there were 2 races before, and now there are none"
        assert noted() == dict.fromkeys(DAYS, COMPLETE) | {DAYS[3]: ("partial", reason, 2)}
        assert loaded() == whole
    replay.fault = lambda _: None
    assert run("backfill").exit_code == ExitCode.COMPLETE
    assert noted() == dict.fromkeys(DAYS, COMPLETE)


def test_an_answer_for_another_day_loads_nothing_wrong(replay: Faulty) -> None:
    other = {"results": [race(0, DAYS[0])], "total": 1}
    replay.fault = lambda query: other if query["start_date"] == DAYS[3].isoformat() else None
    assert run("backfill").exit_code == ExitCode.INCOMPLETE
    reason = "1 races of other days were sent"
    assert noted() == dict.fromkeys(DAYS, COMPLETE) | {DAYS[3]: ("partial", reason, 0)}
    assert days_loaded() == [day for day in DAYS if day != DAYS[3]]


def test_empty_days_are_no_days_without_racing_while_nobody_can_tell(replay: Faulty) -> None:
    """The day that would tell a plan's border from days without racing is not answered."""
    old = [date(2020, 5, 4), date(2020, 5, 3)]
    replay.results += [race(500, old[0])]
    replay.fault = lambda query: 503 if query["start_date"] == "2019-12-26" else None
    window: dict[str, Any] = {"start": old[1], "end": old[0], "max_horses": 0}
    report = run_job("backfill", "duckdb", TODAY, **window)
    reason = "/v1/results answered 503 on every attempt."
    assert report.errors == [f"results: {reason}"]
    assert noted() == {old[0]: ("complete", None, 1), old[1]: ("failed", reason, None)}


@pytest.mark.parametrize(
    "courses", [[], ["Ascot"], [{"course": "Ascot"}]], ids=["none", "texts", "no id"]
)
def test_a_list_without_courses_is_an_error(courses: list[Any], replay: Faulty) -> None:
    replay.courses = courses
    report = run_job("manual", "duckdb", TODAY, **WINDOW)
    assert report.exit_code == ExitCode.INCOMPLETE
    assert report.errors == ["courses: /v1/courses answered without a single course."]


HORSES = [f"hrs_900_{number}" for number in range(12)]
WITH_HORSES: dict[str, Any] = {"start": DAYS[0], "end": DAYS[0], "max_horses": 100}


def run_with_horses(replay: Faulty) -> Report:
    replay.results = [race(900, DAYS[0], horses=12)]
    for horse_id in HORSES:
        replay.profiles[f"/v1/horses/{horse_id}/pro"] = {"id": horse_id, "name": "Arkle"}
    replay.asked.clear()
    with pytest.MonkeyPatch.context() as patch:
        without_courses(patch)
        return run_job("backfill", "duckdb", TODAY, **WITH_HORSES)


@pytest.mark.parametrize(
    ("status", "calls", "failed"), [(401, 6, 1), (503, 5 + 4 * 5, 7)], ids=["401", "503"]
)
def test_profiles_that_came_before_a_fault_are_loaded_and_few_more_are_asked_for(
    status: int, calls: int, failed: int, replay: Faulty
) -> None:
    replay.horse_fault = lambda: status if len(set(replay.asked_horses)) > 5 else None
    report = run_with_horses(replay)
    assert report.exit_code == ExitCode.INCOMPLETE
    assert f" answered {status}" in report.errors[0]
    assert report.horses == {"pro": 5, "failed": failed, "waiting": 7}
    assert len(replay.asked_horses) == calls

    replay.horse_fault = lambda: None
    again = run_with_horses(replay)
    assert (again.exit_code, again.horses["pro"]) == (ExitCode.COMPLETE, 7)


def test_one_profile_that_fails_is_named_and_the_others_are_loaded(replay: Faulty) -> None:
    replay.horse_fault = lambda: 503 if HORSES[0] + "/" in replay.asked_horses[-1] else None
    report = run_with_horses(replay)
    assert report.exit_code == ExitCode.INCOMPLETE
    (error,) = report.errors
    assert error.startswith("horses: 1 profiles could not be fetched, such as: /v1/horses/")
    assert report.horses == {"pro": 11, "failed": 1, "waiting": 1}
