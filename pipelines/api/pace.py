"""The rate limit: never more than N starts in any second, over everything and for each path."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

HEADROOM = 1.02
"""Starts are spaced this much wider than the limit, so that jitter on the way to the server does
not put N + 1 of them into one of its seconds."""


class Pace:
    """Hands out start times: evenly spaced over everything, and for each path by its own rate.

    The vendor limits each path and we limit the sum, so one start must be free in both at once,
    which the usual limiters, one bucket after the other, cannot promise.
    """

    def __init__(self, per_second: float, *, path_limits: bool = True) -> None:
        self.per_second, self.path_limits = per_second, path_limits
        self._free: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, path: str, ceiling: float) -> None:
        """Sleep until a call of this path may start."""
        with self._lock:
            now = time.monotonic()
            start = max(now, self._free.get("", now), self._free.get(path, now))
            self._free[""] = start + HEADROOM / self.per_second
            if self.path_limits:
                self._free[path] = start + HEADROOM / ceiling
        time.sleep(start - now)


class PacedAdapter(HTTPAdapter):
    """Lets every attempt, retries included, wait for its turn, and counts it."""

    def __init__(self, pace: Pace, path: str, ceiling: float, on_call: Callable[[], None]) -> None:
        self._pace, self._path, self._ceiling, self._on_call = pace, path, ceiling, on_call
        super().__init__(pool_maxsize=50)

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Send the request when its turn has come."""
        self._pace.wait(self._path, self._ceiling)
        self._on_call()
        return super().send(request, *args, **kwargs)
