"""Where the plan ends: what marks the border, what does not, and which probe calls that takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from pipelines.api.answers import DayAnswer
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import RACECARDS, RESULTS, Endpoint
from pipelines.errors import AccessError, RefusedError, UnavailableError
from pipelines.plan.border import MOST_REFUSED, Border
from pipelines.plan.coverage import Status, status_of
from tests.fake_api import (
    HTML,
    Asked,
    FakeApi,
    Reply,
    Route,
    client,
    in_turn,
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


def confirming(border: date) -> list[date]:
    """The days that have to be refused as well."""
    return [border, border - timedelta(days=1), date(border.year - 1, 12, 26)]


def test_a_422_behind_answered_days_is_the_border_if_it_is_refused_again() -> None:
    chunk = days(REACHES + timedelta(days=3), 6)
    border = REACHES - timedelta(days=1)
    assert find(plan(REACHES, REFUSALS["422"]), chunk) == (border, confirming(border))


@pytest.mark.parametrize("status", ["401", "403"])
def test_no_access_behind_answered_days_is_the_border_if_yesterday_is_answered(
    status: str,
) -> None:
    chunk = days(REACHES + timedelta(days=3), 6)
    border = REACHES - timedelta(days=1)
    assert find(plan(REACHES, REFUSALS[status]), chunk) == (
        border,
        [YESTERDAY, *confirming(border)],
    )


@pytest.mark.parametrize("status", REFUSALS)
def test_a_chunk_beyond_the_plan_is_told_by_yesterday(status: str) -> None:
    chunk = days(date(2020, 5, 31), 3)
    found = chunk[0], [YESTERDAY, *confirming(chunk[0])]
    assert find(plan(REACHES, REFUSALS[status]), chunk) == found


@pytest.mark.parametrize("status", ["401", "403"])
def test_the_border_of_racecards_is_found_the_same_way(status: str) -> None:
    chunk = days(date(2023, 1, 25), 4)
    routes = plan(date(2023, 1, 24), REFUSALS[status])
    border = date(2023, 1, 23)
    assert find(routes, chunk, RACECARDS) == (border, [YESTERDAY, border])


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_that_passes_is_no_border(status: str) -> None:
    chunk = days(REACHES + timedelta(days=3), 6)
    refused = in_turn(*[REFUSALS[status]] * 2, EMPTY)
    routes = plan(REACHES, EMPTY)
    answer = routes[RESULTS.path]

    def passing(asked: Asked) -> Reply:
        is_beyond = date.fromisoformat(asked["start_date"]) < REACHES
        return refused(asked) if is_beyond else answer(asked)

    with serving({RESULTS.path: passing}) as server:
        api = client(server.url)
        assert Border(api, RESULTS, TODAY).find(ask(server, api, chunk)) is None


@pytest.mark.parametrize("endpoint", [RACECARDS, RESULTS], ids=lambda endpoint: endpoint.name)
@pytest.mark.parametrize("status", REFUSALS)
def test_a_refused_day_of_the_last_year_is_no_border(status: str, endpoint: Endpoint) -> None:
    chunk = days(YESTERDAY, 5)
    found, _ = find(plan(chunk[2], REFUSALS[status]), chunk, endpoint)
    assert found is None


def test_a_chunk_of_the_last_year_refused_as_a_whole_is_an_error() -> None:
    with pytest.raises(RefusedError, match="/v1/results answered 422"):
        find(plan(YESTERDAY, REFUSALS["422"]), days(YESTERDAY - timedelta(days=30), 3))


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
    expected = (REACHES - timedelta(days=1), [date(2023, 12, 26)] * 2)
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
    assert find(plan(date.max, EMPTY), [empty]) == (empty, [asked] * 2)


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


BLOCKED = {"401": Reply(HTML, 401), "403": Reply(HTML, 403), "422": Reply(HTML, 422)}


@pytest.mark.parametrize("blocked", BLOCKED.values(), ids=BLOCKED)
def test_a_block_page_on_every_old_day_is_no_border(blocked: Reply) -> None:
    assert find(plan(REACHES, blocked), days(REACHES, 4)) == (None, [])


@pytest.mark.parametrize("refused", [1, 2, 100])
@pytest.mark.parametrize("status", REFUSALS)
def test_refused_days_are_no_border_if_one_of_some_before_them_has_races(
    status: str, refused: int
) -> None:
    odd = dict.fromkeys(days(date(2020, 5, 31), refused), REFUSALS[status])
    found, _ = find(plan(date(1988, 1, 1), EMPTY, odd), [*odd][:1])
    assert found is None


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refused_day_is_no_border_if_an_older_one_was_delivered_earlier(status: str) -> None:
    chunk = days(date(2020, 5, 31), 1)
    with serving(plan(REACHES, REFUSALS[status])) as server:
        api = client(server.url)
        border = Border(api, RESULTS, TODAY, delivered=date(2020, 5, 30))
        assert border.find(ask(server, api, chunk)) is None


@pytest.mark.parametrize("status", REFUSALS)
def test_days_asked_for_ahead_show_that_a_refused_one_is_no_border(status: str) -> None:
    chunk, ahead = days(date(2020, 5, 1), 1), days(date(2020, 4, 30), 30)
    odd = {chunk[0]: REFUSALS[status], **dict.fromkeys(ahead[:-1], REFUSALS[status])}
    with serving(plan(date(2020, 4, 1), REFUSALS[status], odd)) as server:
        api = client(server.url)
        answers, older = ask(server, api, chunk), ask(server, api, ahead)
        assert Border(api, RESULTS, TODAY).find(answers, lambda: older) is None
        assert Border(api, RESULTS, TODAY).find(answers) == chunk[0]


def test_days_refused_one_by_one_end_the_step_after_some() -> None:
    with serving(plan(date.max, REFUSALS["422"])) as server:
        api = client(server.url)
        api.answered.add(RESULTS.name)
        border = Border(api, RESULTS, TODAY, delivered=date(2015, 1, 1))
        for day in days(date(2020, 5, 31), MOST_REFUSED - 1):
            assert border.find([api.day(RESULTS, day)]) is None
        with pytest.raises(RefusedError, match="answered 422"):
            border.find([api.day(RESULTS, date(2020, 4, 1))])


HISTORY = TODAY - timedelta(days=373)


@pytest.mark.parametrize("has_raced_earlier", [False, True])
def test_empty_days_of_a_plan_that_goes_further_back_are_in_doubt(has_raced_earlier: bool) -> None:
    chunk = days(HISTORY + timedelta(days=2), 5)
    first = date.max if has_raced_earlier else HISTORY
    with serving(plan(first, EMPTY)) as server:
        api = client(server.url)
        answers = ask(server, api, chunk)
        delivered = date(2015, 1, 1) if has_raced_earlier else None
        assert Border(api, RESULTS, TODAY, delivered).find(answers) is None
    doubt = "no races were sent, nor for 2023-12-26, although the plan reaches that far"
    empty = [answer.day for answer in answers if not answer.received]
    assert {answer.day: answer.doubt for answer in answers if answer.doubt} == dict.fromkeys(
        empty, doubt
    )
    assert len(empty) == (5 if has_raced_earlier else 2)
    assert {status_of(answer, TODAY, ["gb", "ire"])[0] for answer in answers if answer.doubt} == {
        Status.PARTIAL
    }


def test_an_empty_list_by_mistake_on_the_26_december_is_no_border() -> None:
    chunk = days(date(2020, 4, 30), 3)
    routes = plan(date(1988, 1, 1), EMPTY, dict.fromkeys(chunk, EMPTY))
    empty_once = in_turn(EMPTY, Reply({"results": races(3), "total": 3}))
    answer = routes[RESULTS.path]
    routes[RESULTS.path] = lambda asked: (
        empty_once(asked) if asked["start_date"] == "2019-12-26" else answer(asked)
    )
    assert find(routes, chunk) == (None, [date(2019, 12, 26)] * 2)


@pytest.mark.parametrize("status", ["401", "403"])
def test_no_access_with_yesterday_unavailable_is_no_border(status: str) -> None:
    odd = {YESTERDAY: Reply({}, 503)}
    with pytest.raises(AccessError, match=f"answered {status}"):
        find(plan(REACHES, REFUSALS[status], odd), days(date(2020, 5, 31), 3))
