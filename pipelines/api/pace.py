"""The rate limit: at most N calls started in any second, in total and for each path."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import inf
from typing import Final

MOST_LATENESS: Final = 0.05
"""Seconds by which a second is taken to be longer: jitter on the way to the server must not put
N + 1 starts into one of its seconds."""
LEAST_LATENESS: Final = 0.006
"""The same behind a call whose answer came so soon that it cannot have been late."""
WAITS: Final = 5
"""Waits that tell how busy the machine is: on a busy one we wake up late, and calls arrive late."""
TIMES_LATER: Final = 3
"""How many times as late as we woke up after these a call may arrive."""
TRIPS_TO_KNOW: Final = 10
"""Answers of a path after which it is known how quick one is that nothing holds up."""
EVENNESS: Final = 0.9
"""Part of an even gap that lies between two starts at least, whatever has come late before."""
EVERYTHING: Final = ""


class UnusedTurnError(ConnectionError):
    """Raised when a turn was not used: nothing was sent."""


@dataclass
class Start:
    """A call that was sent: when, and how much later than others it may have arrived."""

    moment: float = 0.0
    lateness: float = inf


class Pace:
    """Hands out turns: evenly spaced, in total and per path at its own rate.

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
        self.path_limits = path_limits
        self._sleep = sleep
        self._windows = {EVERYTHING: _Window(per_second)}
        self._trips: dict[str, _Trips] = {}
        self._held_until = 0.0
        self._overslept: tuple[float, ...] = ()
        """Seconds that the last waits took too long."""
        self._lock = threading.Lock()

    def hold(self, seconds: float) -> None:
        """Let no call start for a while, because the server said when to come back."""
        self._held_until = max(self._held_until, time.monotonic() + seconds)

    def check(self) -> None:
        """Let the sleep function raise if there is nothing left to wait for."""
        self._sleep(0.0)

    @contextmanager
    def turn(self, path: str, ceiling: float) -> Iterator[Start]:
        """Sleep until a call of this path may start; it has started when the context ends.

        Yields the start, of which `answered` wants to hear.

        A path waits at its own limit first: the others may go on. The limits are locked until the
        call has left, which may be later than it was allowed to while other threads of this program
        are at work: what comes after is reckoned from then. A turn is for the next one if it ends
        with UnusedTurnError.
        """
        windows = self._windows_of(path, ceiling)
        with ExitStack() as locked:
            for window in windows:
                locked.enter_context(window.lock)
                self._wait_for(window)
            start, is_used = Start(), True
            try:
                yield start
            except UnusedTurnError:
                is_used = False
                raise
            finally:
                start.moment = time.monotonic()
                for window in windows if is_used else ():
                    window.note(start)

    def answered(self, path: str, start: Start) -> None:
        """Learn from a response how late its call may have arrived: by how much longer it took."""
        trips = self._trips.setdefault(path, _Trips())
        start.lateness = trips.lateness(time.monotonic() - start.moment)

    def _wait_for(self, window: _Window) -> None:
        self.check()
        while (left := self._time_of(window) - time.monotonic()) > 0:
            began = time.monotonic()
            self._sleep(left)
            overslept = time.monotonic() - began - left
            self._overslept = (*self._overslept[1 - WAITS :], overslept)

    def _time_of(self, window: _Window) -> float:
        lateness = max((MOST_LATENESS, *(TIMES_LATER * late for late in self._overslept)))
        return max(window.free(lateness), self._held_until)

    def _windows_of(self, path: str, ceiling: float) -> list[_Window]:
        """Return the limits of a call, its path's own before that of all."""
        if not self.path_limits:
            return [self._windows[EVERYTHING]]
        with self._lock:
            own = self._windows.setdefault(path, _Window(ceiling))
        return [own, self._windows[EVERYTHING]]


class _Window:
    """The last starts under one limit: as many as one second may have."""

    def __init__(self, per_second: float) -> None:
        self.lock = threading.Lock()
        self._per_second, self._most = per_second, max(1, int(per_second))
        self._starts = deque[Start](maxlen=self._most)
        self._length = self._most / per_second

    def free(self, most_lateness: float) -> float:
        """Return from when one more call may start, given how late a call may arrive."""
        if not self._starts:
            return 0.0
        even = self._starts[-1].moment + EVENNESS / self._per_second
        if len(self._starts) < self._most:
            return even
        first = self._starts[0]
        lateness = min(max(first.lateness, LEAST_LATENESS), most_lateness)
        return max(even, first.moment + (1 + lateness) * self._length)

    def note(self, start: Start) -> None:
        """Note a start."""
        self._starts.append(start)


class _Trips:
    """How long the calls of one path take."""

    def __init__(self) -> None:
        self._heard, self._quickest = 0, inf

    def lateness(self, seconds: float) -> float:
        """Return by how much a call may have arrived later than others, answered after so long."""
        self._heard += 1
        self._quickest = min(self._quickest, seconds)
        return seconds - self._quickest if self._heard > TRIPS_TO_KNOW else inf
