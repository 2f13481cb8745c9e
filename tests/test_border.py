"""Where the plan ends: what marks the border, what does not, and which probe calls that takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from pipelines.api import DayAnswer, RacingApi
from pipelines.endpoints import RACECARDS, RESULTS, Endpoint
from pipelines.errors import AccessError, RefusedError, UnavailableError
from pipelines.steps.border import Border
from tests.fake_api import (
    Asked,
    FakeApi,
    Reply,
    Route,
    client,
    lift_ceilings,
    page_of,
    races,
    serving,
)

TODAY = date(2025, 10, 20)
YESTERDAY = TODAY - timedelta(days=1)
REACHES = TODAY - timedelta(days=365)
EMPTY = Reply({"results": [], "racecards": [], "total": 0})
REFUSALS = {str(status): Reply({"detail": "?"}, status) for status in (401, 403, 422)}


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    lift_ceilings(monkeypatch)


def plan(first: date, beyond: Reply, odd: dict[date, Reply] | None = None) -> dict[str, Route]:
    """A server with three races on every day from the first on, and something else before."""

    def results(asked: Asked) -> Reply:
        day = date.fromisoformat(asked["start_date"])
        if odd and day in odd:
            return odd[day]
        return Reply(page_of("results", races(3), asked)) if day >= first else beyond

    def racecards(asked: Asked) -> Reply:
        day = date.fromisoformat(asked["date"])
        return Reply(page_of("racecards", races(3), asked)) if day >= first else beyond

    return {RESULTS.path: results, RACECARDS.path: racecards}


def days(newest: date, number: int, step: int = 1) -> list[date]:
    return [newest - timedelta(days=step * back) for back in range(number)]


def ask(
    server: FakeApi, api: RacingApi, asked: Iterable[date], endpoint: Endpoint = RESULTS
) -> list[DayAnswer]:
    """Ask for a chunk, newest day first, and forget the calls."""
    answers = [api.day(endpoint, day) for day in asked]
    server.asked.clear()
    return answers


def find(
    routes: dict[str, Route], chunk: Iterable[date], endpoint: Endpoint = RESULTS
) -> tuple[date | None, list[date]]:
    """Return the border in a chunk, and the days asked for to make sure."""
    with serving(routes) as server:
        api = client(server.url)
        found = Border(api, endpoint, TODAY).find(ask(server, api, chunk, endpoint))
    name = "date" if endpoint is RACECARDS else "start_date"
    return found, [date.fromisoformat(day) for day in server.values(name)]


def test_a_422_behind_answered_days_is_the_border_without_a_probe() -> None:
    chunk = days(REACHES + timedelta(days=3), 6)
    border = REACHES - timedelta(days=1)
    assert find(plan(REACHES, REFUSALS["422"]), chunk) == (border, [])


@pytest.mark.parametrize("status", ["401", "403"])
def test_no_access_behind_answered_days_is_the_border_if_yesterday_is_answered(
    status: str,
) -> None:
    chunk = days(REACHES + timedelta(days=3), 6)
    border = REACHES - timedelta(days=1)
    assert find(plan(REACHES, REFUSALS[status]), chunk) == (border, [YESTERDAY])


@pytest.mark.parametrize("status", REFUSALS)
def test_a_chunk_beyond_the_plan_is_told_by_yesterday(status: str) -> None:
    chunk = days(date(2020, 5, 31), 3)
    assert find(plan(REACHES, REFUSALS[status]), chunk) == (chunk[0], [YESTERDAY])


@pytest.mark.parametrize("status", ["401", "403"])
def test_the_border_of_racecards_is_found_the_same_way(status: str) -> None:
    chunk = days(date(2023, 1, 25), 4)
    routes = plan(date(2023, 1, 24), REFUSALS[status])
    assert find(routes, chunk, RACECARDS) == (date(2023, 1, 23), [YESTERDAY])


@pytest.mark.parametrize("status", ["401", "403"])
def test_no_access_anywhere_is_an_error_and_no_border(status: str) -> None:
    with serving(plan(date.max, REFUSALS[status])) as server:
        api = client(server.url)
        answers = ask(server, api, days(YESTERDAY, 3))
        with pytest.raises(AccessError, match=f"/v1/results answered {status}"):
            Border(api, RESULTS, TODAY).find(answers)
    assert server.values("start_date") == [YESTERDAY.isoformat()]


def test_a_422_everywhere_is_an_error_and_no_border() -> None:
    with pytest.raises(RefusedError, match="/v1/results answered 422"):
        find(plan(date.max, REFUSALS["422"]), days(YESTERDAY, 3))


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refused_day_with_an_older_one_answered_is_no_border(status: str) -> None:
    chunk = days(YESTERDAY, 5)
    odd = {chunk[2]: REFUSALS[status]}
    assert find(plan(REACHES, EMPTY, odd), chunk) == (None, [])


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refused_day_before_the_border_does_not_hide_it(status: str) -> None:
    chunk = days(REACHES + timedelta(days=3), 6)
    odd = {chunk[1]: REFUSALS[status]}
    found, _ = find(plan(REACHES, REFUSALS[status], odd), chunk)
    assert found == REACHES - timedelta(days=1)


def test_days_that_are_answered_have_no_border() -> None:
    assert find(plan(date(1988, 1, 1), EMPTY), days(date(2020, 5, 31), 3)) == (None, [])


def test_a_failing_server_is_no_border() -> None:
    assert find(plan(REACHES, Reply({}, 503)), days(REACHES, 4)) == (None, [])


def test_no_answer_has_no_border() -> None:
    assert find(plan(REACHES, EMPTY), []) == (None, [])


def test_empty_days_within_a_year_are_just_empty() -> None:
    assert find(plan(date.max, EMPTY), days(YESTERDAY, 365)) == (None, [])


def test_empty_racecards_are_never_a_border() -> None:
    assert find(plan(date.max, EMPTY), days(date(2024, 1, 5), 3), RACECARDS) == (None, [])


def test_empty_days_are_the_border_if_the_26_december_before_is_empty() -> None:
    chunk = days(REACHES + timedelta(days=3), 10)
    expected = (REACHES - timedelta(days=1), [date(2023, 12, 26)])
    assert find(plan(REACHES, EMPTY), chunk) == expected


@pytest.mark.parametrize("status", REFUSALS)
def test_empty_days_are_the_border_if_the_26_december_before_is_refused(status: str) -> None:
    chunk = days(REACHES - timedelta(days=1), 5)
    odd = {date(2023, 12, 26): REFUSALS[status]}
    assert find(plan(REACHES, EMPTY, odd), chunk) == (chunk[0], [date(2023, 12, 26)])


def test_empty_days_are_just_empty_if_the_26_december_before_has_races() -> None:
    chunk = days(date(2020, 4, 30), 30)
    odd = dict.fromkeys(chunk, EMPTY)
    assert find(plan(date(1988, 1, 1), EMPTY, odd), chunk) == (None, [date(2019, 12, 26)])


@pytest.mark.parametrize(
    ("empty", "asked"),
    [
        (date(2020, 12, 27), date(2020, 12, 26)),
        (date(2020, 12, 26), date(2019, 12, 26)),
        (date(2020, 12, 25), date(2019, 12, 26)),
        (date(2020, 1, 1), date(2019, 12, 26)),
    ],
)
def test_the_26_december_asked_for_is_the_last_one_before_the_empty_day(
    empty: date, asked: date
) -> None:
    assert find(plan(date.max, EMPTY), [empty]) == (empty, [asked])


def test_an_empty_day_with_an_older_one_raced_takes_no_probe() -> None:
    chunk = days(date(2020, 12, 28), 5)
    odd = {date(2020, 12, 25): EMPTY, date(2020, 12, 27): EMPTY}
    assert find(plan(date(1988, 1, 1), EMPTY, odd), chunk) == (None, [])


def test_the_oldest_days_of_all_take_no_probe() -> None:
    assert find(plan(date.max, EMPTY), days(date(1988, 1, 3), 3)) == (None, [])


def test_what_a_probe_has_shown_is_not_asked_again() -> None:
    chunks = [days(date(2020, 5, 31), 31), days(date(2020, 4, 30), 30)]
    odd = {day: EMPTY for chunk in chunks for day in chunk}
    with serving(plan(date(1988, 1, 1), EMPTY, odd)) as server:
        api = client(server.url)
        border = Border(api, RESULTS, TODAY)
        asked = [ask(server, api, chunk) for chunk in chunks]
        assert [border.find(answers) for answers in asked] == [None, None]
    assert server.values("start_date") == ["2019-12-26"]


def test_a_probe_without_an_answer_is_no_border() -> None:
    chunk = days(date(2020, 4, 30), 3)
    odd = {**dict.fromkeys(chunk, EMPTY), date(2019, 12, 26): Reply({}, 503)}
    with pytest.raises(UnavailableError):
        find(plan(date(1988, 1, 1), EMPTY, odd), chunk)


@pytest.mark.parametrize("status", ["401", "403"])
def test_no_access_with_yesterday_unavailable_is_no_border(status: str) -> None:
    odd = {YESTERDAY: Reply({}, 503)}
    with pytest.raises(AccessError, match=f"answered {status}"):
        find(plan(REACHES, REFUSALS[status], odd), days(date(2020, 5, 31), 3))
