"""The rate limit: never more than N starts in any second, over everything and for each path."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

HEADROOM = 1.02
"""Starts are spaced this much wider than the limit, so that jitter on the way to the server does
not put N + 1 of them into one of its seconds."""


class Pace:
    """Hands out start times: evenly spaced over everything, and for each path by its own rate.

    The vendor limits each path and we limit the sum, so one start must be free in both at once,
    which the usual limiters, one bucket after the other, cannot promise.
    """

    def __init__(
        self,
        per_second: float,
        *,
        path_limits: bool = True,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.per_second, self.path_limits = per_second, path_limits
        self._sleep = sleep
        self._free: dict[str, float] = {}
        self._held_until = 0.0
        self._lock = threading.Lock()

    def hold(self, seconds: float) -> None:
        """Let no call start for a while: the server has said when to come back."""
        self._held_until = max(self._held_until, time.monotonic() + seconds)

    def check(self) -> None:
        """Let the function that sleeps say that there is nothing to wait for any more."""
        self._sleep(0.0)

    def wait(self, path: str, ceiling: float) -> None:
        """Sleep until a call of this path may start.

        Sleeps with the lock held: the next start is reckoned from when this one really was.
        """
        with self._lock:
            free = max(self._free.get("", 0.0), self._free.get(path, 0.0))
            self.check()
            while (left := max(free, self._held_until) - time.monotonic()) > 0:
                self._sleep(left)
            start = time.monotonic()
            self._free[""] = start + HEADROOM / self.per_second
            if self.path_limits:
                self._free[path] = start + HEADROOM / ceiling
