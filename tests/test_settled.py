"""A process that loads the same days again and again loads only the rows that have changed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.database import read_copy
from pipelines.database.database import Database
from pipelines.loading import models
from pipelines.tables import CARD_RUNNERS, MODELS, Table
from tests.faults.raceday import Simulated, at, race_day, watch
from tests.jobs import contents


@pytest.mark.slow
def test_a_round_loads_the_tables_whose_rows_have_changed(
    tables_there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[set[str]] = []
    opened: list[str] = []
    made: list[Table] = []
    _noting(monkeypatch, Database, "load", lambda _, *sources: loaded.extend(map(_names, sources)))
    _noting(monkeypatch, Database, "_begin", lambda database: opened.append(database.name))
    _noting(monkeypatch, models, "_make", lambda _, model, *rest: made.append(model))
    copied: list[Path] = []
    _noting(monkeypatch, read_copy, "renew_read_copy", copied.append)
    seldom = {"read_copy": True, "read_copy_percent": 0.001}
    with race_day(monkeypatch, 10, raceday_minutes=5, **seldom) as sandbox:
        clock, sleep, rounds = sandbox.sandbox.options.clock, Simulated.sleep, list[int]()
        assert clock

        def stop_after_five(timer: Simulated, seconds: float) -> None:
            rounds.append(len(made))
            if len(rounds) == 5:
                raise KeyboardInterrupt
            sleep(timer, 3600 if len(rounds) == 4 else seconds)

        monkeypatch.setattr(Simulated, "sleep", stop_after_five)
        watch("duckdb", sandbox)
        assert clock.now() == at(11) + timedelta(minutes=15)
    assert len(opened) == 1, "the database stays as it was left"
    assert len(copied) == 1, "stopping it does not wait for another copy"
    everything, results, cards_again, *later, _ = loaded
    assert {"ra_card_races", "ra_card_runners", "ra_runner_odds"} <= everything
    assert results == {"ra_result_races", "ra_race_results", "ra_issues"}
    assert cards_again == everything, "who has run may not be who ran before"
    assert later == [{"ra_runner_odds", "ra_issues"}] * 2
    all_of_them = 3 * len(MODELS)
    assert rounds[1:4] == [all_of_them] * 3, "no model is made again where only prices have changed"
    assert [*map(str, made[all_of_them:])] == ["ra_mst_jockeys", "ra_races", "ra_runners"], (
        "other jockeys make no other horses"
    )
    cards = contents("duckdb", [CARD_RUNNERS])["ra_card_runners"]
    assert {row["updated_at"].timestamp() > 1e9 for row in cards} == {True}


def _names(source: Any) -> set[str]:
    return set(source.selected_resources)


def _noting(patch: pytest.MonkeyPatch, owner: Any, name: str, note: Any) -> None:
    original = getattr(owner, name)

    def noted(*arguments: Any, **named: Any) -> Any:
        note(*arguments)
        return original(*arguments, **named)

    patch.setattr(owner, name, noted)
