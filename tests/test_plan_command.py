"""`pipeline plan` says what `pipeline run` then does, and asks nothing itself."""

from __future__ import annotations

import inspect
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.cli.app import _main
from pipelines.cli.plan import plan
from pipelines.cli.run import run
from pipelines.clock import uk_today
from pipelines.sandbox import Running, SandboxOptions, running
from tests.jobs import FEW_DAYS, point_to

RUN_ALONE, PLAN_ALONE = {"wait", "from_time"}, {"json"}


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, scale=0.02)) as server:
        yield server


@pytest.fixture
def sandbox(shared: Running, tables_there: None, monkeypatch: pytest.MonkeyPatch) -> Running:
    point_to(monkeypatch, shared.url, **FEW_DAYS)
    shared.clear()
    return shared


def forecast(arguments: str, captured: Any) -> dict[str, Any]:
    assert _main(["plan", *arguments.split(), "--json"]) == 0
    told = json.loads(captured.readouterr().out)
    assert isinstance(told, dict)
    return told


def test_plan_takes_every_option_of_run() -> None:
    options = [set(inspect.signature(command).parameters) for command in (run, plan)]
    assert (options[0] - options[1], options[1] - options[0]) == (RUN_ALONE, PLAN_ALONE)


@pytest.mark.parametrize(
    "arguments",
    [
        "--mode daily --max-horses 3",
        "--mode manual --days-back 1 --max-horses 0 --table ra_race_results",
        "--mode backfill --start-date {start} --max-horses 2",
        "--mode daily --test",
    ],
)
def test_run_makes_the_calls_that_plan_has_said(
    arguments: str, sandbox: Running, capsysbinary: Any
) -> None:
    arguments = arguments.format(start=uk_today() - timedelta(days=3))
    told = forecast(arguments, capsysbinary)
    assert sandbox.calls == []
    assert _main(["run", *arguments.split()]) == 0
    assert len(sandbox.calls) == told["calls"]
    made = Counter(call.path.split("/")[2] for call in sandbox.calls)
    assert made == {ask["endpoint"]: ask["calls"] for ask in told["asks"] if ask["calls"]}


def test_run_prints_the_lines_of_plan(sandbox: Running, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--mode", "daily", "--max-horses", "0"]
    assert _main(["plan", *arguments]) == 0
    lines = capsys.readouterr().out
    assert _main(["run", *arguments]) == 0
    assert capsys.readouterr().out.startswith(lines)


def test_second_plan_knows_what_is_loaded_and_how_many_pages_a_day_has(
    sandbox: Running, monkeypatch: pytest.MonkeyPatch, capsysbinary: Any
) -> None:
    arguments = "--mode manual --days-back 1 --max-horses 0"
    assert _main(["run", *arguments.split()]) == 0
    capsysbinary.readouterr()
    monkeypatch.setenv("SOURCES__RACING_API__RESULTS_PAGE_SIZE", "1")
    told = forecast(arguments, capsysbinary)
    results = told["asks"][2]
    assert results["known"] == {"complete": 1, "open": 1}
    sandbox.clear()
    assert _main(["run", *arguments.split()]) == 0
    assert results["calls"] == len([call for call in sandbox.calls if call.path == "/v1/results"])


def test_what_nobody_can_deliver_is_said_before_it_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _main(["plan", "--mode", "backfill", "--max-horses", "0"]) == 0
    output = capsys.readouterr().out
    assert "racecards: the API has none before 2023-01-23" in output
    days = (uk_today() - timedelta(days=365) - date(2015, 1, 1)).days
    assert f"results: {days} days before" in output
    assert "need the vendor's add-on" in output


def test_plan_needs_no_credentials_and_makes_nothing(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(["plan", "--mode", "daily"]) == 0
    assert "up to 300 profiles" in capsys.readouterr().out
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
