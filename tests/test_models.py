"""Models: what is true of a race and of a runner, by what card and result say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import duckdb
import pytest

from pipelines.models import Days, columns_of, expression, named_on, of_everything, statements
from pipelines.tables import MODELS, RACES, RUNNERS, Table

DAY, NEXT, LATER = date(2025, 6, 21), date(2025, 6, 22), date(2025, 6, 23)
LOADS: Final = ("1.0", "2.0", "3.0")


def test_fact_of_both_is_the_cards_or_the_results_if_it_is_blank() -> None:
    going, name = RACES.by_name["going"], RACES.by_name["race_name"]
    assert expression(RACES, going) == "coalesce(card.going, result.going)"
    assert expression(RACES, name) == "coalesce(nullif(card.race_name, ''), result.race_name, '')"


@pytest.mark.parametrize("figure", ["rpr", "ts", "performance_rating", "speed_rating", "comment"])
def test_figure_from_before_the_race_is_never_the_one_after_it(figure: str) -> None:
    assert expression(RUNNERS, RUNNERS.by_name[figure]) == f"card.{figure}"


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_model_has_a_rule_for_every_column_that_is_read_of_a_response(model: Table) -> None:
    made = [column.name for column in columns_of(model)]
    set_elsewhere = {"is_scratched", "updated_at"}
    assert made == [column.name for column in model.columns if column.name not in set_elsewhere]


def test_all_races_are_made_by_the_quarter_each_of_their_days_once() -> None:
    days = {date(2024, 12, 31), date(2025, 1, 1), date(2025, 3, 31), date(2025, 4, 1)}
    filled = of_everything(RACES, days)
    assert [re.findall(r"WHERE (date [^)]*)\)", statement) for statement in filled] == [
        ["date < DATE '2025-01-01'"] * 2,
        ["date >= DATE '2025-01-01' AND date < DATE '2025-04-01'"] * 2,
        ["date >= DATE '2025-04-01'"] * 2,
    ]


# In a database


KINDS: Final = {"bigint": "BIGINT", "bool": "BOOL", "date": "DATE", "timestamp": "TIMESTAMPTZ"}


@pytest.fixture
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("CREATE TABLE _dlt_loads (load_id TEXT, status BIGINT)")
        for table in {*MODELS, *(said for model in MODELS.values() for said in model.values())}:
            columns = (f"{c.name} {KINDS.get(c.type.name, 'TEXT')}" for c in table.columns)
            connection.execute(f"CREATE TABLE {table} ({', '.join(columns)}, _dlt_load_id TEXT)")
        yield connection


def say(tables: duckdb.DuckDBPyConnection, table: str, **values: Any) -> None:
    """Put one row into a source table."""
    places = ", ".join("?" for _ in values)
    sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"
    tables.execute(sql, [*values.values()])


def make(tables: duckdb.DuckDBPyConnection, *days: date, both: tuple[date, ...] = ()) -> None:
    """Make the models of some days, as after a load."""
    (loads,) = tables.execute("SELECT count(*) FROM _dlt_loads").fetchone() or (0,)
    tables.execute("INSERT INTO _dlt_loads VALUES (?, 0)", [LOADS[loads]])
    for model in MODELS:
        some = Days(frozenset(days), frozenset({*days, *both}))
        for statement in statements(model, named_on(model, some) if model.named_as else some):
            tables.execute(statement)


def races(tables: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Return what a few columns of ra_races say."""
    query = "SELECT id, date, going, surface, has_result, _dlt_load_id FROM ra_races ORDER BY id"
    return tables.execute(query).fetchall()


def test_race_is_what_its_card_and_its_result_say(tables: duckdb.DuckDBPyConnection) -> None:
    say(tables, "ra_card_races", id="rac_1", date=DAY, going="Good", race_name="")
    say(tables, "ra_result_races", id="rac_1", date=DAY, going="Heavy", surface="AW")
    say(tables, "ra_card_races", id="rac_2", date=DAY, going="Soft", race_name="")
    say(tables, "ra_result_races", id="rac_3", date=NEXT, going="Firm")
    make(tables, DAY)
    assert races(tables) == [
        ("rac_1", DAY, "Good", "AW", True, "1.0"),
        ("rac_2", DAY, "Soft", None, False, "1.0"),
    ]


def test_row_that_stays_what_it_was_keeps_its_load(tables: duckdb.DuckDBPyConnection) -> None:
    say(tables, "ra_card_races", id="rac_1", date=DAY, going="Good")
    say(tables, "ra_card_races", id="rac_2", date=DAY, going="Good")
    make(tables, DAY)
    tables.execute("UPDATE ra_card_races SET going = 'Soft' WHERE id = 'rac_2'")
    make(tables, DAY)
    assert [row[2::3] for row in races(tables)] == [("Good", "1.0"), ("Soft", "2.0")]


def test_runner_that_nobody_names_any_more_is_gone(tables: duckdb.DuckDBPyConnection) -> None:
    for horse in ("hrs_1", "hrs_2", "hrs_3"):
        say(tables, "ra_card_runners", race_id="rac_1", horse_id=horse, race_date=DAY)
    say(tables, "ra_race_results", race_id="rac_1", horse_id="hrs_2", race_date=DAY, position=1)
    make(tables, DAY)
    tables.execute("DELETE FROM ra_card_runners WHERE horse_id <> 'hrs_1'")
    make(tables, DAY)
    query = "SELECT horse_id, position FROM ra_runners ORDER BY horse_id"
    assert tables.execute(query).fetchall() == [("hrs_1", None), ("hrs_2", 1)]


def test_race_of_two_days_is_made_of_both_whichever_is_read(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    say(tables, "ra_card_races", id="rac_1", date=DAY, going="Good")
    say(tables, "ra_result_races", id="rac_1", date=NEXT, surface="AW")
    say(tables, "ra_card_races", id="rac_2", date=NEXT, going="Soft")
    make(tables, DAY, both=(NEXT,))
    once = [("rac_1", DAY, "Good", "AW", True, "1.0")]
    assert races(tables) == once, "and nothing of the other day"
    make(tables, NEXT, both=(DAY,))
    assert races(tables) == [*once, ("rac_2", NEXT, "Soft", None, False, "2.0")]


@pytest.mark.parametrize(
    ("card", "result", "jockey"),
    [
        (("jky_1", "A Nib"), ("jky_2", "B Nib"), ("jky_1", "A Nib")),
        ((None, None), ("jky_2", "B Nib"), ("jky_2", "B Nib")),
        ((None, "A Nib"), ("jky_2", "B Nib"), ("jky_2", "B Nib")),
        (("jky_1", None), ("jky_1", "A Nib"), ("jky_1", "A Nib")),
        ((None, "A Nib"), (None, "B Nib"), (None, "A Nib")),
    ],
)
def test_id_and_name_of_a_jockey_are_of_one_person(
    tables: duckdb.DuckDBPyConnection, card: Any, result: Any, jockey: Any
) -> None:
    for table, (own, name) in (("ra_card_runners", card), ("ra_race_results", result)):
        key = {"race_id": "rac_1", "horse_id": "hrs_1", "race_date": DAY}
        say(tables, table, **key, jockey_id=own, jockey_name=name)
    make(tables, DAY)
    query = "SELECT jockey_id, jockey_name FROM ra_runners"
    assert tables.execute(query).fetchall() == [jockey]


# People and horses


def people(tables: duckdb.DuckDBPyConnection, columns: str, table: str) -> list[tuple[Any, ...]]:
    """Return some columns of everybody in a table, and the load that last changed each."""
    return tables.execute(f"SELECT {columns}, _dlt_load_id FROM {table} ORDER BY 1").fetchall()


def entered(tables: duckdb.DuckDBPyConnection, table: str, day: date, **said: Any) -> None:
    """Let a card or a result name a horse, and who is with it."""
    say(tables, table, race_id=f"rac_{day}", **{"horse_id": "hrs_1", "race_date": day, **said})


def test_most_recent_card_names_a_person_and_a_result_only_whom_no_card_does(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    trainer: dict[str, Any] = {"trainer_id": "trn_1"}
    entered(tables, "ra_race_results", NEXT, **trainer, trainer_name="T Nib, later")
    entered(tables, "ra_race_results", DAY, trainer_id="trn_2", trainer_name="A Quill")
    make(tables, DAY)
    who = "id, name, location"
    assert people(tables, who, "ra_mst_trainers") == [("trn_2", "A Quill", None, "1.0")]
    entered(
        tables, "ra_card_runners", DAY, **trainer, trainer_name="T Nib", trainer_location="Kent"
    )
    for name in ("T. Nib", "T Nib"):
        entered(tables, "ra_card_runners", LATER, **trainer, trainer_name=name)
    make(tables, DAY)
    assert people(tables, who, "ra_mst_trainers") == [
        ("trn_1", "T. Nib", "Kent", "2.0"),
        ("trn_2", "A Quill", None, "1.0"),
    ]


def test_person_whom_nobody_names_any_more_stays_and_one_named_less_is_who_he_was(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    for day, name in ((DAY, "A Nib"), (NEXT, "A. Nib")):
        entered(tables, "ra_card_runners", day, jockey_id="jky_1", jockey_name=name)
    entered(tables, "ra_card_runners", LATER, jockey_id="jky_2", jockey_name="B Nib")
    make(tables, DAY, NEXT, LATER)
    tables.execute(f"DELETE FROM ra_card_runners WHERE race_date > DATE '{DAY}'")
    make(tables, NEXT, LATER)
    assert people(tables, "id, name", "ra_mst_jockeys") == [
        ("jky_1", "A Nib", "2.0"),
        ("jky_2", "B Nib", "1.0"),
    ]


@pytest.mark.parametrize("name", [None, ""])
def test_person_without_a_name_is_nobody_and_a_horse_without_one_is_there(
    tables: duckdb.DuckDBPyConnection, name: str | None
) -> None:
    entered(tables, "ra_card_runners", DAY, horse_name=name or "", owner_id="own_1")
    make(tables, DAY)
    assert people(tables, "id, name", "ra_mst_owners") == []
    assert people(tables, "id, name", "ra_mst_horses") == [("hrs_1", "", "1.0")]


def test_horse_is_what_its_cards_say_then_its_profile_then_its_results(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    columns = "name, sex, dob, colour, breeder, enrichment_status"
    entered(tables, "ra_race_results", NEXT, horse_name="Ink", sex_code="F", sire_id="sir_1")
    make(tables, NEXT)
    assert people(tables, columns, "ra_mst_horses") == [
        ("Ink", "filly", None, None, None, "pending", "1.0")
    ]
    born = {"dob": date(2020, 1, 1), "breeder": "Inkwell Stud", "sire": "Pen", "sire_id": "sir_1"}
    entered(tables, "ra_card_runners", DAY, horse_name="Inky", colour="b", sex="mare", **born)
    entered(tables, "ra_card_runners", NEXT, horse_name="Inkwell", colour="ch")
    make(tables, NEXT)
    known = ("Inkwell", "mare", date(2020, 1, 1), "ch", "Inkwell Stud")
    assert people(tables, columns, "ra_mst_horses") == [(*known, "racecard", "2.0")]
    tables.execute(
        "INSERT INTO ra_horse_profiles (id, name, colour, dam_id, enrichment_status) "
        "VALUES ('hrs_1', 'Profiled', 'gr', 'dam_1', 'pro')"
    )
    make(tables, NEXT)
    assert people(tables, columns, "ra_mst_horses") == [(*known, "pro", "3.0")]
    parents = "sire, sire_horse_id, dam_horse_id"
    assert people(tables, parents, "ra_horse_pedigree") == [("Pen", "hrs_1", "hrs_1", "3.0")]
