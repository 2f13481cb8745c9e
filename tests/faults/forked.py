"""Processes that begin with everything imported: forked from one that has done nothing else.

Importing is a quarter of a small run. All else is as in a process that was started by name, which
the tests of the command itself do.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any, Final

import pytest

PROJECT: Final = Path(__file__).parent.parent.parent
CONTEXT: Final = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.faults.imported"])


class Process:
    """A running process, with what the tests need of `subprocess.Popen`."""

    def __init__(
        self,
        main: Callable[[Sequence[str]], None],
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        output: Path,
    ) -> None:
        _ensure_server()
        what = (main, list(arguments), dict(environment), folder, output)
        self._process: ForkServerProcess = CONTEXT.Process(target=_begin, args=what)
        self._process.start()
        assert self._process.pid
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, or the negative signal, or None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int:
        """Wait for the end; raises TimeoutExpired."""
        self._process.join(seconds)
        code = self.poll()
        if code is None:
            raise TimeoutExpired(str(self.pid), seconds or 0)
        return code

    def kill(self) -> None:
        """Kill it, if it runs."""
        self.send_signal(signal.SIGKILL)

    def send_signal(self, sign: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, sign)


class Workers:
    """Stands in for the context of `pipelines.system.workers`: its processes are forked too."""

    Pipe = staticmethod(CONTEXT.Pipe)

    @staticmethod
    def Process(  # noqa: N802 - as multiprocessing has it
        target: Callable[..., None], args: tuple[Any, ...], *, daemon: bool
    ) -> ForkServerProcess:
        """Return a process with the environment of this one, to be started."""
        _ensure_server()
        given = (dict(os.environ), target, args)
        return CONTEXT.Process(target=_work, args=given, daemon=daemon)


def _work(
    environment: Mapping[str, str], target: Callable[..., None], arguments: tuple[Any, ...]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    target(*arguments)


def _ensure_server() -> None:
    """Start the process to fork from, which imports from where its PYTHONPATH says."""
    path = os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", path)
        forkserver.ensure_running()


def _begin(
    main: Callable[[Sequence[str]], None],
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    output: Path,
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    stream = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(stream, sys.stdout.fileno())
    os.dup2(stream, sys.stderr.fileno())
    os.close(stream)
    main(arguments)
