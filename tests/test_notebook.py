"""The notebook of the documents: it runs, and its three charts show the rows of the tables."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from pipelines.ask import connect
from tests.world import World

NOTEBOOK = Path(__file__).parent.parent / "docs" / "notebook.py"
CHARTS = ("days_off", "against_market", "ratings")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["duckdb", "postgres"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_three_charts_are_drawn_from_the_tables(
    name: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = world.both[name].credentials
    monkeypatch.setenv("DESTINATION_TYPE", name)
    monkeypatch.setenv(f"DESTINATION__{name.upper()}__CREDENTIALS", address)
    spec = importlib.util.spec_from_file_location("notebook", NOTEBOOK)
    assert spec and spec.loader
    notebook: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(notebook)
    _, found = notebook.app.run()
    charts = {chart: found[chart].to_dict() for chart in CHARTS}

    drawn = {chart: charts[chart]["datasets"][charts[chart]["data"]["name"]] for chart in CHARTS}
    racing = connect(address)
    days_off = [day for day in racing.card()["days_off"].to_pylist() if day is not None]
    assert sorted(row["days_off"] for row in drawn["days_off"]) == sorted(days_off)
    assert {row["race_type"] for row in drawn["against_market"]} >= {"Flat", "Hurdle"}
    won = [(row["wins"], row["runs"]) for row in drawn["against_market"]]
    assert all(0 <= wins <= runs for wins, runs in won)
    assert any(0 < wins < runs for wins, runs in won)
    assert len(drawn["ratings"]) == max(racing.card()["runs_before"].to_pylist())
