"""SIGTERM and Ctrl-C: one exception in the main thread, and an end within ten seconds."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

LAST_SECONDS: Final = 6.0
"""After so long the process ends even if a thread still waits for a database or a server."""
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
IN_DUCKDB: Final = "dlt.destinations.impl.duckdb"
"""Where the stop waits for the end of a query: DuckDB, cut short by an exception, can be left in a
state in which the next connection is waited for in vain."""
IMPORTING: Final = "<frozen importlib"
"""Files that are DuckDB's too, where it looks for libraries: no error leaves that."""
SECONDS_BETWEEN: Final = 0.05
"""How long until a stop that could not be raised, or was lost, comes again."""


class Interruption(KeyboardInterrupt):
    """The run must stop; the exit code is the shell's for the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number, self.exit_code = number, 128 + number


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise Interruption at the first signal; the process then has a few seconds left."""
    tell = sys.unraisablehook
    stop = _Stop(tell)
    before = {number: signal.signal(number, stop) for number in SIGNALS}
    sys.unraisablehook = stop.lost
    try:
        yield
    finally:
        sys.unraisablehook = tell
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def unmasked() -> Iterator[None]:
    """Raise Interruption instead of an error that it caused, such as a query ended by a signal."""
    try:
        yield
    except Exception as error:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, KeyboardInterrupt):
                raise cause from None
            cause = cause.__cause__ or cause.__context__
        raise


class _Stop:
    """The signal handler, in the main thread."""

    def __init__(self, tell: Callable[[sys.UnraisableHookArgs], object]) -> None:
        self._is_counting, self._tell = False, tell

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if not self._is_counting:
            self._is_counting = True
            _in(LAST_SECONDS, os._exit, 128 + number)
        while frame and frame.f_code.co_filename.startswith(IMPORTING):
            frame = frame.f_back
        if frame and frame.f_globals["__name__"].startswith(IN_DUCKDB):
            _come_again(number)
            return
        for other in SIGNALS:
            signal.signal(other, signal.SIG_IGN)
        raise Interruption(number)

    def lost(self, unraisable: sys.UnraisableHookArgs) -> None:
        """Handle an error in a finalizer, where it is lost: raise an interruption again later."""
        stop = unraisable.exc_value
        if not isinstance(stop, Interruption):
            self._tell(unraisable)
            return
        for number in SIGNALS:
            signal.signal(number, self)
        _come_again(stop.number)


def _come_again(number: int) -> None:
    if hasattr(signal, "pthread_kill"):
        _in(SECONDS_BETWEEN, signal.pthread_kill, threading.main_thread().ident, number)
    else:  # Windows
        _in(SECONDS_BETWEEN, _thread.interrupt_main, number)


def _in(seconds: float, action: Callable[..., object], *arguments: object) -> None:
    timer = threading.Timer(seconds, action, arguments)
    timer.daemon = True
    timer.start()
