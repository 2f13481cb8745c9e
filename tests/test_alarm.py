"""A run that fails tells whoever is to be told; the telling fails nothing."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pipelines.cli.alarm import raise_alarm
from pipelines.cli.app import _main
from pipelines.report import ExitCode, Report
from pipelines.settings import load_settings
from tests.jobs import point_to

SECRET = "T000/B000/hook-secret"


class Slack(BaseHTTPRequestHandler):
    """Takes messages as Slack does."""

    told: list[str] = []  # noqa: RUF012 - one server at a time
    answer = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.told.append(json.loads(body)["text"])
        self.send_response(self.answer)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Slack]]:
    Slack.told, Slack.answer = [], 200
    with HTTPServer(("127.0.0.1", 0), Slack) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/{SECRET}"
        monkeypatch.setenv("RUNTIME__SLACK_INCOMING_HOOK", address)
        yield Slack
        server.shutdown()


def alarm(report: Report) -> None:
    raise_alarm(report, load_settings(with_credentials=False))


def failed() -> Report:
    return Report("daily", "duckdb", errors=["results: no answer"])


def test_slack_is_told_what_is_missing(slack: type[Slack]) -> None:
    alarm(Report("daily", "duckdb", errors=["results: <!channel> & no answer"]))
    assert slack.told == [
        "The daily run into duckdb is incomplete:\nresults: &lt;!channel&gt; &amp; no answer"
    ]


def test_slack_that_refuses_is_a_line_in_the_log_without_its_address(
    slack: type[Slack], caplog: pytest.LogCaptureFixture
) -> None:
    slack.answer = 500
    alarm(failed())
    assert caplog.messages[-1] == "Slack could not be notified of the run: HTTPError"
    assert SECRET not in caplog.text


@pytest.mark.parametrize("ended_by", [None, ExitCode.LOCKED, ExitCode.TERMINATED])
def test_run_that_is_complete_locked_out_or_stopped_is_no_alarm(
    slack: type[Slack], ended_by: ExitCode | None
) -> None:
    alarm(Report("daily", "duckdb", ended_by=ended_by))
    assert slack.told == []


@pytest.mark.slow
def test_command_gets_the_report_and_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "warn me.py"
    script.write_text(
        "import pathlib, sys\n"
        "pathlib.Path('told.txt').write_text(sys.argv[1] + '|' + sys.stdin.read())\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("SOURCES__RACING_API__WARNING_COMMAND", f"{sys.executable} '{script}'")
    # A port on which nobody listens: the run fails.
    point_to(monkeypatch, "http://127.0.0.1:9")
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "1")
    assert _main(["run", "--mode", "daily", "--max-horses", "0"]) == 1
    report, told = (tmp_path / "told.txt").read_text(encoding="utf-8").split("|")
    assert Path(report).is_absolute()
    assert json.loads(Path(report).read_text(encoding="utf-8"))["exit_code"] == 1
    assert told.startswith("The daily run into duckdb is incomplete:\ncourses: ")


@pytest.mark.parametrize(
    ("command", "error"),
    [("no-such-command", "FileNotFoundError"), ("false", "CalledProcessError")],
)
@pytest.mark.slow
def test_command_that_fails_is_a_line_in_the_log(
    command: str, error: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SOURCES__RACING_API__WARNING_COMMAND", command)
    with caplog.at_level(logging.WARNING):
        alarm(failed())
    assert caplog.messages == [f"The warning command failed: {error}"]


def test_command_that_no_shell_would_take_is_refused_before_a_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    point_to(monkeypatch, "http://127.0.0.1:9")
    monkeypatch.setenv("SOURCES__RACING_API__WARNING_COMMAND", "mail 'me")
    assert _main(["run", "--mode", "daily"]) == 2
    told = capsys.readouterr().err
    assert "WARNING_COMMAND" in told
    assert "mail" not in told
