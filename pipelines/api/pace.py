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
        """Sleep until a call of this path may start.

        Sleeps with the lock held: the next start is reckoned from when this one really was.
        """
        with self._lock:
            free = max(self._free.get("", 0.0), self._free.get(path, 0.0))
            time.sleep(max(0.0, free - time.monotonic()))
            start = time.monotonic()
            self._free[""] = start + HEADROOM / self.per_second
            if self.path_limits:
                self._free[path] = start + HEADROOM / ceiling


class PacedAdapter(HTTPAdapter):
    """Lets every attempt, retries included, wait for its turn, and counts it.

    The wait comes after the connection is open: a handshake would put the start off, and with the
    next ones on time there would be too many in one second.
    """

    def __init__(self, pace: Pace, path: str, ceiling: float, on_call: Callable[[], None]) -> None:
        self._pace, self._path, self._ceiling, self._on_call = pace, path, ceiling, on_call
        self._paced: dict[type[Any], type[Any]] = {}
        super().__init__(pool_maxsize=50)

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Count the request and send it."""
        self._on_call()
        return super().send(request, *args, **kwargs)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return a pool whose connections wait for their turn before they send."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        if pool.ConnectionCls not in self._paced.values():
            pool.ConnectionCls = self._paced.setdefault(
                pool.ConnectionCls, self._make_paced(pool.ConnectionCls)
            )
        return pool

    def _make_paced(self, kind: type[Any]) -> type[Any]:
        def request(connection: Any, *args: Any, **kwargs: Any) -> None:
            if connection.is_closed:
                connection.connect()
            self._pace.wait(self._path, self._ceiling)
            if not connection.is_connected:
                connection.close()  # dropped while it waited: sending opens it again
            kind.request(connection, *args, **kwargs)

        return type(f"Paced{kind.__name__}", (kind,), {"request": request})
