"""Lists that are not what they say, days that fail in mid-run: what is loaded and noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.api import DayAnswer
from pipelines.coverage import Status, status_of
from pipelines.endpoints import RACECARDS, RESULTS, Endpoint
from pipelines.report import ExitCode, Report
from pipelines.tables import TABLES
from tests.fake_api import Asked, FakeApi, Reply, Route, client, lift_ceilings, page_of, serving
from tests.jobs import Contents, contents, point_to, run_job
from tests.replay import Record, Replay, replaying

DAY = date(2022, 10, 13)
TODAY = date(2022, 10, 20)
REGIONS = ["gb", "ire"]


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    lift_ceilings(monkeypatch)


def race(number: int, day: date = DAY) -> Record:
    return {"race_id": f"rac_{number}", "date": day.isoformat(), "region": "GB"}


def held(number: int) -> list[Record]:
    return [race(count) for count in range(number)]


def judged(route: Route, endpoint: Endpoint = RESULTS) -> tuple[Status, str | None, int, FakeApi]:
    """Ask for the day: its status, the reason, the races to load, and what was asked."""
    with serving({endpoint.path: route}) as server:
        answer = client(server.url).day(endpoint, DAY)
    return *status_of(answer, TODAY, REGIONS), len(answer.newest_first()), server


# Lists that are not what they say


def test_rows_that_move_between_pages_are_found_by_reading_again() -> None:
    def one_goes_in_front(asked: Asked) -> Reply:
        rows = held(60) if len(server.asked) < 2 else [race(99), *held(60)]
        return Reply(page_of("results", rows, asked))

    with serving({RESULTS.path: one_goes_in_front}) as server:
        answer = client(server.url).day(RESULTS, DAY)
    assert server.values("skip") == ["0", "50", "0", "50"]
    assert status_of(answer, TODAY, REGIONS) == (Status.COMPLETE, None)
    found = {record["race_id"] for record in answer.newest_first()}
    assert (len(answer.newest_first()), len(found), "rac_99" in found) == (61, 61, True)


def test_a_row_gone_between_pages_leaves_the_day_to_be_asked_again() -> None:
    def the_first_goes(asked: Asked) -> Reply:
        return Reply(page_of("results", held(60)[len(server.asked) > 1 :], asked))

    with serving({RESULTS.path: the_first_goes}) as server:
        answer = client(server.url).day(RESULTS, DAY)
    assert server.values("skip") == ["0", "50", "0", "50"]
    reason = "60 of 59 races received: its pages do not fit together"
    assert status_of(answer, TODAY, REGIONS) == (Status.PARTIAL, reason)


def test_pages_that_overlap_are_read_again() -> None:
    def shifted_once(asked: Asked) -> Reply:
        page = page_of("results", held(60), asked)
        if len(server.asked) == 2:
            page["results"] = held(60)[49:59]
        return Reply(page)

    with serving({RESULTS.path: shifted_once}) as server:
        answer = client(server.url).day(RESULTS, DAY)
    assert server.values("skip") == ["0", "50", "0", "50"]
    assert status_of(answer, TODAY, REGIONS) == (Status.COMPLETE, None)
    assert len(answer.newest_first()) == 60


def test_a_total_that_never_stays_the_same_costs_two_readings() -> None:
    totals = iter(range(1000, 2000))
    status, reason, loaded, server = judged(
        lambda asked: Reply(page_of("results", held(120), asked, total=next(totals)))
    )
    assert (status, loaded) == (Status.PARTIAL, 120)
    assert reason == "120 of 1009 races received: its pages do not fit together"
    assert server.values("skip") == ["0", "50", "100", "120", "120"] * 2


@pytest.mark.parametrize("total", [None, 99999])
@pytest.mark.parametrize(("endpoint", "calls"), [(RACECARDS, 2), (RESULTS, 401)])
def test_a_list_without_an_end_is_left_where_the_vendor_pages_no_further(
    endpoint: Endpoint, calls: int, total: int | None
) -> None:
    def more(asked: Asked) -> Reply:
        skip, limit = int(asked["skip"]), int(asked["limit"])
        page = {endpoint.records: [race(skip + count) for count in range(limit)], "total": total}
        return Reply(page)

    status, reason, loaded, server = judged(more, endpoint)
    assert (status, len(server.asked)) == (Status.PARTIAL, calls)
    assert max(map(int, server.values("skip"))) == endpoint.highest_skip
    assert loaded == calls * (500 if endpoint is RACECARDS else 50)
    if total:
        told = f"more than the API can page: it skips {endpoint.highest_skip}"
        assert reason == f"{loaded} of {total} races received: {told}"
    else:
        assert reason == "the API did not say how many races the day has"


def test_pages_that_are_too_much_together_are_left() -> None:
    heavy = [{**race(count), "comment": "x" * 5000} for count in range(1000)]
    with serving({RESULTS.path: lambda asked: Reply(page_of("results", heavy, asked))}) as server:
        answer = client(server.url, answer_megabytes=1).day(RESULTS, DAY)
    assert status_of(answer, TODAY, REGIONS) == (
        Status.PARTIAL,
        "200 of 1000 races received: more than 1 MB",
    )
    assert len(server.asked) == 4


def test_races_of_another_day_are_told_and_not_loaded() -> None:
    other = [*held(2), race(7, DAY + timedelta(days=1)), {"race_id": "rac_8", "date": "soon"}]
    status, reason, loaded, _ = judged(lambda asked: Reply({"results": other, "total": len(other)}))
    assert (status, reason, loaded) == (Status.PARTIAL, "1 races of other days were sent", 3)


@pytest.mark.parametrize(
    ("before", "judgement"),
    [
        (0, (Status.COMPLETE, None)),
        (40, (Status.PARTIAL, "40 races were there before, and now none")),
    ],
)
def test_a_day_that_had_races_is_never_a_day_without(
    before: int, judgement: tuple[Status, str | None]
) -> None:
    nothing = DayAnswer(RESULTS, DAY, bodies=[{"results": [], "total": 0}])
    assert status_of(nothing, TODAY, REGIONS, before) == judgement


# Days that fail in mid-run


@dataclass
class Faulty(Replay):
    """A replay with a fault: a status instead of the answer to some questions."""

    fault: Callable[[dict[str, str]], int | Record | None] = lambda _: None

    def answer(self, path: str, query: list[tuple[str, str]]) -> tuple[int, Any]:
        fault = self.fault(dict(query)) if path == RESULTS.path else None
        if fault is None:
            return super().answer(path, query)
        return (200, fault) if isinstance(fault, dict) else (fault, {"detail": "?"})

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
    return run_job(mode, "duckdb", TODAY, **WINDOW)


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

    replay.fault = lambda _: None
    assert run("backfill").exit_code == ExitCode.COMPLETE
    assert noted() == dict.fromkeys(DAYS, COMPLETE)


def test_what_is_noted_of_a_loaded_day_stays_when_it_fails(replay: Faulty) -> None:
    run()
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
    reason = "/v1/results answered 503 until the last try."
    assert noted() == dict.fromkeys(DAYS, COMPLETE) | {DAYS[0]: ("partial", reason, 1)}
    assert len(loaded()["ra_races"]) == 29

    replay.fault = lambda _: None
    assert run("backfill").exit_code == ExitCode.COMPLETE
    assert (noted(), len(loaded()["ra_races"])) == (dict.fromkeys(DAYS, COMPLETE), 30)


def test_a_day_emptied_by_mistake_keeps_its_races_until_it_is_whole_again(replay: Faulty) -> None:
    run()
    whole = loaded()
    nothing = {"results": [], "total": 0}
    replay.fault = lambda query: nothing if query["start_date"] == DAYS[3].isoformat() else None
    for _ in range(2):
        assert run().exit_code == ExitCode.INCOMPLETE
        reason = "2 races were there before, and now none"
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
    reason = "/v1/results answered 503 until the last try."
    assert report.errors == [f"results: {reason}"]
    assert noted() == {old[0]: ("complete", None, 1), old[1]: ("failed", reason, None)}


@pytest.mark.parametrize(
    "courses", [[], ["Ascot"], [{"course": "Ascot"}]], ids=["none", "texts", "no id"]
)
def test_a_list_without_courses_is_an_error(courses: list[Any], replay: Faulty) -> None:
    replay.courses = courses
    report = run()
    assert report.exit_code == ExitCode.INCOMPLETE
    assert report.errors == ["courses: /v1/courses answered without a single course."]
