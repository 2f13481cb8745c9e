"""A backfill across the border of the plan, whatever the server answers beyond it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.api.endpoints import ENDPOINTS
from pipelines.plan import modes
from pipelines.report import ExitCode
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.sandbox.options import Refusal
from pipelines.tables import TABLES
from tests.jobs import coverage, point_to, run_job

pytestmark = pytest.mark.usefixtures("tables_there")

TODAY = date(2026, 3, 10)
BORDER = TODAY - timedelta(days=365)
START = BORDER - timedelta(days=20)
WINDOW: dict[str, Any] = {"start": START, "end": BORDER + timedelta(days=1)}
RESULTS = [TABLES["ra_race_results"]]


def asked_days(sandbox: Running) -> list[str]:
    return [dict(call.params)["start_date"] for call in sandbox.calls if call.path == "/v1/results"]


def statuses() -> Counter[str]:
    return Counter(status for endpoint, _, status in coverage("duckdb") if endpoint == "results")


@pytest.fixture
def results_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs read no cards: their border is not met here."""
    monkeypatch.setattr(modes, "_dated", lambda _: [ENDPOINTS["results"]])


@pytest.mark.usefixtures("results_alone")
@pytest.mark.parametrize("refusal", ["422", "401", "403", "empty"])
def test_border_is_met_once_noted_and_not_asked_for_again(
    refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = SandboxOptions(limits=False, today=TODAY, scale=0.02, refusal=refusal)
    with running(options) as sandbox:
        point_to(monkeypatch, sandbox.url)
        report = run_job("backfill", "duckdb", TODAY, max_horses=0, **WINDOW)
        calls = asked_days(sandbox)

        assert report.errors == []
        assert report.exit_code == ExitCode.COMPLETE
        assert [str(entry) for entry in report.not_in_plan] == [
            f"results 20 days, {START} to {BORDER - timedelta(days=1)}: beyond plan, "
            "your plan does not go back that far"
        ]
        assert statuses() == {"complete": 2, "beyond_plan": 20}
        # The month of the border at most, and what tells the border from a lost key: not the rest.
        assert len({*calls}) <= 2 + BORDER.day + 2
        assert len(calls) <= 2 * len({*calls})
        sandbox.clear()

        again = run_job("backfill", "duckdb", TODAY, max_horses=0, **WINDOW)
        assert asked_days(sandbox) == []
        assert again.exit_code == ExitCode.COMPLETE
        older = (
            f"results: 20 days, {START} to {BORDER - timedelta(days=1)}: your plan does not go back"
        )
        assert sum(note.startswith(older) for note in again.notes) == 1


@pytest.mark.usefixtures("results_alone")
def test_manual_run_asks_again_once_the_plan_reaches_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = WINDOW | {"start": BORDER - timedelta(days=2)}
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02)) as sandbox:
        point_to(monkeypatch, sandbox.url)
        run_job("backfill", "duckdb", TODAY, max_horses=0, **window)
    assert statuses() == {"complete": 2, "beyond_plan": 2}
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02, history=True)) as sandbox:
        point_to(monkeypatch, sandbox.url)
        report = run_job("manual", "duckdb", TODAY, max_horses=0, **window)
    assert report.exit_code == ExitCode.COMPLETE
    assert statuses() == {"complete": 4}


def test_days_without_racing_are_complete_where_the_plan_reaches_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02, history=True)) as sandbox:
        point_to(monkeypatch, sandbox.url)
        christmas: dict[str, Any] = {"start": date(2021, 12, 24), "end": date(2021, 12, 25)}
        report = run_job("backfill", "duckdb", TODAY, max_horses=0, **christmas)
        *at_once, proof = asked_days(sandbox)
        assert (sorted({*at_once}), proof) == (["2021-12-24", "2021-12-25"], "2020-12-26")
    assert report.exit_code == ExitCode.COMPLETE
    assert statuses() == {"complete": 2}


def test_lost_access_in_mid_run_is_no_border(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02)) as sandbox:
        point_to(monkeypatch, sandbox.url, password="changed")
        report = run_job("backfill", "duckdb", TODAY, RESULTS, max_horses=0, **WINDOW)
        assert [call.status for call in sandbox.calls] == [401, 401]
    assert report.exit_code == ExitCode.INCOMPLETE
    assert "the credentials are wrong" in report.errors[0]
    assert coverage("duckdb") == []
