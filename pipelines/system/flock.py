"""Locks on open files, on systems that have them: Windows does not."""

from __future__ import annotations

from typing import BinaryIO, Final

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

HAS_LOCKS: Final = fcntl is not None


def lock(content: BinaryIO) -> None:
    """Lock a file until it is closed; raises BlockingIOError if another has it, or OSError."""
    if fcntl is None:
        raise OSError("this system has no such locks")
    fcntl.flock(content, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_locked(descriptor: int) -> bool | None:
    """Return whether another process has locked a file, by sharing the lock; None if unknown."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
