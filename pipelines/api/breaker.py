"""When to stop making requests: an interrupted run, a failing endpoint, a silent server."""

from __future__ import annotations

import threading
import time
from collections import Counter

from tenacity import RetryCallState

from pipelines.api.endpoints import Endpoint
from pipelines.errors import ApiError, NotFoundError, RefusedError, UnavailableError

FAILURES = 4
"""Calls in a row, each after its last try, after which an endpoint is given up for the run."""


class CircuitBreaker:
    """Counts failures, and ends waits and requests that have become pointless."""

    def __init__(self, silence_minutes: float) -> None:
        self.silence_minutes = silence_minutes
        self._stopped = threading.Event()
        self._is_silent = False
        self._answered_at = 0.0
        self._silent_since: float | None = None
        self._failures: Counter[str] = Counter()
        self._last: dict[str, ApiError] = {}
        self._lock = threading.Lock()

    def stop(self) -> None:
        """End every wait, now and later."""
        self._stopped.set()

    def sleep(self, seconds: float) -> None:
        """Wait; raises UnavailableError as soon as requests are stopped."""
        if self._stopped.wait(max(0.0, seconds)):
            raise UnavailableError("Requests were stopped.")

    def given_up(self, endpoint: Endpoint) -> UnavailableError | None:
        """Return why an endpoint is no longer requested, or None."""
        if self._stopped.is_set():
            return UnavailableError("Requests were stopped.")
        if self._is_silent:
            minutes = f"{self.silence_minutes:g} minutes"
            return UnavailableError(f"No response for {minutes}: no more requests in this run.")
        if self._failures[endpoint.name] >= FAILURES:
            last = self._last[endpoint.name]
            return UnavailableError(
                f"{last} Given up for this run after {FAILURES} failures in a row."
            )
        return None

    def note(self, endpoint: Endpoint, error: ApiError | None) -> None:
        """Count how a call ended; a refusal and a missing record are not failures."""
        is_absent = isinstance(error, NotFoundError) and not endpoint.records
        with self._lock:
            if not isinstance(error, UnavailableError):
                self._answered_at, self._silent_since = time.monotonic(), None
            if error is None or is_absent:
                self._failures[endpoint.name] = 0
            elif not isinstance(error, RefusedError):
                self._failures[endpoint.name] += 1
                self._last[endpoint.name] = error

    def is_silent(self, state: RetryCallState) -> bool:
        """Return, after a failed attempt, whether the server has been silent for too long."""
        with self._lock:
            if self._silent_since is None:
                self._silent_since = max(self._answered_at, state.start_time)
            silence = time.monotonic() + state.upcoming_sleep - self._silent_since
            self._is_silent = self._is_silent or silence > self.silence_minutes * 60
            return self._is_silent
