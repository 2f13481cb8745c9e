"""Windows and macOS: nothing breaks where a part of Linux is missing."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from pipelines.database import lock
from pipelines.sandbox import SandboxOptions, running
from pipelines.system import files, flock, memory, output, readiness
from pipelines.system import signals as interruption
from tests.jobs import point_to

WITHOUT = """
import ctypes, pkgutil, select, signal, sys
sys.modules["fcntl"] = None
del select.poll, signal.pthread_kill
known = ctypes.CDLL
class Library(known):
    def __init__(self, name, *more, **named):
        if name is None:
            raise TypeError("bad argument type for built-in operation")
        super().__init__(name, *more, **named)
ctypes.CDLL = Library
"""
EVERYTHING = (
    WITHOUT
    + """
import pipelines
from importlib import import_module
for module in pkgutil.walk_packages(pipelines.__path__, "pipelines."):
    if not module.name.endswith(("__main__", "ask.server")):  # mcp wants fcntl, but on Windows
        import_module(module.name)
print("imported")
"""
)
COMMAND = (
    WITHOUT
    + """
from pipelines.cli.app import main
main()
"""
)


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_every_module_is_imported_where_parts_are_missing() -> None:
    told = python(EVERYTHING)
    assert (told.returncode, told.stdout) == (0, "imported\n"), told.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("tables_there")
def test_a_run_works_where_parts_are_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with running(SandboxOptions(limits=False, scale=0.02)) as sandbox:
        point_to(monkeypatch, sandbox.url)
        arguments = "run --mode manual --table ra_mst_courses"
        told = python(COMMAND, *arguments.split())
    assert told.returncode == 0, told.stdout + told.stderr
    assert "complete" in told.stdout.splitlines()
    assert (tmp_path / "racing_data.duckdb.lock.holder").read_text() == ""


def test_a_file_is_closed_before_it_is_renamed_where_it_has_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "RENAMES_OPEN_FILES", False)
    monkeypatch.setattr(flock, "fcntl", None)
    open_when_renamed: list[bool] = []
    rename = Path.replace

    def watched(unfinished: Path, file: Path) -> Path:
        open_when_renamed.append(not written.closed)
        return rename(unfinished, file)

    monkeypatch.setattr(Path, "replace", watched)
    with files.whole(tmp_path / "report.json") as written:
        written.write(b"whole")
    assert open_when_renamed == [False]
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    files.remove_unfinished(tmp_path, "*.json")  # nobody can tell what is being written
    assert (tmp_path / "report.json").read_bytes() == b"whole"


def test_the_holder_of_a_lock_is_written_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flock, "fcntl", None)
    monkeypatch.setattr(lock, "HAS_LOCKS", False)
    path = tmp_path / "racing_data.duckdb"
    assert lock.holder_of(path) is None
    with FileLock(tmp_path / "racing_data.duckdb.lock"):
        (tmp_path / "racing_data.duckdb.lock.holder").write_text("daily since noon")
        found = lock.holder_of(path)
    assert found and found[0] == "daily since noon"
    assert lock.holder_of(path) is None


def test_output_is_written_without_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "HAS_POLL", False)
    reading, writing = os.pipe()
    assert output.Output(writing).write(b"told") == 4
    assert os.read(reading, 10) == b"told"
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("has_poll", [True, False])
def test_waiting_ends_when_something_comes_or_time_is_over(
    has_poll: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "HAS_POLL", has_poll)
    reading, writing = os.pipe()
    assert readiness.is_ready(writing, 0)
    assert not readiness.is_ready(reading, 0, to_read=True)
    os.write(writing, b"told")
    assert readiness.is_ready(reading, None, to_read=True)
    os.close(reading)
    os.close(writing)


def test_a_stop_comes_again_without_pthread_kill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(signal, "pthread_kill")
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        interruption._come_again(signal.SIGTERM)
        deadline = time.monotonic() + 5
        while not heard and time.monotonic() < deadline:
            threading.Event().wait(0.01)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]


def test_memory_is_left_alone_where_the_program_is_no_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: Any) -> Any:
        raise TypeError("bad argument type for built-in operation")

    monkeypatch.setattr(ctypes, "CDLL", fail)
    memory.keep_little()
    assert os.environ["ARROW_DEFAULT_MEMORY_POOL"] == "system"


def test_makefile_needs_nothing_that_only_linux_has() -> None:
    makefile = (Path(__file__).parent.parent / "Makefile").read_text(encoding="utf-8")
    recipes = [line for line in makefile.splitlines() if line.startswith("\t")]
    assert [line for line in recipes if re.search(r"\bsed\b|\bdate -d|\bexpand\b", line)] == []
