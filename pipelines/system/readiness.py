"""Waiting until something can be read or written, on systems with and without poll."""

from __future__ import annotations

import select
from typing import Final

HAS_POLL: Final = hasattr(select, "poll")


def is_ready(descriptor: int, seconds: float | None, *, to_read: bool = False) -> bool:
    """Wait some seconds, or for ever, until a descriptor is ready; return whether it is."""
    if HAS_POLL:
        waiting = select.poll()
        waiting.register(descriptor, select.POLLIN if to_read else select.POLLOUT)
        return bool(waiting.poll(None if seconds is None else max(0.0, seconds) * 1000))
    reading, writing = ([descriptor], []) if to_read else ([], [descriptor])
    return any(select.select(reading, writing, [], seconds))
