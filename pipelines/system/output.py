"""Standard output and standard error that never raise: what cannot be written is left out.

A full disk under a log, a closed terminal, a letter it cannot show, a pipe that nobody reads: none
of these may affect what is loaded, or the exit code.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Final, TextIO

from pipelines.system.readiness import HAS_POLL, is_ready

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PIECE: Final = 4096
"""Bytes that a pipe with any room takes at once."""
PATIENCE: Final = 10.0
"""Seconds that a reader who does not read may hold up a run, once."""


class Output(io.RawIOBase):
    """A descriptor to write to, without ever raising."""

    patience: ClassVar[float | None] = None
    """Seconds to wait for a reader; None waits for as long as it takes."""

    def __init__(self, descriptor: int) -> None:
        self.error: OSError | None = None
        """Why output was lost; None where the reader merely closed its end."""
        self._descriptor, self._is_held_up = descriptor, False

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        """Always writable."""
        return True

    def write(self, data: ReadableBuffer) -> int:
        """Write the beginning of the data, or drop all of it; return how much is done."""
        view = memoryview(data)
        try:
            if self._wait():
                return os.write(self._descriptor, view[:PIECE])
        except BrokenPipeError:
            pass
        except OSError as error:
            self.error = error
        return len(view)

    def _wait(self) -> bool:
        """Wait until it can be written to, for a limited time."""
        seconds = 0.0 if self._is_held_up else self.patience
        can_write = not HAS_POLL or is_ready(self._descriptor, seconds)
        self._is_held_up = not can_write
        return can_write


@contextmanager
def safe_output() -> Iterator[None]:
    """Let nothing that is printed from now on fail; say at the end what standard output lost."""
    for descriptor in (0, 1, 2):  # whatever is opened next would be printed into
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    output = _output_of(sys.stdout)
    sys.stdout = _text(output, sys.stdout, "replace")
    sys.stderr = _text(_output_of(sys.stderr), sys.stderr, "backslashreplace")
    yield
    sys.stdout.flush()
    if output.error:
        sys.stderr.write(f"pipeline: some of the output is lost: {output.error.strerror}\n")


def _output_of(stream: TextIO | None) -> Output:
    # None is one that was closed when Python started.
    return Output(stream.fileno() if stream else os.open(os.devnull, os.O_WRONLY))


def _text(output: Output, like: TextIO | None, errors: str) -> TextIO:
    encoding = like.encoding if like else "utf-8"
    buffer = io.BufferedWriter(output)
    return io.TextIOWrapper(buffer, encoding=encoding, errors=errors, line_buffering=True)


@contextmanager
def not_held_up() -> Iterator[None]:
    """Do not wait for a reader of the output inside this block."""
    Output.patience = PATIENCE
    try:
        yield
    finally:
        Output.patience = None
