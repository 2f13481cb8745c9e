"""Lists that are not what they say: how they are read, and what is noted of the day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pipelines.api.endpoints import RACECARDS, RESULTS, Endpoint
from pipelines.plan.coverage import Status, status_of
from tests.fake_api import (
    Asked,
    FakeApi,
    Reply,
    Route,
    answer_of,
    client,
    lift_ceilings,
    page_of,
    serving,
)
from tests.replay import Record

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
        (40, (Status.PARTIAL, "there were 40 races before, and now there are none")),
    ],
)
def test_a_day_that_had_races_is_never_a_day_without(
    before: int, judgement: tuple[Status, str | None]
) -> None:
    nothing = answer_of(RESULTS, DAY, {"results": [], "total": 0})
    assert status_of(nothing, TODAY, REGIONS, before) == judgement


@pytest.mark.parametrize(
    ("today", "judgement"),
    [
        (DAY, (Status.OPEN, "the day was not over yet")),
        (DAY + timedelta(days=1), (Status.COMPLETE, None)),
    ],
)
def test_a_day_is_complete_once_it_is_over(
    today: date, judgement: tuple[Status, str | None]
) -> None:
    whole = answer_of(RESULTS, DAY, {"results": held(2), "total": 2})
    assert status_of(whole, today, REGIONS) == judgement
