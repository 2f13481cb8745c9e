"""Logs as JSON: every line of a run is an object."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from pipelines.sandbox import SandboxOptions, running
from tests.jobs import point_to

COMMAND = [sys.executable, "-m", "pipelines", "run", "--mode", "manual", "--days-back", "0"]


@pytest.mark.slow
def test_every_line_of_a_run_is_an_object_with_time_level_and_message(
    tables_there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(SandboxOptions(limits=False, scale=0.02)) as server:
        point_to(monkeypatch, server.url, log_format="json")
        job = subprocess.run([*COMMAND, "--max-horses", "0"], capture_output=True, text=True)
    assert (job.returncode, job.stderr) == (0, "")
    lines = [json.loads(line) for line in job.stdout.splitlines()]
    assert all(set(line) == {"time", "level", "logger", "message"} for line in lines)
    times = [datetime.fromisoformat(line["time"]) for line in lines]
    assert times == sorted(times)
    assert times[0].utcoffset() == timedelta(0)
    messages = [line["message"] for line in lines]
    assert messages[0].startswith("manual run of ")
    assert "courses: 1 to do" in messages
    assert "complete" in messages


@pytest.mark.slow
def test_warnings_and_tracebacks_are_objects_too(capsys: pytest.CaptureFixture[str]) -> None:
    script = (
        "import logging, sys; from pipelines.cli.logs import log_as_json\n"
        "log_as_json(sys.stdout)\n"
        "try: 1 / 0\n"
        "except ZeroDivisionError: logging.getLogger('x').exception('a %s', 'fault')\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    line = json.loads(told.stdout)
    assert (line["level"], line["logger"], line["message"]) == ("ERROR", "x", "a fault")
    assert line["traceback"].endswith("ZeroDivisionError: division by zero")


def test_another_format_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipelines.cli.app import _main

    point_to(monkeypatch, "http://127.0.0.1:9", log_format="xml")
    assert _main(["run", "--mode", "daily"]) == 2
    assert "LOG_FORMAT must be text or json, not 'xml'" in capsys.readouterr().err
