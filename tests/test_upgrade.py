"""A database that an earlier version has loaded: what a new column of this one costs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import pytest

from pipelines.archive import Archive
from pipelines.database import Database
from pipelines.modes import Options
from pipelines.report import ExitCode
from pipelines.run import make_again
from pipelines.settings import load_settings
from tests.jobs import Silent, coverage, drop_key, load_days, point_to
from tests.replay import Replay, replaying
from tests.test_mapping import card, entry, finisher, result

DAY = date(2025, 6, 21)
TODAY = DAY + timedelta(days=1)
NEW: Final = ("performance_rating", "speed_rating")
RATINGS: Final = (
    "SELECT runners.performance_rating, runners.speed_rating, "
    "ran.performance_rating, ran.speed_rating "
    "FROM ra_runners AS runners JOIN ra_race_results AS ran ON ran.runner_id = runners.id"
)


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    before = entry(performance_rating="77", speed_rating="–", odds=[], quotes=[])
    after = finisher(performance_rating="80", speed_rating="70")
    with replaying(Replay(racecards=[card(before)], results=[result(after, region="GB")])) as api:
        point_to(monkeypatch, api.url)
        yield api


def as_an_earlier_version_left_it(database: Database) -> None:
    """Take the new columns out of the tables, and out of what dlt knows of them."""
    for table in ("ra_runners", "ra_race_results"):
        drop_key(database, table)
        for column in NEW:
            database.rows(f"ALTER TABLE {table} DROP COLUMN {column} CASCADE")
    key = "CREATE UNIQUE INDEX {table}_key ON {table} (race_id, horse_id)"
    database.run(*(key.format(table=table) for table in ("ra_runners", "ra_race_results")))
    database.rows("DELETE FROM _dlt_version")


def test_rating_before_the_race_and_after_it_are_two_columns(
    replay: Replay, destination: str
) -> None:
    load_days(destination, TODAY, DAY, DAY)
    assert Database(destination).rows(RATINGS) == [(77, None, 80, 70)]


@pytest.mark.slow
def test_new_column_costs_no_call_and_a_rebuild_fills_it(
    replay: Replay, destination: str, caplog: pytest.LogCaptureFixture
) -> None:
    load_days(destination, TODAY, DAY, DAY)
    before = coverage(destination)
    as_an_earlier_version_left_it(Database(destination))
    replay.asked.clear()
    with caplog.at_level(logging.WARNING):
        database = Database(destination)
    assert database.rows(RATINGS) == [(None,) * 4]
    assert coverage(destination) == before
    names = ", ".join(
        f"{table}.{column}" for table in ("ra_race_results", "ra_runners") for column in NEW
    )
    assert caplog.messages == [
        f"New columns: {names}. They are filled from now on; for the days loaded before, "
        "`pipeline rebuild` fills them from the archive, without a call."
    ]

    options, settings = Options("rebuild", TODAY), load_settings()
    report = make_again(options, settings, Archive(settings.archive), destination, Silent())
    assert (report.exit_code, replay.asked) == (ExitCode.COMPLETE, [])
    assert Database(destination).rows(RATINGS) == [(77, None, 80, 70)]
