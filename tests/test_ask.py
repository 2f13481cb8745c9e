"""The tables from Python: the same typed frames from a file, its read copy and a Postgres."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars
import pyarrow as pa
import pytest

from pipelines import ask
from pipelines.ask import Racing, connect
from pipelines.ask.database import AskedDatabase, tables_in
from pipelines.database.read_copy import read_copy_of
from pipelines.errors import DestinationError, UsageError
from tests.world import TODAY, World

pytestmark = pytest.mark.slow
DAY = date(2025, 9, 26)

WRITES = {
    "a deletion": "DELETE FROM ra_races",
    "an update in a WITH": "WITH gone AS (DELETE FROM ra_races RETURNING *) SELECT * FROM gone",
    "a second statement": "SELECT 1; DELETE FROM ra_races",
    "a second statement after an end": "SELECT 1; COMMIT; DROP TABLE ra_races CASCADE",
    "a table": "CREATE TABLE racing.mine AS SELECT 1 AS one",
    "a copy to a file": "COPY (SELECT 1) TO 'stolen.csv'",
    "a setting": "SET search_path = 'main'",
    "a way out of reading only": "SET default_transaction_read_only = off",
}
"""What a database is asked to do that is only to be read."""


@pytest.fixture(params=["duckdb", "postgres"])
def racing(world: World, request: pytest.FixtureRequest) -> Racing[pa.Table]:
    return connect(world.both[request.param].credentials)


def test_both_databases_give_the_same_frames(world: World) -> None:
    file, server = (connect(tables.credentials) for tables in world.both.values())
    horse = file.results(DAY)["horse_id"][0].as_py()
    questions: list[Any] = [
        lambda racing: racing.card(),
        lambda racing: racing.card(str(DAY)),
        lambda racing: racing.runners(DAY),
        lambda racing: racing.results(DAY),
        lambda racing: racing.history(horse),
        lambda racing: racing.table("trainer_stats"),
        lambda racing: racing.sql("SELECT course_id, max(off_dt) AS last FROM ra_races GROUP BY 1"),
    ]
    for question in questions:
        one, other = _lasting(question(file)), _lasting(question(server))
        assert _sorted(one) == _sorted(other)
        assert one.num_rows


def test_every_table_and_view_has_the_same_types_and_says_what_columns_mean(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, server = (connect(tables.credentials) for tables in world.both.values())
    names = file.tables()
    assert names == server.tables()
    # Else the database is asked for them again with each name.
    monkeypatch.setattr(Racing, "tables", lambda _: names)
    # The check would connect once for each table; other tests show what it refuses.
    monkeypatch.setattr("pipelines.ask.database._check_one_statement", lambda *_: None)
    columns = [
        {
            f"{name}.{column['column']}": column
            for name in racing.tables()
            for column in racing.columns(name).to_pylist()
        }
        for racing in (file, server)
    ]
    assert [name for name, column in columns[0].items() if not column["meaning"]] == []
    types = [{name: str(one["type"]) for name, one in some.items()} for some in columns]
    differing = {
        name: (one, types[1].get(name))
        for name, one in types[0].items()
        if types[1].get(name) != one
    }
    assert differing == {}


def _lasting(table: pa.Table) -> pa.Table:
    """Leave out when it was loaded: the two were not loaded at the same time."""
    return table.drop_columns([name for name in table.column_names if name == "updated_at"])


def _sorted(table: pa.Table) -> list[str]:
    return sorted(str(row) for row in table.to_pylist())


def test_card_of_the_latest_day_is_the_view(racing: Racing[pa.Table]) -> None:
    assert racing.latest_day() == TODAY
    assert _sorted(racing.card()) == _sorted(racing.sql("SELECT * FROM today_card"))
    times = racing.card()["off_dt"].to_pylist()
    assert times == sorted(times)


def test_card_of_an_earlier_day_knows_nothing_of_that_day_and_later(
    racing: Racing[pa.Table],
) -> None:
    card = {(row["race_id"], row["horse_id"]): row for row in racing.card(DAY).to_pylist()}
    ran = racing.sql(f"SELECT * FROM runner_history WHERE race_date = '{DAY}'").to_pylist()
    compared = 0
    for run in ran:
        row = card[run["race_id"], run["horse_id"]]
        assert (row["runs_before"], row["wins_before"]) == (run["runs_before"], run["wins_before"])
        compared += 1
    assert compared > 50
    assert {row["race_date"] for row in card.values()} == {DAY}


def test_horse_is_found_by_id_or_by_name_with_or_without_its_country(
    racing: Racing[pa.Table],
) -> None:
    query = "SELECT horse_id, max(horse_name) FROM runs GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    ((horse_id, name),) = (row.values() for row in racing.sql(query).to_pylist())
    runs = racing.history(horse_id)
    assert runs.num_rows > 1
    assert runs == racing.history(name.upper()) == racing.history(f"{name} (IRE)")
    last = runs["race_date"][0].as_py()
    earlier = racing.history(horse_id, before=last)
    assert earlier.num_rows == runs.num_rows - 1
    with pytest.raises(UsageError, match="No horse 'Nobody%' is loaded"):
        racing.history("Nobody%")


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_nothing_is_ever_written(
    write: str, racing: Racing[pa.Table], world: World, tmp_path: Path
) -> None:
    races = racing.sql("SELECT count(*) FROM ra_races")
    with pytest.raises((UsageError, DestinationError)):
        racing.sql(write)
    assert racing.sql("SELECT count(*) FROM ra_races") == races
    assert "mine" not in racing.tables()
    assert [*tmp_path.glob("*.csv")] == []


def test_no_other_file_of_the_machine_is_read(world: World, tmp_path: Path) -> None:
    (tmp_path / "secrets.csv").write_text("password\nhunter2\n")
    with pytest.raises((UsageError, DestinationError), match="disabled"):
        connect(world.duckdb.credentials).sql("SELECT * FROM 'secrets.csv'")


def test_question_has_limits_of_rows_and_time(world: World) -> None:
    for tables in world.both.values():
        database = AskedDatabase(tables.credentials)
        answer = database.ask("SELECT id FROM ra_races ORDER BY id", most_rows=3)
        assert (answer.table.num_rows, answer.is_cut) == (3, True)
        whole = database.ask("SELECT id FROM ra_races ORDER BY id LIMIT 3", most_rows=3)
        assert (whole.table, whole.is_cut) == (answer.table, False)
        endless = "SELECT count(*) FROM generate_series(1, 100000000) AS a (x), "
        endless += "generate_series(1, 100000000) AS b (y) WHERE x * y % 7 = 1"
        with pytest.raises(DestinationError, match="took too long and was stopped"):
            database.ask(endless, seconds=0.3)


def test_other_frames_have_the_same_rows(world: World) -> None:
    arrow = connect(world.duckdb.credentials).results(DAY)
    frame = connect(world.duckdb.credentials, "polars").results(DAY)
    assert isinstance(frame, polars.DataFrame)
    assert frame.to_arrow().num_rows == arrow.num_rows
    assert frame["off_dt"].dtype == polars.Datetime("us", "UTC")
    pandas = connect(world.duckdb.credentials, frame="pandas").results(DAY)
    assert pandas["horse_id"].tolist() == arrow["horse_id"].to_pylist()
    assert str(pandas.dtypes["position"]) == "int64[pyarrow]"
    with pytest.raises(UsageError, match="Unknown frame 'spark'"):
        connect(world.duckdb.credentials, "spark")  # type: ignore[call-overload]


def test_destination_of_the_settings_is_used_and_its_copy_first(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "racing_data.duckdb"
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", str(file))
    with pytest.raises(UsageError, match=r"No racing_data.duckdb in .*: run `pipeline run` first"):
        ask.card()
    shutil.copyfile(world.duckdb.credentials, file)
    card, copy = ask.card(), read_copy_of(file)
    assert connect().database.file == file
    shutil.copyfile(file, copy)
    assert connect().database.file == copy
    assert ask.card() == card
    monkeypatch.setenv("DESTINATION_TYPE", "postgres")
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", world.postgres.credentials)
    assert _lasting(ask.runners(DAY)).num_rows == connect(file).runners(DAY).num_rows
    assert ask.table("ra_mst_courses").num_rows
    assert ask.sql("SELECT 1 AS one").to_pylist() == [{"one": 1}]
    assert ask.results(DAY).num_rows


def test_what_cannot_be_is_one_sentence(racing: Racing[pa.Table]) -> None:
    questions: dict[str, Callable[[], Any]] = {
        "'13.10.2025' is not a date": lambda: racing.card("13.10.2025"),
        "Unknown table or view 'ra_nothing'": lambda: racing.table("ra_nothing"),
        "have not been computed: run `pipeline features`": lambda: racing.table("features"),
        "today_features have not been": lambda: racing.sql("SELECT 1 FROM today_features"),
        "The question cannot be understood": lambda: racing.sql("SELEC 1"),
        "understood.*nothing": lambda: racing.sql("SELECT nothing FROM ra_races"),
    }
    for told, question in questions.items():
        with pytest.raises(UsageError, match=told):
            question()


def test_tables_of_a_question_are_named() -> None:
    sql = "WITH a AS (SELECT * FROM runs) SELECT * FROM a JOIN racing.ra_races AS r ON true"
    assert tables_in(sql, "duckdb") == ["ra_races", "runs"]
    assert tables_in("SELEC", "postgres") == []
