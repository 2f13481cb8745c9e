"""What cannot be printed, logged or reported decides neither the rows nor the exit code."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.clock import uk_today
from pipelines.report import Report
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.system.output import Output, not_held_up
from pipelines.tables import TABLES
from tests.jobs import point_to, run_job

RUN = f"{sys.executable} -m pipelines run --mode manual --table ra_mst_courses"


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, scale=0.02)) as server:
        yield server


@pytest.fixture(autouse=True)
def sandbox(shared: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    point_to(monkeypatch, shared.url)


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as cron and people do; bash says how each part of a pipe has ended."""
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(f"{RUN} > /dev/full 2>&1", id="full"),
        pytest.param(f"{RUN} >&- 2>&- <&-", id="closed"),
        pytest.param(f"{RUN} 2>&1 | true; exit ${{PIPESTATUS[0]}}", id="a pipe that ends"),
    ],
)
def test_run_that_cannot_print_loads_all_and_ends_with_0(command: str, tables_there: None) -> None:
    done = shell(command)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    report = json.loads(next(Path("logs").glob("*.json")).read_text())
    assert report["exit_code"] == 0
    with duckdb.connect("racing_data.duckdb", read_only=True) as connection:
        (courses,) = connection.execute("SELECT count(*) FROM racing.ra_mst_courses").fetchall()[0]
    assert courses == report["tables"]["ra_mst_courses"]["rows"] > 0


EVERY_COMMAND = """
import sys
from pipelines.cli.app import _main
from pipelines.system.output import safe_output
with safe_output():
    codes = [_main(arguments.split()) for arguments in sys.argv[1:]]
open("codes.txt", "w").write(repr(codes))
"""
COMMANDS = {
    "status": 0,
    "status --json": 0,
    "health --details": 1,
    "coverage": 0,
    "plan --mode daily": 0,
    "plan --mode daily --json": 0,
    "export --to files --table ra_races": 0,
    "tables": 0,
    "columns ra_runners": 0,
    "--help": 0,
    "fly": 2,
}


@pytest.mark.slow
@pytest.mark.parametrize("to", ["> /dev/full 2>&1", "2>&1 | true", ">&- 2>&-"])
def test_every_command_ends_as_it_would_have(to: str, postgres: str) -> None:
    environment = {"DESTINATION_TYPE": "postgres"}
    run_job("manual", "postgres", uk_today(), [TABLES["ra_mst_courses"]])
    arguments = " ".join(f"'{command}'" for command in COMMANDS)
    Path("every_command.py").write_text(EVERY_COMMAND)
    command = f"{sys.executable} every_command.py {arguments} {to}"
    done = subprocess.run(
        ["bash", "-c", command], env=os.environ | environment, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert Path("codes.txt").read_text() == repr(list(COMMANDS.values()))
    assert Path("files/ra_races.csv").exists()


@pytest.mark.slow
def test_what_a_terminal_cannot_show_is_a_question_mark() -> None:
    script = (
        "from pipelines.system.output import safe_output\n"
        "import sys\n"
        "with safe_output(): sys.stdout.write('€5.50 Café\\n'); sys.stderr.write('€\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("?5.50 Caf?\n", "\\u20ac\n")


@pytest.mark.slow
def test_output_lost_on_a_full_disk_is_told_where_it_can_be() -> None:
    done = shell(f"{sys.executable} -m pipelines tables > /dev/full")
    assert (done.returncode, done.stderr) == (
        0,
        "pipeline: some of the output is lost: No space left on device\n",
    )


def test_a_reader_who_does_not_read_holds_up_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.system.output.PATIENCE", 0.01)
    reader, writer = os.pipe()
    output = io.BufferedWriter(Output(writer))
    with not_held_up():
        for _ in range(100):
            output.write(b"x" * 4096)
        output.flush()
    room = len(os.read(reader, 2**20))
    assert 4096 <= room < 100 * 4096
    output.write(b"and read again")
    output.flush()
    assert os.read(reader, 100) == b"and read again"
    os.close(reader)
    output.write(b"nobody reads")
    output.flush()
    os.close(writer)


@pytest.mark.parametrize("folder", ["/dev/full", "/proc/logs", "a file"])
def test_report_that_cannot_be_written_is_a_warning(
    folder: str, caplog: pytest.LogCaptureFixture
) -> None:
    Path("a file").touch()
    report = Report("daily", "duckdb")
    report.finish(unreadable_share=0.05)
    report.write(Path(folder))
    assert (report.exit_code, report.path, report.errors) == (0, None, [])
    (warning,) = caplog.messages
    assert warning.startswith(f"The report cannot be written to {folder}: ")
