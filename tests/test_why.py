"""`pipeline why`: each value leads back to the response that has it, each NULL to its reason."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pipelines.archive.store import Archive
from pipelines.ask import connect
from pipelines.ask.database import AskedDatabase
from pipelines.ask.sent import ABSENT
from pipelines.ask.why import Explanation, Source, explain
from pipelines.cli.app import _main
from pipelines.tables import MODELS, TABLES
from tests.world import TODAY, World

pytestmark = pytest.mark.slow
MOST = 3 if "CI" in os.environ else 1
"""Winners, and others, of whom each value is explained."""


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the archive that the small world was loaded from, into both databases."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return base / "world" / "archive"


@pytest.fixture(params=["duckdb", "postgres"])
def database(world: World, request: pytest.FixtureRequest) -> AskedDatabase:
    return AskedDatabase(world.both[request.param].credentials)


def some_keys(database: AskedDatabase, condition: str) -> list[tuple[str, str]]:
    query = f"SELECT race_id, horse_id FROM ra_runners WHERE {condition} ORDER BY id LIMIT 3"
    return [(row["race_id"], row["horse_id"]) for row in database.records(query)]


def test_every_value_is_what_the_field_that_is_named_says(
    database: AskedDatabase, folder: Path
) -> None:
    archive, checked = Archive(str(folder)), 0
    winners, others = some_keys(database, "position = 1"), some_keys(database, "position IS NULL")
    for key in winners[:MOST] + others[:MOST]:
        for told in explain(database, archive, "ra_runners", key, ""):
            for source in told.sources:
                if source.has_row:
                    assert source.sent, (told.column, source.table)
                    origin = TABLES[source.table].by_name[told.column].origins[source.endpoint]
                    raws = source.sent.fields.values()
                    read: Any = origin.read(*(None if raw is ABSENT else raw for raw in raws))
                    assert read == source.value, (told.column, source)
                    checked += 1
            taken = next((one.value for one in told.sources if one.table == told.chosen), None)
            assert not told.chosen or told.value == taken
    assert checked > 60 * MOST


BY_THE_RUN = {"profile_status", "profile_at"}
"""Fields of a profile that the run adds to what was sent."""


@pytest.mark.parametrize("name", [model.name for model in MODELS if model.named_as])
def test_values_of_people_and_horses_lead_to_the_row_that_decides(
    database: AskedDatabase, folder: Path, name: str
) -> None:
    archive, key = Archive(str(folder)), TABLES[name].key[0]
    is_of_horses = TABLES[name].named_as == "horse"
    known = f"WHERE {key} IN (SELECT id FROM ra_horse_profiles)" if is_of_horses else ""
    some = database.records(f"SELECT * FROM {name} {known} ORDER BY {key} LIMIT {1 + MOST}")
    checked = 0
    for row in some:
        for told in explain(database, archive, name, [row[key]], ""):
            assert told.value == row[told.column]
            for source in told.sources:
                if source.value in (None, ""):
                    assert source.notes, (told.column, source.table)
                    continue
                assert source.sent, (told.column, source.table)
                if BY_THE_RUN.isdisjoint(source.sent.fields):
                    assert _read(told.column, name, source) == source.value
                    checked += 1
            if told.chosen:
                (taken,) = (one for one in told.sources if one.table == told.chosen)
                assert taken.value == told.value
    assert checked >= len(some) * 2


def _read(column: str, table: str, source: Source) -> Any:
    """Read what was sent again, as the column of the source table does."""
    said, named_as = TABLES[source.table], TABLES[table].named_as
    if column in TABLES[table].key:
        own = said.by_name.get(f"{named_as}_id") or said.by_name["id"]
    else:
        own = said.by_name.get(f"{named_as}_{column}") or said.by_name[column]
    assert source.sent
    raws = source.sent.fields.values()
    return own.origins[source.endpoint].read(*(None if raw is ABSENT else raw for raw in raws))


def test_the_most_recent_row_that_has_a_value_decides(
    world: World, tmp_path: Path, folder: Path
) -> None:
    odd = world.duckdb.copy(tmp_path, "entities")
    database, archive = AskedDatabase(odd.credentials), Archive(str(folder))
    (row,) = database.records(
        "SELECT trainer_id AS id FROM ra_card_runners "
        "WHERE trainer_id IN (SELECT trainer_id FROM ra_race_results) "
        "GROUP BY trainer_id HAVING count(DISTINCT race_date) > 2 ORDER BY trainer_id LIMIT 1"
    )
    key = [row["id"]]
    days = database.records(
        "SELECT DISTINCT race_date FROM ra_card_runners WHERE trainer_id = %s ORDER BY 1", *key
    )
    newest, before = days[-1]["race_date"], days[-2]["race_date"]
    odd.run(
        "UPDATE ra_card_runners SET trainer_location = NULL "
        f"WHERE trainer_id = '{key[0]}' AND race_date = '{newest}'"
    )
    (told,) = explain(database, archive, "ra_mst_trainers", key, "location")
    assert told.rule == "what the most recent card that has a value says"
    assert told.sources[0].sent
    assert str(before) in told.sources[0].sent.file
    odd.run(f"UPDATE ra_card_runners SET trainer_location = NULL WHERE trainer_id = '{key[0]}'")
    (told,) = explain(database, archive, "ra_mst_trainers", key, "location")
    assert told.sources[0].notes[0] == (
        "no row of ra_card_runners that names it has a value; this is the most recent"
    )
    odd.run(f"DELETE FROM ra_card_runners WHERE trainer_id = '{key[0]}'")
    (told,) = explain(database, archive, "ra_mst_trainers", key, "name")
    assert told.sources[0].notes == ["no row of ra_card_runners names it"]
    assert told.chosen == "ra_race_results"
    (row,) = database.records(
        "SELECT id FROM ra_mst_horses WHERE id NOT IN (SELECT id FROM ra_horse_profiles) LIMIT 1"
    )
    (told,) = explain(database, archive, "ra_mst_horses", [row["id"]], "colour_code")
    assert told.sources[0].notes == ["its profile has not been requested"]


def test_races_and_source_tables_are_explained_too(database: AskedDatabase, folder: Path) -> None:
    archive = Archive(str(folder))
    ((race_id, horse_id), *_) = some_keys(database, "position = 1")
    (going,) = explain(database, archive, "ra_races", [race_id], "going")
    assert going.chosen == "ra_card_races"
    assert {source.table for source in going.sources} == {"ra_card_races", "ra_result_races"}
    assert going.sources[0].sent
    assert going.sources[0].sent.fields == {"going": going.value}
    (price,) = explain(database, archive, "ra_race_results", [race_id, horse_id], "bsp")
    assert (price.rule, price.chosen) == ("what ra_race_results says", "ra_race_results")
    assert price.sources[0].sent
    assert (folder.parent / price.sources[0].sent.file).is_file()


def reasons(found: list[Explanation]) -> dict[str, list[str]]:
    (explanation,) = found
    assert explanation.value is None
    return {source.table: source.notes for source in explanation.sources}


def test_missing_value_has_a_reason(database: AskedDatabase, folder: Path) -> None:
    archive = Archive(str(folder))

    def why(key: tuple[str, str], column: str, kept: Archive | None = archive) -> Any:
        return reasons(explain(database, kept, "ra_runners", key, column))

    (today, *_) = some_keys(database, f"race_date = '{TODAY}' AND finish_status IS NULL")
    (note,) = why(today, "finish_status")["ra_race_results"]
    assert note.startswith(f"the results of {TODAY} are open (")
    assert note.endswith(") and do not name it yet")
    (scratched, *_) = some_keys(database, f"race_date < '{TODAY}' AND is_scratched")
    (note,) = why(scratched, "bsp")["ra_race_results"]
    assert note.endswith("are complete and do not name it")
    (plain, *_) = some_keys(database, "position = 1 AND headgear IS NULL")
    notes = why(plain, "headgear")
    assert notes["ra_card_runners"] == ["the field is blank in the response"]
    assert why(plain, "headgear", None)["ra_card_runners"] == []


def test_value_that_could_not_be_read_is_shown_as_it_was_sent(
    world: World, tmp_path: Path, folder: Path
) -> None:
    odd = world.duckdb.copy(tmp_path, "odd")
    database = AskedDatabase(odd.credentials)
    (key, *_) = some_keys(database, "position = 1 AND age IS NOT NULL")
    where = f"WHERE race_id = '{key[0]}' AND horse_id = '{key[1]}'"
    odd.run(
        *(f"UPDATE {name} SET age = NULL {where}" for name in ("ra_runners", "ra_card_runners")),
        f"UPDATE ra_race_results SET age = NULL {where}",
        "INSERT INTO ra_issues (endpoint, table_name, row_key, field, problem, raw_value, "
        f"_dlt_load_id) VALUES ('racecards', 'ra_runners', '{'/'.join(key)}', "
        "'racecards[].runners[].age', 'unreadable', '\"old\"', '')",
    )
    notes = reasons(explain(database, Archive(str(folder)), "ra_runners", key, "age"))
    assert notes["ra_card_runners"][0] == 'unreadable: racecards[].runners[].age = "old"'


def test_command_says_it_in_lines(
    world: World,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", world.duckdb.credentials)
    monkeypatch.setenv("SOURCES__RACING_API__ARCHIVE", str(folder))
    (key, *_) = some_keys(AskedDatabase(world.duckdb.credentials), "position = 1")
    row = connect(world.duckdb.credentials).sql(
        f"SELECT starting_price FROM ra_runners WHERE horse_id = '{key[1]}'"
    )
    assert _main(["why", "ra_runners", *key, "starting_price"]) == 0
    lines = capsys.readouterr().out.splitlines()
    price = row["starting_price"][0].as_py()
    assert lines[0] == f"ra_runners.starting_price of {key[0]} / {key[1]} is {price}"
    assert lines[2] == "  rule     what ra_race_results says"
    assert lines[4] == f"ra_race_results: {price}, the value taken"
    assert lines[6].startswith('  sent     runners[].sp = "')
    assert lines[7].startswith(f"  file     {folder}/results/")
    assert lines[8].startswith("  fetched  20")
    assert _main(["why", "ra_runners", *key]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == [column.name for column in TABLES["ra_runners"].columns]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("ra_runs 1", "'ra_runs' cannot be explained: use one of ra_runners, ra_races"),
        ("ra_runners rac_1", "A row of ra_runners is named by race_id and horse_id"),
        ("ra_runners rac_1 hrs_1", "ra_runners has no row rac_1 / hrs_1"),
        ("ra_races rac_1 nothing", "ra_races has no column 'nothing'"),
    ],
)
def test_what_cannot_be_explained_is_one_line(
    arguments: str,
    told: str,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", world.duckdb.credentials)
    assert _main(["why", *arguments.split()]) == 2
    assert told in capsys.readouterr().err
