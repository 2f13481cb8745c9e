"""`pipeline features` on the sandbox: the figures of the morning are those of the evening."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from pipelines import clock
from pipelines.ask import connect
from pipelines.cli.app import _main
from pipelines.report import ExitCode
from pipelines.sandbox import SandboxOptions, running
from pipelines.tables.features import FEATURES, OF_PRICES
from tests.jobs import point_to, run_job
from tests.world import FIRST, TODAY, World

pytestmark = pytest.mark.slow
Row = dict[str, Any]


def rows_of(credentials: str, table: str, day: date) -> dict[tuple[str, str], Row]:
    found = connect(credentials).table(table).to_pylist()
    return {(row["race_id"], row["horse_id"]): row for row in found if row["race_date"] == day}


@pytest.mark.parametrize("name", ["duckdb", "postgres"])
def test_the_figures_of_the_morning_are_those_of_the_evening_but_for_prices(
    world: World,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tables = world.both[name].copy(tmp_path, f"features_{uuid4().hex}")
    monkeypatch.setenv(f"DESTINATION__{name.upper()}__CREDENTIALS", tables.credentials)
    monkeypatch.setattr(clock, "uk_today", lambda: TODAY)
    assert _main(["features", "--destination", name]) == 0
    morning = rows_of(tables.credentials, "today_features", TODAY)
    said = capsys.readouterr().out
    assert said.endswith(f"today_features: {len(morning)} runners\n")
    assert f"runners since {FIRST}" in said

    tomorrow = TODAY + timedelta(days=1)
    with running(SandboxOptions(limits=False, today=tomorrow, scale=0.25)) as sandbox:
        point_to(
            monkeypatch,
            sandbox.url,
            features="true",
            racecards_days_back=1,
            racecards_days_ahead=0,
            results_days_back=2,
        )
        report = run_job("daily", name, tomorrow, max_horses=0)
    assert report.exit_code == ExitCode.COMPLETE, report.errors
    evening = rows_of(tables.credentials, "features", TODAY)

    assert len(evening) > 50
    assert evening.keys() <= morning.keys()
    compared = [feature.name for feature in FEATURES if feature.name not in OF_PRICES]
    differing = {
        (key, feature): (morning[key][feature], evening[key][feature])
        for key in evening
        for feature in compared
        if morning[key][feature] != evening[key][feature]
    }
    assert differing == {}
    latest = rows_of(tables.credentials, "today_features", tomorrow)
    assert latest

    day_without_card = tomorrow + timedelta(days=1)
    monkeypatch.setattr(clock, "uk_today", lambda: day_without_card)
    assert _main(["features", "--destination", name]) == 0
    assert "nothing has changed" in capsys.readouterr().out
    assert rows_of(tables.credentials, "today_features", tomorrow) == latest
    tables.drop()


def test_without_a_database_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert _main(["features"]) == 2
    assert "pipeline run --mode daily starts a new database here" in capsys.readouterr().err
