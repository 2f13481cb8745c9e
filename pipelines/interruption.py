"""SIGTERM and Ctrl-C: one exception in the main thread, and an end within ten seconds."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

LAST_SECONDS: Final = 6.0
"""After so long the process ends even if a thread still waits for a database or a server."""
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interruption(KeyboardInterrupt):
    """The run is to stop; the exit code is the shell's for the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise Interruption at the first signal; what comes after it has a few seconds left."""
    before = {number: signal.signal(number, _interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def unmasked() -> Iterator[None]:
    """Raise the stop that an error comes from: a query or a connection that a signal ends fails."""
    try:
        yield
    except Exception as error:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, KeyboardInterrupt):
                raise cause from None
            cause = cause.__cause__ or cause.__context__
        raise


def _interrupt(number: int, frame: FrameType | None) -> None:
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    last = threading.Timer(LAST_SECONDS, os._exit, [128 + number])
    last.daemon = True
    last.start()
    raise Interruption(number)
