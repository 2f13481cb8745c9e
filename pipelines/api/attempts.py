"""One attempt at a call: its time limit, its size limit, and how to end it from outside.

The timeout of requests applies between bytes, so a server sending one byte per second could hold a
call for ever. Here each attempt has one deadline for everything, and ending it shuts its socket
down, which wakes the thread that reads from it.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from requests import RequestException, Response

from pipelines.api.room import AS_OBJECTS, Room

PIECE: int = 2**16
"""Bytes read, and decompressed, at a time."""
LONGEST_ERROR: int = 100_000
"""Bytes of a body that are read where the status is not 200: enough for what an error says."""
ENCODINGS = ("", "identity", "gzip", "x-gzip")
"""Accepted compressions of a body; no other is requested, nor several at once."""


class UnusableAnswerError(RequestException):
    """A response that cannot be used; the message is the end of a sentence about a path."""


class Attempt:
    """One attempt: a clock, and a second handle on the socket it uses."""

    def __init__(self, seconds: float) -> None:
        self.is_cut = False
        self._left = seconds
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._run_clock()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock: waiting for a turn does not count towards the time limit."""
        self._stop_clock()
        try:
            yield
        finally:
            self._run_clock()

    def watch(self, used: socket.socket) -> None:
        """Shut this socket down if the attempt is cut; if TLS wraps it, the copy stays valid."""
        with self._lock:
            self._let_go()
            self._socket = socket.socket(fileno=os.dup(used.fileno()))
            self._shut_if_cut()

    def cut(self) -> None:
        """End the attempt, from any thread."""
        with self._lock:
            self.is_cut = True
            self._shut_if_cut()

    def end(self) -> None:
        """Release the socket, which may serve another call."""
        self._stop_clock()
        with self._lock:
            self._let_go()

    def _run_clock(self) -> None:
        self._started = time.monotonic()
        self._timer = threading.Timer(max(0.0, self._left), self.cut)
        self._timer.daemon = True
        self._timer.start()

    def _stop_clock(self) -> None:
        self._timer.cancel()
        self._left -= time.monotonic() - self._started

    def _shut_if_cut(self) -> None:
        if self.is_cut and self._socket:
            with suppress(OSError):  # the other side was faster
                self._socket.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        if self._socket:
            self._socket.close()
            self._socket = None


class Attempts:
    """The attempts under way, one per thread."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._running: dict[int, Attempt] = {}

    @contextmanager
    def attempt(self) -> Iterator[Attempt]:
        """Begin this thread's attempt, and end it."""
        attempt = self._running[threading.get_ident()] = Attempt(self.seconds)
        try:
            yield attempt
        finally:
            del self._running[threading.get_ident()]
            attempt.end()

    @property
    def mine(self) -> Attempt:
        """This thread's attempt."""
        return self._running[threading.get_ident()]

    def cut_all(self) -> None:
        """End every attempt that is under way."""
        for attempt in list(self._running.values()):
            attempt.cut()


def read_body(response: Response, megabytes: float, attempt: Attempt, room: Room) -> bytes:
    """Read and decompress a body piece by piece; raises UnusableAnswerError if it is too large.

    Waiting for memory for a large one does not count towards the time limit.
    """
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ENCODINGS:
        raise UnusableAnswerError(f"answered in the encoding {encoding[:40]!r}")
    body = bytearray()
    for piece in response.iter_content(PIECE):
        body += piece
        if response.status_code != 200 and len(body) > LONGEST_ERROR:
            response.close()
            break
        if len(body) > megabytes * 1_000_000:
            body.clear()  # an error that is kept keeps this function's variables too
            raise UnusableAnswerError(f"sent more than {megabytes:g} MB")
        if room.is_wanted(AS_OBJECTS * len(body)):
            with attempt.paused():
                room.take(AS_OBJECTS * len(body))
    return bytes(body)
