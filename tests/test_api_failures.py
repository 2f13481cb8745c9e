"""A call that fails: how often it is tried, how long is waited, what the user reads."""

from __future__ import annotations

import base64
import logging
import time
import tomllib
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from dlt.common import logger as dlt_logger
from requests.exceptions import ChunkedEncodingError, ContentDecodingError
from requests_mock import Mocker

from pipelines.api.breaker import CircuitBreaker
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import COURSES, HORSE_PRO, RACECARDS, RESULTS
from pipelines.errors import AccessError, ApiError, NotFoundError, RefusedError, UnavailableError
from tests.fake_api import (
    HTML,
    Asked,
    Reply,
    client,
    in_turn,
    lift_ceilings,
    page_of,
    races,
    serving,
)

URL = "https://api.test"
DAY = date(2025, 10, 13)
GOOD = {"json": {"results": [], "racecards": [], "courses": [], "total": 0, "id": "hrs_1"}}
JITTER = 1.0


def _day(api: RacingApi, endpoint: Any) -> None:
    error = api.day(endpoint, DAY).error
    if error:
        raise error


ASKING: dict[str, Callable[[RacingApi], object]] = {
    "/v1/courses": lambda api: api.listing(COURSES),
    "/v1/racecards/pro": lambda api: _day(api, RACECARDS),
    "/v1/results": lambda api: _day(api, RESULTS),
    "/v1/horses/hrs_1/pro": lambda api: api.record(HORSE_PRO, "hrs_1"),
}
EVERY_PATH = pytest.mark.parametrize("path", ASKING)
EVERY_LIST = pytest.mark.parametrize("path", list(ASKING)[:3])


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give the patience of the defaults and record what would have been waited between tries."""
    monkeypatch.delenv("RUNTIME__REQUEST_BACKOFF_FACTOR")
    monkeypatch.delenv("RUNTIME__REQUEST_MAX_RETRY_DELAY")
    lift_ceilings(monkeypatch)
    recorded: list[float] = []
    monkeypatch.setattr(
        CircuitBreaker, "sleep", lambda _, seconds: recorded.append(seconds) if seconds else None
    )
    return recorded


def error_of(path: str, api: RacingApi) -> ApiError:
    with pytest.raises(ApiError) as caught:
        ASKING[path](api)
    return caught.value


def mocked(server: Mocker, path: str, *answers: dict[str, Any]) -> RacingApi:
    server.get(URL + path, list(answers))
    return client(URL)


def is_jittered(waited: list[float], expected: list[float]) -> bool:
    pairs = zip(waited, expected, strict=True)
    return all(wished <= real <= wished + JITTER for real, wished in pairs)


BODIES = pytest.mark.parametrize(
    "body", [{"json": {"detail": "?"}}, {"content": HTML}, {}], ids=["JSON", "HTML", "nothing"]
)


NOT_THE_VENDORS: dict[str, dict[str, Any]] = {
    "a block page": {"content": HTML},
    "nothing": {},
    "JSON of another": {"json": {"message": "Forbidden"}},
    "a list": {"json": ["detail"]},
    "JSON cut off": {"content": b'{"detail": "Pro Pl'},
}
ACCESS = (
    "the credentials are wrong, the plan does not cover this path, or a bill is unpaid; "
    "see your account at The Racing API."
)


@EVERY_PATH
@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ("Pro Plan required", " It says: Pro Plan required."),
        ("Not\n\x1b[2Jyours.", r" It says: Not\n\x1b[2Jyours."),
        ("", ""),
        (None, ""),
        ({"code": 7}, ""),
    ],
    ids=["words", "control characters", "empty", "null", "object"],
)
@pytest.mark.parametrize("status", [401, 403])
def test_no_access_in_the_vendors_words_is_told_with_its_causes_and_not_retried(
    status: int,
    detail: object,
    words: str,
    path: str,
    requests_mock: Mocker,
    waits: list[float],
) -> None:
    api = mocked(requests_mock, path, {"status_code": status, "json": {"detail": detail}})
    error = error_of(path, api)
    assert type(error) is AccessError
    assert str(error) == f"{path} answered {status}: {ACCESS}{words}"
    assert (requests_mock.call_count, api.counts.retries, waits) == (1, 0, [])


@EVERY_PATH
@pytest.mark.parametrize("body", NOT_THE_VENDORS.values(), ids=NOT_THE_VENDORS)
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 418, 422])
def test_a_refusal_in_other_words_than_the_vendors_passes_and_is_tried_five_times(
    status: int, body: dict[str, Any], path: str, requests_mock: Mocker, waits: list[float]
) -> None:
    api = mocked(requests_mock, path, {"status_code": status, **body})
    error = error_of(path, api)
    assert type(error) is UnavailableError
    told = f"{path} answered {status} with a page that is not the API's own, on every attempt."
    hint = " If this continues, set SOURCES__RACING_API__USER_AGENT."
    assert str(error) == told + (hint if status in (401, 403) else "")
    assert (requests_mock.call_count, api.counts.retries) == (5, 4)
    assert is_jittered(waits, [2, 4, 8, 16])


@EVERY_PATH
@pytest.mark.parametrize("status", [401, 403])
def test_a_block_page_that_goes_away_costs_a_moment(
    status: int, path: str, requests_mock: Mocker, waits: list[float]
) -> None:
    blocked = {"status_code": status, "content": HTML}
    ASKING[path](mocked(requests_mock, path, blocked, blocked, GOOD))
    assert (requests_mock.call_count, len(waits)) == (3, 2)


def test_a_block_page_for_a_horse_says_nothing_of_its_profile(requests_mock: Mocker) -> None:
    api = mocked(requests_mock, "/v1/horses/hrs_1/pro", {"status_code": 404, "content": HTML})
    with pytest.raises(UnavailableError):
        api.record(HORSE_PRO, "hrs_1")


@EVERY_LIST
def test_nothing_there_is_not_retried(path: str, requests_mock: Mocker, waits: list[float]) -> None:
    answer = {"status_code": 404, "json": {"detail": "Not Found"}}
    error = error_of(path, mocked(requests_mock, path, answer))
    assert type(error) is NotFoundError
    assert str(error) == f"{path} answered 404: there is nothing at this address."
    assert (requests_mock.call_count, waits) == (1, [])


TOO_EARLY = {"loc": ["query", "start_date"], "msg": "too early", "type": "value_error"}
NO_WORDS = "a parameter is out of range"


@EVERY_PATH
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"json": {"detail": [TOO_EARLY]}}, "start_date: too early"),
        ({"json": {"detail": [TOO_EARLY] * 2}}, "start_date: too early; start_date: too early"),
        ({"json": {"detail": "too early"}}, "too early"),
        ({"json": {"detail": None}}, NO_WORDS),
        ({"json": {"detail": []}}, NO_WORDS),
        ({"json": {"detail": [{"loc": [], "msg": "?"}]}}, "?"),
        ({"json": {"detail": ["too early", None]}}, NO_WORDS),
    ],
    ids=["one", "two", "text", "null", "empty", "no place", "texts"],
)
def test_a_refused_parameter_is_told_in_the_vendors_words_and_not_retried(
    body: dict[str, Any], words: str, path: str, requests_mock: Mocker, waits: list[float]
) -> None:
    error = error_of(path, mocked(requests_mock, path, {"status_code": 422, **body}))
    assert type(error) is RefusedError
    assert str(error) == f"{path} answered 422: {words}."
    assert (requests_mock.call_count, waits) == (1, [])


@pytest.mark.parametrize("parameter", ["limit", "region", "region_codes"])
def test_a_parameter_that_every_call_has_refuses_no_day(
    parameter: str, requests_mock: Mocker, waits: list[float]
) -> None:
    detail = [{"loc": ["query", parameter], "msg": "too high"}]
    refusal = {"status_code": 422, "json": {"detail": detail}}
    error = error_of(RESULTS.path, mocked(requests_mock, RESULTS.path, refusal))
    assert type(error) is ApiError
    assert str(error) == f"/v1/results answered 422: {parameter}: too high."
    assert (requests_mock.call_count, waits) == (1, [])


def test_a_refusal_is_not_longer_than_a_line_or_two(requests_mock: Mocker) -> None:
    detail = [{"loc": ["query", "region"], "msg": "x" * 5000}]
    api = mocked(requests_mock, RESULTS.path, {"status_code": 422, "json": {"detail": detail}})
    assert len(str(error_of(RESULTS.path, api))) < 400


@EVERY_PATH
@BODIES
@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failing_server_is_tried_five_times(
    status: int, body: dict[str, Any], path: str, requests_mock: Mocker, waits: list[float]
) -> None:
    api = mocked(requests_mock, path, {"status_code": status, **body})
    error = error_of(path, api)
    assert type(error) is UnavailableError
    assert str(error) == f"{path} answered {status} on every attempt."
    assert (requests_mock.call_count, api.counts.retries) == (5, 4)
    assert is_jittered(waits, [2, 4, 8, 16])


@EVERY_PATH
@BODIES
def test_too_fast_is_tried_five_times(
    body: dict[str, Any], path: str, requests_mock: Mocker
) -> None:
    error = error_of(path, mocked(requests_mock, path, {"status_code": 429, **body}))
    assert type(error) is UnavailableError
    assert str(error) == f"{path} answered 429 (too many requests) on every attempt."
    assert requests_mock.call_count == 5


@EVERY_PATH
@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_server_that_recovers_on_the_third_try_has_answered(
    status: int, path: str, requests_mock: Mocker, waits: list[float]
) -> None:
    api = mocked(requests_mock, path, *[{"status_code": status}] * 2, GOOD)
    ASKING[path](api)
    assert (requests_mock.call_count, api.counts.retries) == (3, 2)
    assert is_jittered(waits, [2, 4])


def _in(**later: int) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(**later), usegmt=True)


@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [
        pytest.param(lambda: "7", 7, id="seconds"),
        pytest.param(lambda: _in(seconds=60), 58, id="a date"),
        pytest.param(lambda: _in(seconds=-60), 2, id="in the past"),
        pytest.param(lambda: "0", 2, id="now"),
        pytest.param(lambda: "-5", 2, id="negative"),
        pytest.param(lambda: "99999999999", 300, id="absurd"),
        pytest.param(lambda: _in(days=4000), 300, id="an absurd date"),
        pytest.param(lambda: "9" * 5000, 2, id="thousands of digits"),
        pytest.param(lambda: "Mon, 13 Oct 99999 10:00:00 GMT", 2, id="beyond the calendar"),
        pytest.param(lambda: "soon", 2, id="no number"),
        pytest.param(lambda: "1.5", 2, id="a fraction"),
        pytest.param(lambda: "", 2, id="empty"),
        pytest.param(lambda: None, 2, id="absent"),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed_and_capped(
    status: int,
    retry_after: Callable[[], str | None],
    expected: float,
    requests_mock: Mocker,
    waits: list[float],
) -> None:
    value = retry_after()
    headers = {} if value is None else {"Retry-After": value}
    refused = {"status_code": status, "headers": headers}
    ASKING[RESULTS.path](mocked(requests_mock, RESULTS.path, refused, GOOD))
    tolerance = 2 if expected == 58 else 0
    assert len(waits) == 1
    assert expected <= waits[0] <= expected + JITTER + tolerance


def test_the_waits_between_tries_differ(requests_mock: Mocker, waits: list[float]) -> None:
    for _ in range(5):
        ASKING[RESULTS.path](mocked(requests_mock, RESULTS.path, {"status_code": 503}, GOOD))
    assert len(set(waits)) == 5


def test_the_patience_is_dlts_setting(
    requests_mock: Mocker, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "2")
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0")
    error_of(RESULTS.path, mocked(requests_mock, RESULTS.path, {"status_code": 503}))
    assert (requests_mock.call_count, waits) == (2, [])


@EVERY_PATH
@pytest.mark.parametrize(
    "fault",
    [
        requests.ConnectionError,
        requests.ConnectTimeout,
        requests.ReadTimeout,
        ChunkedEncodingError,
        ContentDecodingError,
    ],
)
def test_a_connection_that_breaks_is_tried_five_times(
    fault: type[Exception], path: str, requests_mock: Mocker, waits: list[float]
) -> None:
    api = mocked(requests_mock, path, {"exc": fault("https://somebody:sesame@api.test")})
    error = error_of(path, api)
    assert type(error) is UnavailableError
    assert str(error) == f"{path} gave no usable response ({fault.__name__})."
    assert (requests_mock.call_count, api.counts.retries) == (5, 4)
    assert is_jittered(waits, [2, 4, 8, 16])


@EVERY_PATH
def test_a_connection_that_breaks_twice_has_answered(path: str, requests_mock: Mocker) -> None:
    broken: list[dict[str, Any]] = [{"exc": requests.ConnectionError}, {"content": b'{"a": '}]
    api = mocked(requests_mock, path, *broken, GOOD)
    ASKING[path](api)
    assert (requests_mock.call_count, api.counts.retries) == (3, 2)


def test_calls_and_retries_are_counted_where_they_arrive() -> None:
    faults = [Reply(reset=True), Reply(HTML), Reply({}, 429, {"Retry-After": "1"})]
    with serving({RESULTS.path: in_turn(*faults, Reply(GOOD["json"]))}) as server:
        api = client(server.url)
        assert api.day(RESULTS, DAY).error is None
        assert api.day(RESULTS, DAY).error is None
    assert len(server.asked) == 5
    assert (api.counts.calls, api.counts.retries, api.answered) == (5, 3, {"results"})


def test_a_server_that_stalls_is_left_after_the_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def stall_once(asked: Asked) -> Reply:
        if len(server.asked) == 1:
            time.sleep(0.6)
        return Reply(page_of("results", races(1), asked))

    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "0.2")
    with serving({RESULTS.path: stall_once}) as server:
        api = client(server.url)
        assert api.day(RESULTS, DAY).records == races(1)
    assert (api.counts.calls, api.counts.retries) == (2, 1)


def test_a_server_that_is_not_there_is_unavailable(waits: list[float]) -> None:
    with serving({}) as server:
        pass
    error = error_of(RESULTS.path, client(server.url))
    address = server.url.removeprefix("http://")
    told = f"/v1/results cannot be fetched: {address} refuses the connection:"
    assert str(error).startswith(told)
    assert len(waits) == 4


@EVERY_PATH
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_told_and_not_followed(status: int, path: str) -> None:
    with serving({"/elsewhere": lambda _: Reply(GOOD["json"])}) as other:
        moved = Reply(HTML, status, {"Location": f"{other.url}/elsewhere"})
        with serving({path: lambda _: moved}) as server:
            error = error_of(path, client(server.url))
    assert str(error) == f"{path} answered {status}, which this software does not expect."
    assert (len(server.asked), other.asked) == (1, [])


@EVERY_PATH
@pytest.mark.parametrize("status", [400, 402, 418])
def test_a_status_nobody_has_described_is_told(
    status: int, path: str, requests_mock: Mocker
) -> None:
    answer = {"status_code": status, "json": {"detail": "Teapot"}}
    error = error_of(path, mocked(requests_mock, path, answer))
    assert str(error) == f"{path} answered {status}, which this software does not expect: Teapot."
    assert requests_mock.call_count == 1


@EVERY_PATH
@pytest.mark.parametrize("status", [202, 204, 206])
def test_a_success_that_is_no_answer_is_tried_five_times(
    status: int, path: str, requests_mock: Mocker
) -> None:
    error = error_of(path, mocked(requests_mock, path, {"status_code": status}))
    assert type(error) is UnavailableError
    assert (
        str(error) == f"{path} answered {status}, which is not a usable response, on every attempt."
    )
    assert requests_mock.call_count == 5


SECRET = "grand-national-1839"
FAULTS = {
    **{str(status): Reply({"detail": "?"}, status) for status in (401, 403, 404, 422, 429, 500)},
    "reset": Reply(reset=True),
    "HTML": Reply(HTML),
    "cut": Reply(b"{", cut=5),
    "elsewhere": Reply(HTML, 302, {"Location": "/elsewhere"}),
    "fine": Reply(GOOD["json"]),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_password_is_sent_and_shows_nowhere(
    fault: Reply, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dlt_logger, "LOGGER", logging.getLogger("as_dlt_would"))
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    with serving({".*": lambda _: fault}) as server:
        api = client(server.url, username="somebody", password=SECRET)
        for ask in ASKING.values():
            try:
                shown.append(repr(ask(api)))
            except ApiError as error:
                shown += [repr(error), str(error), *traceback.format_exception(error)]
    shown += [repr(api), str(api), repr(api.settings), str(api.settings), repr(api.counts)]
    shown += [caplog.text, *(repr(vars(record)) for record in caplog.records)]
    encoded = base64.b64encode(f"somebody:{SECRET}".encode()).decode()
    assert caplog.records
    assert not [text for text in shown if SECRET in text or encoded in text]


def test_every_call_says_which_software_it_comes_from(
    requests_mock: Mocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (Path(__file__).parent.parent / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    requests_mock.get(URL + RESULTS.path, [GOOD])
    ASKING[RESULTS.path](client(URL))
    ASKING[RESULTS.path](client(URL, user_agent="Mozilla/5.0 (X11)"))
    sent = [request.headers["User-Agent"] for request in requests_mock.request_history]
    assert sent == [f"racing-pipelines/{version}", "Mozilla/5.0 (X11)"]


def test_the_credentials_go_with_every_call(requests_mock: Mocker) -> None:
    api = mocked(requests_mock, RESULTS.path, {"status_code": 503}, GOOD)
    ASKING[RESULTS.path](api)
    sent = [request.headers["Authorization"] for request in requests_mock.request_history]
    assert sent == ["Basic " + base64.b64encode(b"somebody:sesame").decode()] * 2
