"""Paging over a real server: no row lost, no call too many, no broken answer an empty day."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest

from pipelines.api.answers import DayAnswer
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import COURSES, HORSE_PRO, RACECARDS, RESULTS, Endpoint
from pipelines.errors import ApiError, UnavailableError
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

DAY = date(2025, 10, 13)
ISO = DAY.isoformat()
REGIONS = ["gb", "ire"]
Pairs = tuple[tuple[str, str], ...]


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    lift_ceilings(monkeypatch)


def results(held: list[Any], cap: int = 500, **envelope: Any) -> dict[str, Route]:
    return {RESULTS.path: lambda asked: Reply(page_of("results", held, asked, cap, **envelope))}


def ask(routes: dict[str, Route], endpoint: Endpoint = RESULTS) -> tuple[DayAnswer, FakeApi]:
    with serving(routes) as server:
        return client(server.url).day(endpoint, DAY), server


def summary(answer: DayAnswer) -> tuple[int, int, int | None, ApiError | None]:
    """Rows, different rows, what the server says there are, error."""
    return len(answer.records), answer.received, answer.total, answer.error


def test_results_are_asked_by_start_end_and_region() -> None:
    _, server = ask(results(races(51)))
    sent: Pairs = (
        ("start_date", ISO),
        ("end_date", ISO),
        ("region", "gb"),
        ("region", "ire"),
        ("limit", "50"),
    )
    assert server.questions == [
        (RESULTS.path, (*sent, ("skip", "0"))),
        (RESULTS.path, (*sent, ("skip", "50"))),
    ]


def test_racecards_are_asked_by_date_and_region_codes() -> None:
    routes: dict[str, Route] = {
        RACECARDS.path: lambda asked: Reply(page_of("racecards", races(80), asked))
    }
    answer, server = ask(routes, RACECARDS)
    sent: Pairs = (
        ("date", ISO),
        ("region_codes", "gb"),
        ("region_codes", "ire"),
        ("limit", "500"),
        ("skip", "0"),
    )
    assert server.questions == [(RACECARDS.path, sent)]
    assert summary(answer) == (80, 80, 80, None)


def test_courses_are_asked_by_region_codes_in_one_call() -> None:
    body = {"courses": [{"id": "crs_1"}], "total": 1}
    with serving({"/v1/courses": lambda _: Reply(body)}) as server:
        assert list(client(server.url, regions=["ire"]).listing(COURSES).bodies) == [body]
    assert server.questions == [("/v1/courses", (("region_codes", "ire"),))]


def test_the_page_size_is_a_setting() -> None:
    with serving(results(races(120))) as server:
        answer = client(server.url, results_page_size=100).day(RESULTS, DAY)
    assert (server.values("limit"), server.values("skip")) == (["100", "100"], ["0", "100"])
    assert answer.records == races(120)


def test_a_server_that_caps_the_page_lower_loses_nothing() -> None:
    answer, server = ask(results(races(60), cap=25))
    assert server.values("skip") == ["0", "25", "50"]
    assert answer.records == races(60)
    assert summary(answer) == (60, 60, 60, None)


@pytest.mark.parametrize(
    ("held", "skips"),
    [(0, ["0"]), (1, ["0"]), (40, ["0"]), (49, ["0"]), (51, ["0", "50"]), (80, ["0", "50"])],
)
def test_no_page_is_asked_beyond_the_total(held: int, skips: list[str]) -> None:
    answer, server = ask(results(races(held)))
    assert server.values("skip") == skips
    assert summary(answer) == (held, held, held, None)


@pytest.mark.parametrize(("held", "skips"), [(50, ["0", "50"]), (100, ["0", "50", "100"])])
def test_a_full_page_that_reaches_the_total_is_looked_behind(held: int, skips: list[str]) -> None:
    answer, server = ask(results(races(held)))
    assert server.values("skip") == skips
    assert summary(answer) == (held, held, held, None)


@pytest.mark.parametrize(
    ("held", "total", "skips", "found"),
    [
        pytest.param(30, 10, ["0"], (30, 30, 10, None), id="too low"),
        pytest.param(60, 50, ["0", "50"], (60, 60, 50, None), id="that of the page"),
        pytest.param(120, 60, ["0", "50", "100"], (120, 120, 60, None), id="reached on the way"),
        pytest.param(30, 60, ["0", "30", "30"], (30, 30, 60, None), id="too high"),
        pytest.param(0, 60, ["0", "0"], (0, 0, 60, None), id="too high, and nothing there"),
        pytest.param(30, None, ["0", "30"], (30, 30, None, None), id="null"),
        pytest.param(60, None, ["0", "50", "60"], (60, 60, None, None), id="null, two pages"),
        pytest.param(50, None, ["0", "50"], (50, 50, None, None), id="null, a full page"),
        pytest.param(60, "60", ["0", "50", "60"], (60, 60, None, None), id="a text"),
        pytest.param(30, -1, ["0", "30"], (30, 30, None, None), id="negative"),
        pytest.param(30, 10**30, ["0", "30"], (30, 30, None, None), id="beyond any database"),
    ],
)
def test_a_wrong_total_is_kept_to_be_seen(
    held: int, total: object, skips: list[str], found: tuple[int, int, int | None, None]
) -> None:
    answer, server = ask(results(races(held), total=total))
    assert server.values("skip") == skips
    assert summary(answer) == found


def test_a_missing_total_is_no_total() -> None:
    def without_total(asked: Asked) -> Reply:
        page = page_of("results", races(60), asked)
        del page["total"]
        return Reply(page)

    answer, server = ask({RESULTS.path: without_total})
    assert server.values("skip") == ["0", "50", "60"]
    assert summary(answer) == (60, 60, None, None)


def test_a_page_empty_by_mistake_is_asked_for_again() -> None:
    empty = iter([True])

    def empty_once(asked: Asked) -> Reply:
        held = [] if asked["skip"] == "50" and next(empty, False) else races(120)
        return Reply(page_of("results", held, asked, total=120))

    answer, server = ask({RESULTS.path: empty_once})
    assert server.values("skip") == ["0", "50", "50", "100"]
    assert summary(answer) == (120, 120, 120, None)


def test_an_empty_page_ends_the_asking_and_leaves_rows_missing() -> None:
    def second_page_empty(asked: Asked) -> Reply:
        held = [] if asked["skip"] == "50" else races(120)
        return Reply(page_of("results", held, asked, total=120))

    answer, server = ask({RESULTS.path: second_page_empty})
    assert server.values("skip") == ["0", "50", "50"]
    assert summary(answer) == (50, 50, 120, None)


def test_a_page_sent_twice_counts_once() -> None:
    routes: dict[str, Route] = {RESULTS.path: lambda _: Reply({"results": races(50), "total": 100})}
    answer, server = ask(routes)
    assert server.values("skip") == ["0", "50", "0", "50"]  # read again: it may have been a slip
    assert summary(answer) == (200, 50, 100, None)


def test_a_server_that_ignores_skip_is_not_asked_for_ever() -> None:
    bodies = [Reply({"results": races(50)})] * 30
    answer, server = ask({RESULTS.path: in_turn(*bodies, Reply({"results": []}))})
    assert server.values("skip") == ["0", "50"]
    assert (answer.received, answer.total) == (50, None)


def test_records_without_an_id_count_each() -> None:
    held = [{"race_id": "rac_1"}, {"race_id": ""}, {"race_id": None}, {}, None, "x"]
    answer, _ = ask(results(held))
    assert summary(answer) == (6, 6, 6, None)


@pytest.mark.parametrize("odd", [["rac_1"], {"id": "rac_1"}, 0], ids=["list", "object", "zero"])
def test_an_id_of_a_strange_type_costs_no_day(odd: object) -> None:
    answer, _ = ask(results([{"race_id": odd}, {"race_id": "rac_2"}]))
    assert summary(answer) == (2, 2, 2, None)


NOTHING = {"results": [], "racecards": [], "courses": [], "total": 0, "id": "hrs_1"}
BROKEN = {
    "empty object": Reply({}),
    "list": Reply([]),
    "list of races": Reply(races(3)),
    "null": Reply(None),
    "number": Reply(5),
    "results null": Reply({"results": None, "racecards": None, "courses": None, "total": 0}),
    "results an object": Reply({"results": {}, "racecards": {}, "courses": {}}),
    "detail": Reply({"detail": "Something went wrong"}),
    "detail beside it": Reply({**NOTHING, "detail": "Something went wrong"}),
    "error beside it": Reply({**NOTHING, "error": {"code": 7}}),
    "HTML": Reply(HTML, headers={"Content-Type": "text/html"}),
    "nothing": Reply(b""),
    "JSON cut off": Reply(b'{"results": [{"race_id": "rac_1"}, {"race'),
    "connection cut off": Reply(b'{"results": [], "racecards": [], "courses": []', cut=10),
}


def _raise(answer: DayAnswer) -> None:
    assert answer.records == []
    if answer.error:
        raise answer.error


ASKING: dict[str, Callable[[RacingApi], object]] = {
    "/v1/courses": lambda api: api.listing(COURSES),
    "/v1/racecards/pro": lambda api: _raise(api.day(RACECARDS, DAY)),
    "/v1/results": lambda api: _raise(api.day(RESULTS, DAY)),
    "/v1/horses/hrs_1/pro": lambda api: api.record(HORSE_PRO, "hrs_1"),
}


EVERY_BROKEN_BODY = pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)


@EVERY_BROKEN_BODY
@pytest.mark.parametrize("path", ASKING)
def test_a_broken_body_is_unavailable_and_never_an_empty_day(path: str, broken: Reply) -> None:
    with serving({path: lambda _: broken}) as server:
        api = client(server.url)
        with pytest.raises(UnavailableError, match=path):
            ASKING[path](api)
    assert {asked.path for asked in server.asked} == {path}
    assert api.answered == set()


@EVERY_BROKEN_BODY
def test_a_broken_body_is_tried_five_times(broken: Reply) -> None:
    with serving({RESULTS.path: lambda _: broken}) as server:
        api = client(server.url)
        with suppress(Exception):
            api.day(RESULTS, DAY)
    assert server.values("skip") == ["0"] * 5
    assert (api.counts.calls, api.counts.retries) == (5, 4)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (5, "without an object"),
        ({}, "without a list of courses"),
        ({"courses": {}, "results": []}, "without a list of courses"),
        ({"courses": [], "error": "No\nidea."}, r"with an error: No\nidea"),
        ({"courses": [], "detail": [{"loc": ["q"], "msg": "odd"}]}, "with an error: q: odd"),
        ({"courses": [], "error": True}, "with an error"),
    ],
)
def test_what_a_body_lacks_is_told(body: object, told: str) -> None:
    with serving({"/v1/courses": lambda _: Reply(body)}) as server:
        api = client(server.url)
        with pytest.raises(UnavailableError) as caught:
            api.listing(COURSES)
    assert str(caught.value) == f"/v1/courses answered {told}, on every attempt."


@pytest.mark.parametrize("nothing", [None, False, "", [], {}], ids=str)
def test_an_error_that_is_none_is_no_error(nothing: object) -> None:
    answer, server = ask(results(races(3), error=nothing, detail=nothing))
    assert server.values("skip") == ["0"]
    assert summary(answer) == (3, 3, 3, None)


def test_a_broken_second_page_recovers() -> None:
    replies = iter([Reply(HTML), Reply({"results": []}, 503), Reply([])])

    def second_page_broken(asked: Asked) -> Reply:
        page = Reply(page_of("results", races(60), asked))
        return page if asked["skip"] == "0" else next(replies, page)

    answer, server = ask({RESULTS.path: second_page_broken})
    assert server.values("skip") == ["0", "50", "50", "50", "50"]
    assert summary(answer) == (60, 60, 60, None)


@pytest.mark.parametrize(
    ("fault", "tries", "error"),
    [
        (Reply({}, 503), 5, "/v1/results answered 503 on every attempt."),
        (Reply(reset=True), 5, "/v1/results gave no usable response (ConnectionError)."),
        (Reply({"detail": []}, 422), 1, "/v1/results answered 422: a parameter is out of range."),
    ],
    ids=["503", "reset", "422"],
)
def test_pages_that_came_are_kept_when_a_later_one_fails(
    fault: Reply, tries: int, error: str
) -> None:
    def second_page_missing(asked: Asked) -> Reply:
        return Reply(page_of("results", races(60), asked)) if asked["skip"] == "0" else fault

    answer, server = ask({RESULTS.path: second_page_missing})
    assert server.values("skip") == ["0", *["50"] * tries]
    assert (answer.records, answer.total, str(answer.error)) == (races(60)[:50], 60, error)
    assert status_of(answer, DAY, REGIONS) == (Status.PARTIAL, error)
