"""A Racing API in miniature, over real HTTP: routes are functions, and it can misbehave."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest

from pipelines.api.answers import DayAnswer, Page
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import PATHS, Endpoint
from pipelines.settings import Settings

HTML = b"<html><body>Just a moment...</body></html>"
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER for a connection that is reset, not closed."""


@dataclass(frozen=True)
class Asked:
    """A request, with the moment it arrived on the monotonic clock."""

    path: str
    params: tuple[tuple[str, str], ...]
    arrived: float

    def __getitem__(self, name: str) -> str:
        return dict(self.params)[name]


@dataclass(frozen=True)
class Reply:
    """What is sent back: bytes as they are, anything else as JSON."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0
    """Bytes that are announced and never sent."""
    reset: bool = False
    """The connection is reset instead of an answer."""
    raw: Iterable[bytes] | None = None
    """Sent as they are, headers included, with pauses between them, instead of all the rest."""
    pause: float = 0.0


Route = Callable[[Asked], Reply]


class FakeApi:
    """What the server answers, and what it was asked."""

    def __init__(self, routes: Mapping[str, Route]) -> None:
        self.routes = dict(routes)
        """Patterns of whole paths; the first that fits answers."""
        self.url = ""
        self.asked: list[Asked] = []
        self.sockets: set[socket.socket] = set()
        self.lock = threading.Lock()
        self.is_over = threading.Event()

    @property
    def questions(self) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
        """Path and parameters of each request, in the order they arrived."""
        return [(asked.path, asked.params) for asked in self.asked]

    def values(self, name: str) -> list[str]:
        """What each request said for one parameter."""
        return [asked[name] for asked in self.asked]

    def reply(self, asked: Asked) -> Reply:
        """Record a request and answer it."""
        with self.lock:
            self.asked.append(asked)
        for pattern, route in self.routes.items():
            if re.fullmatch(pattern, asked.path):
                return route(asked)
        return Reply({"detail": "Not Found"}, 404)


@contextmanager
def serving(routes: Mapping[str, Route], idle_seconds: float | None = None) -> Iterator[FakeApi]:
    """Serve on a free port of 127.0.0.1 until the block ends, and leave no thread behind.

    A connection that is idle for so many seconds is dropped.
    """
    fake = FakeApi(routes)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = idle_seconds
        disable_nagle_algorithm = True
        wbufsize = -1

        def setup(self) -> None:
            super().setup()
            with fake.lock:
                fake.sockets.add(self.connection)

        def finish(self) -> None:
            with suppress(OSError):
                super().finish()
            with fake.lock:
                fake.sockets.discard(self.connection)

        def do_GET(self) -> None:
            arrived = time.monotonic()
            parts = urlsplit(self.path)
            self._send(fake.reply(Asked(parts.path, tuple(parse_qsl(parts.query)), arrived)))

        def _send(self, reply: Reply) -> None:
            if reply.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.close_connection = reply.reset or reply.cut > 0
            if reply.reset:
                return
            if reply.raw is not None:
                self._send_raw(reply)
                return
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + reply.cut))
            self.end_headers()
            self.wfile.write(body)

        def _send_raw(self, reply: Reply) -> None:
            self.close_connection = True
            for piece in reply.raw or ():
                self.wfile.write(piece)
                self.wfile.flush()
                if fake.is_over.wait(reply.pause):
                    return

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = False  # closing waits for them
        request_queue_size = 128

        def handle_error(self, *_: Any) -> None:
            """Clients that hang up are part of the tests."""

        def shutdown_request(self, request: Any) -> None:
            if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == RESET:
                request.close()  # without the polite FIN
            else:
                super().shutdown_request(request)

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        fake.url = f"http://127.0.0.1:{server.server_port}"
        yield fake
    finally:
        fake.is_over.set()
        server.shutdown()
        thread.join()
        with fake.lock:
            for connection in fake.sockets:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        server.server_close()


LONG: Final = 60.0
"""Seconds that a silent server waits: no test means to sit through them."""


@contextmanager
def cut_short() -> Iterator[None]:
    """Fail a block that waits for what would take LONG or for ever, however busy the machine is."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < LONG / 2


def lift_ceilings(monkeypatch: pytest.MonkeyPatch, ceiling: float = 1000) -> None:
    """Let every path go faster than the vendor's own limits for it."""
    lifted = {name: replace(endpoint, ceiling=ceiling) for name, endpoint in PATHS.items()}
    monkeypatch.setattr("pipelines.api.session.PATHS", lifted)


def client(url: str, **settings: Any) -> RacingApi:
    """Make a client for a server, fast unless a setting says otherwise."""
    chosen = {"username": "somebody", "password": "sesame", "requests_per_second": 1000, **settings}
    return RacingApi(Settings(base_url=url, **chosen))


def answer_of(endpoint: Endpoint, day: date, *bodies: Any) -> DayAnswer:
    """Make the answer for a day that came in these pages."""
    pages = [Page(endpoint, json.dumps(body).encode()) for body in bodies]
    return DayAnswer(endpoint, day, pages)


def races(number: int) -> list[dict[str, Any]]:
    """Make so many different races."""
    return [{"race_id": f"rac_{count}"} for count in range(number)]


def page_of(
    name: str, records: list[Any], asked: Asked, cap: int = 500, **envelope: Any
) -> dict[str, Any]:
    """Make the page a request asks for, as the vendor's server would."""
    limit, skip = min(int(asked["limit"]), cap), int(asked["skip"])
    echo = [list(pair) for pair in asked.params]
    page = {"total": len(records), "limit": limit, "skip": skip, "query": echo}
    return {name: records[skip : skip + limit], **page, **envelope}


OK = b"HTTP/1.1 200 OK\r\n"


def silent() -> Reply:
    """Make an answer that never begins."""
    return Reply(raw=[b""], pause=LONG)


def dripping(head: bytes, sent: bytes, pause: float = 0.02) -> Reply:
    """Make an answer whose end never comes: byte by byte, the same again and again."""
    drops = (bytes([byte]) for byte in itertools.cycle(sent))
    return Reply(raw=itertools.chain([head], drops), pause=pause)


def endless(head: bytes, piece: bytes) -> Reply:
    """Make an answer that goes on with the same piece for ever, as fast as it is taken."""
    return Reply(raw=itertools.chain([head], itertools.repeat(piece)))


def bomb(megabytes: int, times: int = 1) -> Reply:
    """Make an answer of so many megabytes of blanks, compressed so many times."""
    body = b" " * (megabytes * 1_000_000)
    for _ in range(times):
        body = gzip.compress(body)
    return Reply(body, headers={"Content-Encoding": ", ".join(["gzip"] * times)})


def in_turn(*replies: Reply) -> Route:
    """Make a route that gives one reply after the other, the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]
