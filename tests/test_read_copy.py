"""The copy for readers: never half of it, never in a run's way, and written only when it is due."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.database import read_copy as readcopy
from pipelines.database.read_copy import is_due, read_copy_of, write_read_copy
from pipelines.report import ExitCode, Report, TableCount
from pipelines.sandbox import SandboxOptions, running
from pipelines.tables import TABLES
from tests.jobs import load_days, point_to, run_job

TODAY = date(2025, 10, 20)
READS = 10_000 if os.environ.get("CI") else 300

READER = """
import sys, duckdb
name, reads = sys.argv[1], int(sys.argv[2])
seen = set()
print("reading", flush=True)
for _ in range(reads // 10):
    with duckdb.connect(name, read_only=True) as file:
        for _ in range(10):
            days, races, listed = file.execute(
                "SELECT count(DISTINCT race_date), count(DISTINCT race_id), "
                "(SELECT count(*) FROM racing.ra_races) FROM racing.ra_runners"
            ).fetchone()
            assert races == listed
    seen.add(days)
print(sorted(seen))
"""


def reported(ended_by: ExitCode | None = None, **counts: int) -> Report:
    report = Report("daily", "duckdb", ended_by=ended_by)
    report.tables["ra_races"] = TableCount(**counts)
    return report


def test_copy_is_named_after_the_file() -> None:
    assert read_copy_of(Path("a/racing_data.duckdb")) == Path("a/racing_read.duckdb")
    assert read_copy_of(Path("mine.db")) == Path("mine_read.db")


def test_copy_is_due_when_a_row_has_changed_or_there_is_none(tmp_path: Path) -> None:
    file = tmp_path / "racing_data.duckdb"
    assert is_due(file, reported(unchanged=9, rows=9))
    read_copy_of(file).touch()
    assert not is_due(file, reported(unchanged=9, rows=9))
    for changed in (reported(new=1), reported(changed=1), reported(removed=1)):
        assert is_due(file, changed)
    assert is_due(file, Report("raceday", "duckdb", captured=1))
    assert not is_due(file, reported(ExitCode.TERMINATED, new=1))


@pytest.mark.parametrize("has_copy_file_range", [True, False])
def test_copy_is_the_file_byte_for_byte(
    has_copy_file_range: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_copy_file_range:
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    monkeypatch.setattr(readcopy, "AT_ONCE", 1000)
    file = tmp_path / "racing_data.duckdb"
    file.write_bytes(os.urandom(12_345))
    file.chmod(0o640)
    write_read_copy(file)
    copy = read_copy_of(file)
    assert (copy.read_bytes(), copy.stat().st_mode) == (file.read_bytes(), file.stat().st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == [copy.name, file.name][::-1]


def test_copy_that_cannot_be_written_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "racing_data.duckdb"
    file.write_bytes(b"new")
    read_copy_of(file).write_bytes(b"old")

    def fail(*_: Any) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(readcopy, "_copy", fail)
    with caplog.at_level(logging.WARNING):
        readcopy.keep_read_copy(file, reported(new=1))
    assert caplog.messages == ["racing_read.duckdb is unchanged: No space left on device"]
    assert read_copy_of(file).read_bytes() == b"old"


@pytest.mark.slow
@pytest.mark.usefixtures("tables_there")
def test_runs_and_readers_of_the_copy_never_meet(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy = tmp_path / "racing_read.duckdb"
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02)) as sandbox:
        point_to(monkeypatch, sandbox.url, read_copy=True)
        yesterday = TODAY - timedelta(days=1)
        days: dict[str, Any] = {"start": yesterday, "end": yesterday}
        first = run_job("manual", "duckdb", TODAY, max_horses=0, **days)
        assert first.exit_code == ExitCode.COMPLETE
        command = [sys.executable, "-c", READER, str(copy), str(READS)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
            assert reader.stdout
            assert reader.stdout.readline() == "reading\n"
            held_open = duckdb.connect(str(copy), read_only=True)  # all the time
            report = load_days("duckdb", TODAY, TODAY - timedelta(days=3), yesterday)
            assert report.exit_code == ExitCode.COMPLETE
            held_open.close()
            seen = reader.stdout.readline()
        written = copy.stat().st_mtime_ns
        run_job("manual", "duckdb", TODAY, [TABLES["ra_mst_courses"]])  # changes nothing
        assert copy.stat().st_mtime_ns == written
    assert reader.returncode == 0
    assert seen in ("[1, 3]\n", "[1]\n")
    with duckdb.connect(str(copy), read_only=True) as file:
        assert file.execute("SELECT count(DISTINCT date) FROM racing.ra_races").fetchone() == (3,)
        assert file.execute("SELECT count(*) >= 0 FROM racing.today_card").fetchone() == (True,)
