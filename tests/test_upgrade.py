"""A database that an earlier version has loaded: what a new column of this one costs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import pytest

from pipelines.archive.store import Archive
from pipelines.cli.app import _main
from pipelines.database.database import Database
from pipelines.errors import DestinationError
from pipelines.loading import earlier
from pipelines.loading.earlier import fill_source_tables
from pipelines.plan.modes import Options
from pipelines.report import ExitCode
from pipelines.run import make_again
from pipelines.settings import load_settings
from pipelines.tables import (
    CARD_RACES,
    CARD_RUNNERS,
    HORSE_PROFILES,
    MODELS,
    RACE_RESULTS,
    RACES,
    RESULT_RACES,
    RUNNERS,
)
from pipelines.tables.horses import facts_of_the_horse
from tests.jobs import Silent, begun, contents, coverage, drop_key, load_days, point_to, run_job
from tests.replay import Record, Replay, replaying
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


def load_a_day(destination: str) -> None:
    """Load what the server begins with; the tests that begin with it share one run."""
    begun(destination, __name__, lambda: load_days(destination, TODAY, DAY, DAY))


def as_an_earlier_version_left_it(database: Database) -> None:
    """Take the new columns out of the tables, and out of what dlt knows of them."""
    tables = ("ra_card_runners", "ra_runners", "ra_race_results")
    for table in tables:
        drop_key(database, table)
        for column in NEW:
            database.rows(f"ALTER TABLE {table} DROP COLUMN {column} CASCADE")
    key = "CREATE UNIQUE INDEX {table}_key ON {table} (race_id, horse_id)"
    database.run(*(key.format(table=table) for table in tables))
    database.rows("DELETE FROM _dlt_version")


def test_rating_before_the_race_and_after_it_are_two_columns(
    replay: Replay, destination: str
) -> None:
    load_a_day(destination)
    assert Database(destination).rows(RATINGS) == [(77, None, 80, 70)]


@pytest.mark.slow
def test_new_column_costs_no_call_and_a_rebuild_fills_it(
    replay: Replay, destination: str, caplog: pytest.LogCaptureFixture
) -> None:
    load_a_day(destination)
    before = coverage(destination)
    as_an_earlier_version_left_it(Database(destination))
    replay.asked.clear()
    with caplog.at_level(logging.WARNING):
        database = Database(destination)
    assert database.rows(RATINGS) == [(None,) * 4]
    assert coverage(destination) == before
    names = ", ".join(
        f"{table}.{column}"
        for table in ("ra_card_runners", "ra_race_results", "ra_runners")
        for column in NEW
    )
    assert caplog.messages == [
        f"New columns: {names}. They are filled from now on; for the days loaded before, "
        "`pipeline rebuild` fills them from the archive, without API calls."
    ]

    options, settings = Options("rebuild", TODAY), load_settings()
    report = make_again(options, settings, Archive(settings.archive), destination, Silent())
    assert (report.exit_code, replay.asked) == (ExitCode.COMPLETE, [])
    assert Database(destination).rows(RATINGS) == [(77, None, 80, 70)]


# A database without tables of what each endpoint says


SOURCE_TABLES: Final = (CARD_RACES, CARD_RUNNERS, RESULT_RACES)
TOLD: Final = [RACES, RUNNERS, RACE_RESULTS]


@pytest.mark.slow
def test_source_tables_are_filled_from_the_rows_that_are_there_all_or_none(
    replay: Replay, destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay.racecards.append(card(entry(), race_id="rac_2"))  # without a result
    replay.results.append(result(finisher(), race_id="rac_3", region="GB"))  # without a card
    load_days(destination, TODAY, DAY, DAY)
    said, told = contents(destination, SOURCE_TABLES), contents(destination, TOLD)
    database = Database(destination)
    database.run(*(f"DROP TABLE {table} CASCADE" for table in SOURCE_TABLES))
    database.rows("DELETE FROM _dlt_version")
    database = Database(destination)

    with monkeypatch.context() as patch:
        patch.setitem(earlier.RAN, RUNNERS, "no_such_column")
        with pytest.raises(DestinationError):
            fill_source_tables(database)
    assert contents(destination, SOURCE_TABLES) == {table.name: [] for table in SOURCE_TABLES}

    assert fill_source_tables(database) == [earlier.FILLED]
    assert contents(destination, TOLD) == told
    filled = contents(destination, SOURCE_TABLES)
    for card_table, model in ((CARD_RACES, RACES), (CARD_RUNNERS, RUNNERS)):
        carded = [row for row in told[model.name] if row[model.key[0]] != "rac_3"]
        names = filled[card_table.name][0].keys() & told[model.name][0].keys()
        assert [{name: row[name] for name in names} for row in filled[card_table.name]] == [
            {name: row[name] for name in names} for row in carded
        ]
    beside_a_card, alone = filled["ra_result_races"]
    assert _without_times(alone) == _without_times(said["ra_result_races"][1])
    assert beside_a_card["going"] is None, "the card's is not the result's"
    assert beside_a_card["tote_win"] == said["ra_result_races"][0]["tote_win"]
    assert fill_source_tables(database) == []

    load_days(destination, TODAY, DAY, DAY)
    assert contents(destination, TOLD) == told
    again = contents(destination, SOURCE_TABLES)
    assert {name: [*map(_without_times, rows)] for name, rows in again.items()} == {
        name: [*map(_without_times, rows)] for name, rows in said.items()
    }


def _without_times(row: dict[str, object]) -> dict[str, object]:
    return {name: row[name] for name in row if name not in ("_dlt_load_id", "updated_at")}


KNOWN: Final = [table for table in MODELS if table.named_as]


def profile(horse: str) -> Record:
    """Make up a profile of a horse."""
    return {"id": horse, "name": f"Profiled {horse}", "dob": "2019-02-03", "breeder": "A Stud"}


@pytest.mark.slow
def test_people_and_horses_of_an_earlier_version_stay_who_they_are(
    replay: Replay, destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The columns and the table that the last version did not have are new, and empty."""
    replay.racecards.append(card(entry(horse_id="hrs_gone"), race_id="rac_2"))
    alone = finisher(horse_id="hrs_2", jockey_id="jky_2", jockey="B Nib")
    replay.results.append(result(alone, finisher(horse_id="hrs_3"), race_id="rac_3", region="GB"))
    replay.profiles["/v1/horses/hrs_2/pro"] = profile("hrs_2")
    run_job("manual", destination, TODAY, start=DAY, end=DAY)
    replay.racecards[1]["runners"] = [entry(horse_id="hrs_4")]
    load_days(destination, TODAY, DAY, DAY)
    known = contents(destination, KNOWN)
    assert {row["id"]: row["enrichment_status"] for row in known["ra_mst_horses"]} == {
        **dict.fromkeys(("hrs_1", "hrs_gone"), "not_found"), "hrs_2": "pro", "hrs_3": "not_found",
        "hrs_4": "racecard",
    }  # fmt: skip
    database = Database(destination)
    facts = [column.name for column in facts_of_the_horse("racecards")]
    for table in (CARD_RUNNERS, RACE_RESULTS):
        drop_key(database, table.name)
        for name in (name for name in facts if name in table.by_name):
            database.rows(f"ALTER TABLE {table} DROP COLUMN {name} CASCADE")
        database.run(f"CREATE UNIQUE INDEX {table}_key ON {table} (race_id, horse_id)")
    database.run("DROP TABLE ra_horse_profiles CASCADE")
    database.rows("DELETE FROM _dlt_version")
    replay.asked.clear()
    database = Database(destination)

    with monkeypatch.context() as patch:
        patch.setattr(earlier, "PEDIGREE", "no_such_table")
        with pytest.raises(DestinationError):
            fill_source_tables(database)
    assert contents(destination, [HORSE_PROFILES]) == {"ra_horse_profiles": []}
    assert fill_source_tables(database) == [earlier.HORSES_FILLED]
    assert fill_source_tables(database) == []
    assert contents(destination, KNOWN) == known

    load_days(destination, TODAY, DAY, DAY)
    assert contents(destination, KNOWN) == known
    assert [path for path in replay.asked if "horses" in path] == []


@pytest.mark.slow
@pytest.mark.parametrize("command", [["changes"], ["pages", "--to", "site"]])
def test_commands_that_read_newer_tables_say_what_upgrades_the_database(
    command: list[str], tables_there: None, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database("duckdb")
    database.run("DROP TABLE ra_price_changes")
    assert _main(command) == 2
    told = capsys.readouterr().err
    assert "was made by an earlier version of this software" in told
    assert told.count("\n") == 1
