"""A clock that can be set, and that may run faster than real time."""

import threading
import time
from datetime import datetime, timedelta

from pipelines.sandbox.formats import LONDON


class Clock:
    """The time of a sandbox: from a start, a number of seconds per second; at 0 it stands still."""

    def __init__(self, start: datetime, speed: float = 1.0) -> None:
        self.speed = speed
        self._lock = threading.Lock()
        self.set(start)

    def set(self, moment: datetime) -> None:
        """Set the time, in UK time unless it has an offset."""
        start = moment if moment.tzinfo else moment.replace(tzinfo=LONDON)
        with self._lock:
            self._start, self._since = start.astimezone(LONDON), time.monotonic()

    def now(self) -> datetime:
        """Return the time, in UK time."""
        with self._lock:
            passed = (time.monotonic() - self._since) * self.speed
            return (self._start + timedelta(seconds=passed)).astimezone(LONDON)
