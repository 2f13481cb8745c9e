"""A server that misbehaves on the wire: what each fault costs, and what the user reads."""

from __future__ import annotations

import gzip
import json
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.api import bodies
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import HORSE_PRO, RACECARDS, RESULTS
from pipelines.api.room import SMALL, Room
from pipelines.errors import ApiError, UnavailableError
from tests.fake_api import (
    OK,
    Reply,
    bomb,
    client,
    cut_short,
    dripping,
    endless,
    in_turn,
    lift_ceilings,
    races,
    serving,
    silent,
)

DAY = date(2025, 10, 13)
DAYS = [DAY - timedelta(days=back) for back in range(30)]
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
EMPTY = Reply({"results": [], "racecards": [], "courses": [], "total": 0})


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    lift_ceilings(monkeypatch)
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "2")


def day(api: RacingApi, asked: date = DAY) -> list[Any]:
    answer = api.day(RESULTS, asked)
    if answer.error:
        raise answer.error
    return answer.records


SLOW: dict[str, Callable[[], Reply]] = {
    "never answers": silent,
    "a byte at a time in the status": lambda: dripping(b"", OK),
    "a byte at a time in the headers": lambda: dripping(OK, b"X-Slow: 1\r\n"),
    "a byte at a time in the body": lambda: dripping(OK + b"Content-Length: 999\r\n\r\n", b" "),
    "a byte at a time in chunks": lambda: dripping(CHUNKED, b"1\r\n \r\n"),
    "a byte at a time without a length": lambda: dripping(OK + b"\r\n", b"{}"),
    "continue, for ever": lambda: endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "trailers, for ever": lambda: endless(CHUNKED + b"0\r\n", b"X: 1\r\n"),
    "an empty gzip, for ever": lambda: endless(
        OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 100
    ),
}


@pytest.mark.parametrize("slow", SLOW.values(), ids=SLOW)
def test_a_try_that_does_not_finish_costs_its_seconds(slow: Callable[[], Reply]) -> None:
    with serving({RESULTS.path: lambda _: slow()}) as server:
        api = client(server.url, call_seconds=0.3)
        with cut_short(), pytest.raises(UnavailableError) as caught:
            day(api)
    assert str(caught.value) == "/v1/results did not finish in 0.3 s, on every attempt."
    assert (len(server.asked), api.counts.retries) == (2, 1)


def test_a_server_that_is_slow_once_is_asked_again() -> None:
    with serving(
        {RESULTS.path: in_turn(silent(), Reply({"results": races(3), "total": 3}))}
    ) as server:
        assert day(client(server.url, call_seconds=0.3)) == races(3)


def test_a_connection_cut_in_one_call_serves_no_other() -> None:
    slow_first = in_turn(dripping(OK + b"Content-Length: 99\r\n\r\n", b" "), EMPTY)
    with serving({RESULTS.path: slow_first, RACECARDS.path: lambda _: EMPTY}) as server:
        api = client(server.url, call_seconds=0.3)
        assert api.day(RACECARDS, DAY).error is None
        assert day(api) == []
    assert api.counts.retries == 1


def test_no_clock_runs_on_after_its_call() -> None:
    with serving({RESULTS.path: lambda _: EMPTY}) as server:
        before = threading.active_count()
        assert day(client(server.url)) == []
        time.sleep(0.1)
        assert threading.active_count() <= before + 1  # the server's


def test_waiting_for_ones_turn_is_not_time_used() -> None:
    with serving({RESULTS.path: lambda _: EMPTY}) as server:
        api = client(server.url, call_seconds=0.3, requests_per_second=4)
        answers = list(api.ask_all(lambda asked: day(api, asked), DAYS[:6]))
    assert [answer for _, answer in answers] == [[]] * 6
    assert api.counts.retries == 0


BOMB = bomb(100)
LARGE: dict[str, Callable[[], Reply]] = {
    "an endless body": lambda: endless(OK + b"\r\n", b" " * 60_000),
    "endless chunks": lambda: endless(CHUNKED, b"ea60\r\n" + b" " * 60_000 + b"\r\n"),
    "one chunk of a terabyte": lambda: endless(CHUNKED + b"e8d4a51000\r\n", b" " * 60_000),
    "a terabyte announced": lambda: endless(
        OK + b"Content-Length: 1000000000000\r\n\r\n", b" " * 60_000
    ),
    "a gzip bomb": lambda: BOMB,
    "an endless gzip bomb": lambda: endless(
        OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b" " * 10_000_000)
    ),
}


@pytest.mark.parametrize("large", LARGE.values(), ids=LARGE)
def test_an_answer_that_is_too_large_is_left_before_it_fills_the_memory(
    large: Callable[[], Reply],
) -> None:
    with serving({RESULTS.path: lambda _: large()}) as server:
        api = client(server.url, answer_megabytes=1)
        tracemalloc.start()
        try:
            with cut_short(), pytest.raises(UnavailableError) as caught:
                day(api)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert str(caught.value) == "/v1/results sent more than 1 MB, on every attempt."
    assert peak < 12_000_000  # what the server holds included
    assert len(server.asked) == 2


def flood(record: bytes, number: int) -> Reply:
    """Make an answer of so many small records, compressed to nearly nothing."""
    records = b",".join([record] * number)
    body = gzip.compress(b'{"results": [%b], "total": %d}' % (records, number), compresslevel=1)
    return Reply(body, headers={"Content-Encoding": "gzip"})


FLOODS = {"objects": b"{}", "lists": b"[]", "numbers": b"1", "nested": b'{"race_id":{"a":[{}]}}'}


@pytest.mark.parametrize("record", FLOODS.values(), ids=FLOODS)
def test_json_that_takes_too_much_memory_is_left_before_it_is_read(record: bytes) -> None:
    reply = flood(record, 20_000_000 // (len(record) + 1))
    with serving({RESULTS.path: lambda _: reply}) as server:
        api = client(server.url)
        tracemalloc.start()
        try:
            with pytest.raises(UnavailableError) as caught:
                day(api)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    told = "/v1/results sent JSON that takes more than 100 MB of memory, on every attempt."
    assert str(caught.value) == told
    assert peak < 70_000_000  # of 20 MB, read piece by piece into one that grows


def test_a_page_of_more_records_than_a_page_may_have_is_no_page() -> None:
    with serving({RESULTS.path: lambda _: flood(b"{}", 501)}) as server:
        with pytest.raises(UnavailableError) as caught:
            day(client(server.url))
        assert len(server.asked) == 2
    assert str(caught.value) == (
        "/v1/results sent 501 results, more than a page may have, on every attempt."
    )


def test_large_answers_are_read_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once: list[int] = []
    reading: set[int] = set()
    parse = bodies.parse

    def slowly(content: bytes) -> Any:
        reading.add(threading.get_ident())
        at_once.append(len(reading))
        time.sleep(0.02)
        reading.discard(threading.get_ident())
        return parse(content)

    monkeypatch.setattr(bodies, "parse", slowly)
    large = Reply(b'{"results": [%b], "total": 0}' % (b" " * SMALL))
    with serving({RESULTS.path: lambda _: large}) as server:
        api = client(server.url, parallel_calls=4)
        api.answered.add("results")
        answers = list(api.ask_all(lambda asked: day(api, asked), DAYS[:4]))
    assert [answer for _, answer in answers] == [[]] * 4
    assert max(at_once) == 1


def test_who_waits_for_room_stops_when_all_asking_stops() -> None:
    release = threading.Event()

    def stopped() -> None:
        raise UnavailableError("stopped")

    room = Room(stopped)

    def hold() -> None:
        room.take(SMALL + 1)
        release.wait(5)
        room.free()

    holder = threading.Thread(target=hold)
    holder.start()
    with pytest.raises(UnavailableError, match="stopped"):
        while True:
            room.take(SMALL + 1)
            room.free()
    room.take(SMALL)  # is there for everybody
    release.set()
    holder.join()
    room.take(SMALL + 1)
    room.take(SMALL + 2)
    room.free()


def deflated(content: bytes) -> Reply:
    return Reply(zlib.compress(content), headers={"Content-Encoding": "deflate"})


@pytest.mark.parametrize(
    ("reply", "encoding"),
    [(bomb(1, times=2), "gzip, gzip"), (bomb(1, times=5), "gzip, gzip, gzip, gzip, gzip"),
     (deflated(b"{}"), "deflate")],
    ids=["twice", "five times", "another"],
)  # fmt: skip
def test_an_encoding_nobody_asked_for_is_not_read(reply: Reply, encoding: str) -> None:
    with serving({RESULTS.path: lambda _: reply}) as server, pytest.raises(ApiError) as caught:
        day(client(server.url))
    assert (
        str(caught.value) == f"/v1/results answered in the encoding {encoding!r}, on every attempt."
    )


def test_a_compressed_answer_below_the_limit_is_read() -> None:
    content = gzip.compress(
        json.dumps({"results": races(3), "total": 3, "x": "y" * 900_000}).encode()
    )
    reply = Reply(content, headers={"Content-Encoding": "gzip"})
    with serving({RESULTS.path: lambda _: reply}) as server:
        assert day(client(server.url, answer_megabytes=1)) == races(3)


ODD = {
    "no HTTP": Reply(raw=[b"hello\r\n\r\n"]),
    "a thousand headers": Reply(raw=[OK, b"X: 1\r\n" * 1000, b"\r\n"]),
    "an endless header": Reply(raw=[OK, b"X: ", b"1" * 200_000]),
    "two lengths": Reply(raw=[OK, b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"]),
    "a chunk without a size": Reply(raw=[CHUNKED, b"?\r\n{}\r\n"]),
    "a chunk cut off": Reply(raw=[CHUNKED, b"10\r\n{}"]),
    "no gzip": Reply(b"{}", headers={"Content-Encoding": "gzip"}),
    "gzip cut off": Reply(gzip.compress(b"{}" * 99)[:20], headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_what_is_no_answer_is_tried_again_and_then_unavailable(odd: Reply) -> None:
    with serving({RESULTS.path: lambda _: odd}) as server, pytest.raises(UnavailableError):
        day(client(server.url))
    assert len(server.asked) == 2


@pytest.mark.parametrize("location", ["http://[::1", "//", "\x00", "file:///etc/passwd", ""])
def test_a_redirect_to_nowhere_is_told(location: str) -> None:
    moved = Reply(b"", 302, {"Location": location})
    with serving({RESULTS.path: lambda _: moved}) as server, pytest.raises(ApiError) as caught:
        day(client(server.url))
    assert str(caught.value) == "/v1/results answered 302, which this software does not expect."


# Bodies that are JSON, and hostile


def results(records: bytes, total: int = 1) -> Reply:
    return Reply(b'{"results": [%b], "total": %d}' % (records, total))


HOSTILE = {
    "nested 100,000 deep": results(b'{"race_id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "nested 500 deep": results(b'{"race_id": ' + b"[" * 500 + b"]" * 500 + b"}"),
    "not closed": results(b"[" * 100_000),
    "not UTF-8": results(b'{"race_id": "\xff\xfe"}'),
    "null": Reply({"results": None}),
    "a byte order mark and nothing": Reply(b"\xef\xbb\xbf"),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_body_is_unavailable_and_never_a_crash(hostile: Reply) -> None:
    with serving({RESULTS.path: lambda _: hostile}) as server, pytest.raises(UnavailableError):
        day(client(server.url))
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        pytest.param(b"9" * 10_000, float("inf"), id="10,000 digits"),
        pytest.param(b"-" + b"9" * 10_000, float("-inf"), id="minus 10,000 digits"),
        pytest.param(b"9" * 30, int("9" * 30), id="30 digits"),
        pytest.param(b"Infinity", float("inf"), id="infinite"),
        pytest.param(b"1e999", float("inf"), id="overflowing"),
        pytest.param(b'"\\ud800"', "\ud800", id="half a character"),
    ],
)
def test_one_absurd_value_costs_no_day(sent: bytes, read: object) -> None:
    reply = results(b'{"race_id": "rac_1", "prize": %b}' % sent)
    with serving({RESULTS.path: lambda _: reply}) as server:
        assert day(client(server.url)) == [{"race_id": "rac_1", "prize": read}]


def test_a_byte_order_mark_is_no_fault() -> None:
    reply = Reply(b"\xef\xbb\xbf" + json.dumps({"results": races(1), "total": 1}).encode())
    with serving({RESULTS.path: lambda _: reply}) as server:
        assert day(client(server.url)) == races(1)


def test_a_body_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    parse = bodies.parse

    def counted(content: bytes) -> Any:
        parsed.append(content)
        return parse(content)

    monkeypatch.setattr(bodies, "parse", counted)
    profile = Reply({"id": "hrs_1"})
    with serving({RESULTS.path: lambda _: EMPTY, ".*/pro": lambda _: profile}) as server:
        api = client(server.url)
        day(api)
        api.record(HORSE_PRO, "hrs_1")
    assert len(parsed) == 2
