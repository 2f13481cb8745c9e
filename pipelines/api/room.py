"""Memory for the bodies parsed at once: small ones at any time, large ones in turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

SMALL: Final = 16_000_000
"""Bytes that each thread may take at any time: a day's cards are 1 to 4 MB of JSON."""
AS_OBJECTS: Final = 4
"""Times the size of JSON that it usually takes when it has been read."""
SECONDS_BETWEEN_CHECKS: Final = 0.2


class Room:
    """Lets one thread at a time read a body that takes more than a small one."""

    def __init__(self, check: Callable[[], None]) -> None:
        """Take a function that raises when there is nothing left to wait for."""
        self._check = check
        self._large = threading.Lock()
        self._holder: int | None = None

    def is_wanted(self, size: int) -> bool:
        """Return whether this thread has to wait before it may hold this much memory."""
        return size > SMALL and self._holder != threading.get_ident()

    def take(self, size: int) -> None:
        """Wait until this thread may hold this many bytes."""
        if not self.is_wanted(size):
            return
        while not self._large.acquire(timeout=SECONDS_BETWEEN_CHECKS):
            self._check()
        self._holder = threading.get_ident()

    def free(self) -> None:
        """Release what this thread held, for the next one."""
        if self._holder == threading.get_ident():
            self._holder = None
            self._large.release()
