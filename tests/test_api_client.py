"""The client's questions: profiles, days, many at once, and what the server understood."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pipelines.api.answers import DayAnswer
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import COURSES, HORSE_PRO, RACECARDS, RESULTS, Endpoint
from pipelines.errors import AccessError, NotFoundError, RefusedError, UnavailableError
from pipelines.mapping.undated import profile_of
from tests.fake_api import (
    LONG,
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

DAY = date(2025, 10, 13)
PRO = "/v1/horses/hrs_1/pro"
STANDARD = "/v1/horses/hrs_1/standard"
REGIONS = ["gb", "ire"]


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    lift_ceilings(monkeypatch)


def reply(body: Any, status: int = 200) -> Route:
    return lambda _: Reply(body, status)


def profile(routes: dict[str, Route]) -> tuple[dict[str, Any], FakeApi]:
    """Ask for a horse; the time it was asked at is checked and taken out."""
    with serving(routes) as server:
        before = datetime.now(UTC)
        body = profile_of(client(server.url).record(HORSE_PRO, "hrs_1"))
        asked_at = datetime.fromisoformat(body.pop("profile_at"))
        assert before <= asked_at <= datetime.now(UTC)
    return body, server


def test_a_profile_is_the_pro_one() -> None:
    sent = {"id": "hrs_1", "name": "Arkle (IRE)", "dob": "1957-04-19"}
    body, server = profile({PRO: reply(sent)})
    assert body == {**sent, "profile_status": "pro"}
    assert server.questions == [(PRO, ())]


def test_a_horse_without_a_pro_profile_has_a_standard_one() -> None:
    body, server = profile({STANDARD: reply({"id": "hrs_1", "name": "Arkle (IRE)"})})
    assert body == {"id": "hrs_1", "name": "Arkle (IRE)", "profile_status": "standard"}
    assert server.questions == [(PRO, ()), (STANDARD, ())]


def test_a_horse_without_any_profile_is_not_found() -> None:
    body, server = profile({})
    assert body == {"id": "hrs_1", "profile_status": "not_found"}
    assert server.questions == [(PRO, ()), (STANDARD, ())]


@pytest.mark.parametrize("path", [PRO, STANDARD])
def test_the_profile_of_another_horse_is_no_answer(path: str) -> None:
    routes = {path: reply({"id": "hrs_2", "name": "Arkle"})}
    with serving(routes) as server, pytest.raises(UnavailableError) as caught:
        client(server.url).record(HORSE_PRO, "hrs_1")
    assert str(caught.value) == f"{path} answered with another id."


@pytest.mark.parametrize(
    ("status", "error"), [(401, AccessError), (422, RefusedError), (503, UnavailableError)]
)
def test_a_refused_profile_is_not_asked_for_elsewhere(status: int, error: type[Exception]) -> None:
    routes = {PRO: reply({"detail": []}, status), STANDARD: reply({"id": "hrs_1"})}
    with serving(routes) as server, pytest.raises(error, match=PRO):
        client(server.url).record(HORSE_PRO, "hrs_1")
    assert {asked.path for asked in server.asked} == {PRO}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AccessError),
        (404, NotFoundError),
        (422, RefusedError),
        (500, UnavailableError),
    ],
)
@pytest.mark.parametrize("endpoint", [RACECARDS, RESULTS], ids=lambda endpoint: endpoint.name)
def test_a_day_keeps_its_error(endpoint: Endpoint, status: int, error: type[Exception]) -> None:
    with serving({endpoint.path: reply({"detail": "?"}, status)}) as server:
        api = client(server.url)
        answer = api.day(endpoint, DAY)
    assert (type(answer.error), answer.pages, answer.received) == (error, [], 0)
    assert (answer.endpoint, answer.day, api.answered) == (endpoint, DAY, set())


def test_endpoints_that_answered_are_known() -> None:
    routes = {"/v1/courses": reply({"courses": []}), STANDARD: reply({"id": "hrs_1"})}
    with serving(routes) as server:
        api = client(server.url)
        api.listing(COURSES)
        api.record(HORSE_PRO, "hrs_1")
        api.day(RESULTS, DAY)
    assert api.answered == {"courses", "horse_standard"}


@pytest.mark.parametrize("ending", ["", "/", "/mirror", "/mirror/"])
def test_the_address_may_have_a_path_and_is_paced_all_the_same(ending: str) -> None:
    with serving({".*/v1/results": reply({"results": [], "total": 0})}) as server:
        api = client(server.url + ending)
        assert api.day(RESULTS, DAY).error is None
    assert [asked.path for asked in server.asked] == [ending.rstrip("/") + "/v1/results"]
    assert api.counts.calls == 1  # counted where it is paced


def test_the_address_may_be_in_capitals_and_is_paced_all_the_same() -> None:
    with serving({RESULTS.path: reply({"results": [], "total": 0})}) as server:
        api = client(server.url.replace("http://127.0.0.1", "HTTP://LOCALHOST"))
        assert api.day(RESULTS, DAY).error is None
    assert api.counts.calls == 1


def asker(**settings: Any) -> RacingApi:
    return client("http://127.0.0.1:9", **settings)  # nothing is asked there


def test_answers_come_in_the_order_of_the_questions() -> None:
    def slowest_first(question: int) -> int:
        time.sleep((8 - question) / 100)
        return question * 10

    asked = list(asker(parallel_calls=8).ask_all(slowest_first, range(8)))
    assert asked == [(question, question * 10) for question in range(8)]


def test_calls_overlap() -> None:
    eight = threading.Barrier(8, timeout=LONG / 2)  # broken where fewer wait at once

    def together(asked: Asked) -> Reply:
        if len(server.asked) > 1:  # the first is answered before others are asked
            eight.wait()
        return Reply(page_of("results", [], asked))

    days = [DAY + timedelta(days=step) for step in range(17)]
    with serving({RESULTS.path: together}) as server:
        api = client(server.url, parallel_calls=8)
        answers = list(api.ask_all(lambda day: api.day(RESULTS, day), days))
    assert [(day, answer.day, answer.error) for day, answer in answers] == [
        (day, day, None) for day in days
    ]
    assert sorted(server.values("start_date")) == [day.isoformat() for day in days]


def test_no_more_calls_overlap_than_the_setting_says() -> None:
    running: list[int] = []
    most: list[int] = []

    def ask(question: int) -> None:
        running.append(question)
        most.append(len(running))
        time.sleep(0.02)
        running.remove(question)

    list(asker(parallel_calls=3).ask_all(ask, range(12)))
    assert max(most) <= 3


def test_one_call_at_a_time_stops_right_behind_a_final_answer() -> None:
    asked: list[int] = []

    def ask(question: int) -> int:
        asked.append(question)
        return question

    api = asker(parallel_calls=1)
    assert list(api.ask_all(ask, range(10), is_final=lambda answer: answer == 3)) == [
        (question, question) for question in range(4)
    ]
    assert asked == [0, 1, 2, 3]


def test_calls_under_way_at_a_final_answer_are_kept_and_no_other_is_made() -> None:
    together = threading.Barrier(4)

    def ask(question: int) -> int:
        if question < 4:
            together.wait(timeout=5)
            time.sleep(0 if question == 1 else 0.1)
        return question

    api = asker(parallel_calls=4)
    api.answered.add("results")
    asked = list(api.ask_all(ask, range(40), is_final=lambda answer: answer == 1))
    assert asked == [(question, question) for question in range(4)]


def test_one_call_goes_ahead_until_something_has_been_answered() -> None:
    asked: list[int] = []

    def ask(question: int) -> int:
        asked.append(question)
        return question

    answers = asker(parallel_calls=8).ask_all(ask, range(40), is_final=lambda _: True)
    assert (list(answers), asked) == ([(0, 0)], [0])


def test_an_error_ends_the_asking() -> None:
    asked: list[int] = []

    def ask(question: int) -> int:
        asked.append(question)
        time.sleep(0.01)
        if question == 2:
            raise UnavailableError("no")
        return question

    found: list[tuple[int, int]] = []
    with pytest.raises(UnavailableError):
        found.extend(asker(parallel_calls=2).ask_all(ask, range(100)))
    assert len(asked) < 10


def test_nothing_more_is_asked_when_nobody_listens_any_longer() -> None:
    asked: list[int] = []

    def ask(question: int) -> int:
        asked.append(question)
        time.sleep(0.01)
        return question

    answers = asker(parallel_calls=2).ask_all(ask, range(100))
    assert next(iter(answers)) == (0, 0)
    answers.close()
    assert len(asked) < 10


def test_no_question_has_no_answer() -> None:
    assert list(asker().ask_all(lambda question: question, [])) == []


def answered(endpoint: Endpoint, *pairs: Any) -> DayAnswer:
    return answer_of(endpoint, DAY, {"query": list(pairs), endpoint.records: []})


FOR_CARDS = [["date", "2025-10-13"], ["region_codes", "gb"], ["region_codes", "ire"]]
FOR_RESULTS = [
    ["start_date", "2025-10-13"],
    ["end_date", "2025-10-13"],
    ["region", "ire"],
    ["region", "gb"],
    ["limit", "50"],
]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(answered(RACECARDS, *FOR_CARDS), None, id="cards as asked"),
        pytest.param(answered(RESULTS, *FOR_RESULTS), None, id="results as asked"),
        pytest.param(
            answered(RACECARDS, ["date", "2025-10-14"]), "date 2025-10-14", id="another day"
        ),
        pytest.param(
            answered(RESULTS, *FOR_RESULTS, ["end_date", "2025-10-14"]),
            "end_date 2025-10-13, 2025-10-14",
            id="two days",
        ),
        pytest.param(
            answered(RACECARDS, ["region_codes", "fr"]), "region_codes fr", id="another region"
        ),
        pytest.param(answered(RESULTS, ["region", "gb"]), "region gb", id="one region of two"),
        pytest.param(
            answered(RESULTS, *FOR_RESULTS, ["region", "fr"]),
            "region fr, gb, ire",
            id="one region too many",
        ),
        pytest.param(answered(RACECARDS), None, id="nothing echoed"),
        pytest.param(answer_of(RACECARDS, DAY, {"racecards": []}), None, id="no echo"),
        pytest.param(DayAnswer(RACECARDS, DAY), None, id="no page"),
        pytest.param(
            answer_of(RACECARDS, DAY, {"query": "date=2025-10-14", "racecards": []}),
            None,
            id="a text",
        ),
        pytest.param(answered(RACECARDS, ["date"], "date", None, 5), None, id="no pairs"),
    ],
)
def test_a_question_understood_otherwise_is_told(answer: DayAnswer, told: str | None) -> None:
    assert answer.misread(REGIONS) == (told and f"the API answered for {told}")


def test_a_question_misread_on_one_page_is_told() -> None:
    good, bad = answered(RESULTS, *FOR_RESULTS), answered(RESULTS, ["start_date", "2025-10-14"])
    answer = DayAnswer(RESULTS, DAY, [*good.pages, *bad.pages])
    assert answer.misread(REGIONS) == "the API answered for start_date 2025-10-13, 2025-10-14"


def test_the_echo_of_a_server_is_what_was_asked() -> None:
    with serving({RESULTS.path: lambda asked: Reply(page_of("results", [], asked))}) as server:
        answer = client(server.url).day(RESULTS, DAY)
    assert answer.misread(REGIONS) is None
    assert answer.misread(["gb"]) == "the API answered for region gb, ire"


def test_records_have_one_order_whatever_order_they_came_in() -> None:
    first, second, third = (
        {"race_id": "rac_9", "date": "2025-10-13", "off_dt": "2025-10-13T13:00:00+01:00"},
        {"race_id": "rac_1", "date": "2025-10-13", "off_dt": "2025-10-13T14:00:00+01:00"},
        {"race_id": "rac_2", "date": "2025-10-13", "off_dt": "2025-10-13T14:00:00+01:00"},
    )
    for came in ([first, second, third], [third, None, first, second]):
        bodies = [{"results": [record]} for record in came]
        answer = answer_of(RESULTS, DAY, *bodies)
        assert [record for record in answer.newest_first() if record] == [third, second, first]
