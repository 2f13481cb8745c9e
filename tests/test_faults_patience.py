"""When asking ends: a run that is stopped, a server that says wait, one that fails for good."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from pipelines.api.answers import DayAnswer
from pipelines.api.breaker import FAILURES
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import COURSES, HORSE_PRO, RACECARDS, RESULTS
from pipelines.errors import AccessError, NotFoundError, UnavailableError
from tests.fake_api import (
    HTML,
    OK,
    Asked,
    Reply,
    Route,
    client,
    cut_short,
    dripping,
    in_turn,
    lift_ceilings,
    page_of,
    serving,
    silent,
)

pytestmark = pytest.mark.usefixtures("tables_there")

DAY = date(2025, 10, 13)
DAYS = [DAY - timedelta(days=back) for back in range(30)]
EMPTY = Reply({"results": [], "racecards": [], "courses": [], "total": 0})


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    lift_ceilings(monkeypatch)
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "2")


def ask_days(api: RacingApi, days: list[date] = DAYS) -> list[DayAnswer]:
    return [answer for _, answer in api.ask_all(lambda day: api.day(RESULTS, day), days)]


WAITS: dict[str, Route] = {
    "for an answer": lambda _: silent(),
    "for the rest of a body": lambda _: dripping(OK + b"Content-Length: 9999\r\n\r\n", b" "),
    "as Retry-After says": lambda _: Reply({}, 503, {"Retry-After": "200"}),
    "to try again": lambda _: Reply({}, 503),
}


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as long as the defaults do."""
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "5")
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "100")
    monkeypatch.delenv("RUNTIME__REQUEST_MAX_RETRY_DELAY")


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("route", WAITS.values(), ids=WAITS)
def test_stopping_ends_every_wait_and_asks_nothing_more(route: Route) -> None:
    with serving({RESULTS.path: route}) as server:
        api = client(server.url, parallel_calls=4)
        api.answered.add("courses")
        threading.Timer(0.4, api.stop).start()
        with cut_short():
            answers = ask_days(api)
        api.stop()
        asked = len(server.asked)
        again = api.day(RACECARDS, DAY)
        time.sleep(0.1)
    assert {str(answer.error) for answer in answers} == {"Requests were stopped."}
    assert (len(answers), str(again.error)) == (30, "Requests were stopped.")
    assert asked == len(server.asked) <= 4


def test_a_last_try_that_is_stopped_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "1")
    with serving({RESULTS.path: lambda _: silent()}) as server:
        api = client(server.url)
        threading.Timer(0.3, api.stop).start()
        with cut_short():
            assert str(api.day(RESULTS, DAY).error) == "Requests were stopped."


def test_stopping_ends_the_wait_for_ones_turn() -> None:
    with serving({RESULTS.path: lambda _: EMPTY}) as server:
        api = client(server.url, requests_per_second=0.01)
        threading.Timer(0.3, api.stop).start()
        with cut_short():
            answers = ask_days(api)
    assert [str(answer.error) for answer in answers] == ["None", *["Requests were stopped."] * 29]


INTERRUPTED = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
from datetime import date, timedelta
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import RESULTS
from pipelines.settings import load_settings

api = RacingApi(load_settings())
api.answered.add("courses")
days = [date(2025, 10, 13) - timedelta(days=back) for back in range(30)]
try:
    for _ in api.ask_all(lambda day: api.day(RESULTS, day), days):
        pass
except KeyboardInterrupt:
    sys.exit(7)
"""


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("route", WAITS.values(), ids=WAITS)
@pytest.mark.slow
def test_an_interruption_ends_the_program_at_once(route: Route) -> None:
    with serving({RESULTS.path: route}) as server:
        settings = {"USERNAME": "somebody", "PASSWORD": "sesame", "BASE_URL": server.url}
        named = {f"SOURCES__RACING_API__{name}": value for name, value in settings.items()}
        root = str(Path(__file__).parent.parent)
        program = subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED], env={**os.environ, **named, "PYTHONPATH": root}
        )
        while not server.asked and program.poll() is None:
            time.sleep(0.05)
        time.sleep(0.3)
        program.send_signal(signal.SIGINT)
        with cut_short():
            assert program.wait(10) == 7


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interruption_stops_what_is_under_way(interruption: type[BaseException]) -> None:
    def ask(_: int) -> None:
        raise interruption

    api = client("http://127.0.0.1:9")
    with pytest.raises(interruption):
        list(api.ask_all(ask, range(9)))
    assert str(api.given_up(RESULTS)) == "Requests were stopped."


def test_a_bug_ends_the_asking_and_is_raised() -> None:
    asked: list[int] = []

    def ask(question: int) -> int:
        asked.append(question)
        return question // (3 - question)

    with pytest.raises(ZeroDivisionError):
        list(client("http://127.0.0.1:9").ask_all(ask, range(10_000)))
    assert len(asked) < 10_000


def test_too_fast_holds_back_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNTIME__REQUEST_MAX_RETRY_DELAY")
    too_fast = in_turn(EMPTY, Reply({}, 429, {"Retry-After": "1"}), EMPTY)
    with serving({".*": too_fast}) as server:
        api = client(server.url, requests_per_second=10, parallel_calls=4)
        api.listing(COURSES)
        ask_days(api, DAYS[:4])
    moments = [asked.arrived for asked in server.asked]
    assert len(moments) == 6
    assert moments[2] - moments[1] >= 0.95  # 0.1 without the hint


# Giving up


def test_an_endpoint_that_keeps_failing_is_left_alone_and_others_are_not() -> None:
    with serving(
        {RESULTS.path: lambda _: Reply({}, 503), RACECARDS.path: lambda _: EMPTY}
    ) as server:
        api = client(server.url, parallel_calls=1)
        answers = ask_days(api)
        assert len(server.asked) == 2 * FAILURES
        assert api.day(RACECARDS, DAY).error is None
    reason = "/v1/results answered 503 on every attempt."
    given_up = f"{reason} Given up for this run after {FAILURES} failures in a row."
    assert [str(answer.error) for answer in answers] == [reason] * FAILURES + [given_up] * 26
    assert (str(api.given_up(RESULTS)), api.given_up(RACECARDS)) == (given_up, None)


def test_a_path_that_is_not_there_is_left_alone() -> None:
    with serving({}) as server:
        api = client(server.url, parallel_calls=1)
        answers = ask_days(api)
    assert len(server.asked) == FAILURES
    assert [type(answer.error) for answer in answers] == (
        [NotFoundError] * FAILURES + [UnavailableError] * 26
    )


def test_horses_without_a_profile_are_no_failure() -> None:
    with serving({}) as server:
        api = client(server.url)
        horses = [f"hrs_{number}" for number in range(20)]
        answers = [answer for _, answer in api.ask_all(partial(api.record, HORSE_PRO), horses)]
    assert [answer.record for answer in answers] == [None] * 20
    assert len(server.asked) == 40


def test_refused_days_are_no_failure() -> None:
    with serving({RESULTS.path: lambda _: Reply({"detail": "?"}, 401)}) as server:
        api = client(server.url, parallel_calls=1)
        answers = ask_days(api)
    assert len(server.asked) == 30
    assert {type(answer.error) for answer in answers} == {AccessError}


def test_days_refused_by_a_block_page_are_failures() -> None:
    with serving({RESULTS.path: lambda _: Reply(HTML, 403)}) as server:
        api = client(server.url, parallel_calls=1)
        answers = ask_days(api)
    assert len(server.asked) == 2 * FAILURES
    assert {type(answer.error) for answer in answers} == {UnavailableError}


def test_an_answer_in_between_is_a_new_start() -> None:
    asked_days: list[str] = []

    def failing(asked: Asked) -> Reply:
        asked_days.append(asked["start_date"])
        is_fine = len(set(asked_days)) % FAILURES == 0
        return Reply(page_of("results", [], asked)) if is_fine else Reply({}, 503)

    with serving({RESULTS.path: failing}) as server:
        api = client(server.url, parallel_calls=1)
        answers = ask_days(api)
    assert [answer.error is None for answer in answers] == [
        number % FAILURES == 0 for number in range(1, 31)
    ]


def test_a_server_that_stays_silent_ends_all_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "5")
    with serving({".*": lambda _: silent()}) as server:
        api = client(server.url, call_seconds=0.2, silence_minutes=0.01, parallel_calls=2)
        with cut_short(), pytest.raises(UnavailableError, match="did not finish"):
            api.listing(COURSES)
        asked = len(server.asked)
        answers = ask_days(api)
    told = "No response for 0.01 minutes: no more requests in this run."
    assert {str(answer.error) for answer in answers} == {str(api.given_up(COURSES))} == {told}
    assert asked == len(server.asked) <= 4
