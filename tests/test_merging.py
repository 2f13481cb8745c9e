"""A merge into DuckDB changes a row where it is, and adds one once."""

from __future__ import annotations

from datetime import date
from typing import Any

import dlt
import duckdb
import pytest

from pipelines.database import duckdb as merging
from pipelines.database.duckdb import DuckDB, KeepsKeys, OncePerKey
from pipelines.database.ducklake import DuckLake, Merge
from pipelines.database.motherduck import MotherDuck
from pipelines.database.named import NamedAsDlts
from pipelines.database.postgres import Postgres
from pipelines.sandbox import SandboxOptions, running
from tests.jobs import load_days, point_to, rows_of

pytestmark = pytest.mark.usefixtures("tables_there")

TODAY = date(2025, 10, 20)
DAY = date(2025, 10, 14)


def test_no_key_is_set() -> None:
    columns = ['"id"', '"race_id"', '"name"', '"_dlt_load_id"']
    (statement,) = KeepsKeys.gen_upsert_merge_sql(
        "races", "staged", ['"id"', '"race_id"'], columns, None, None
    )
    assert " ".join(statement.split()) == (
        "MERGE INTO races d USING (SELECT * FROM staged QUALIFY row_number() OVER "
        '(PARTITION BY "id", "race_id") = 1) s ON d."id" = s."id" AND d."race_id" = s."race_id" '
        'WHEN MATCHED THEN UPDATE SET "name" = s."name", "_dlt_load_id" = s."_dlt_load_id" '
        'WHEN NOT MATCHED THEN INSERT ("id", "race_id", "name", "_dlt_load_id") '
        'VALUES (s."id", s."race_id", s."name", s."_dlt_load_id");'
    )


def test_a_result_leaves_each_runner_where_its_card_has_put_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.05)) as sandbox:
        point_to(monkeypatch, sandbox.url)
        load_days("duckdb", TODAY, DAY, DAY, only="racecards")
        placed = places()
        load_days("duckdb", TODAY, DAY, DAY, only="results")
    ran = places("WHERE finish_status IS NOT NULL")
    assert ran
    assert ran.items() <= placed.items()


def test_many_rows_are_merged_in_parts_to_the_same_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "VALUES_OF_A_STATEMENT", 300)
    statements: list[str] = []
    merge = KeepsKeys.gen_upsert_sql

    def noted(*arguments: Any, **options: Any) -> list[str]:
        made = merge(*arguments, **options)
        statements.extend(" ".join(sql.split()) for sql in made)
        return made

    monkeypatch.setattr(KeepsKeys, "gen_upsert_sql", noted)
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.05)) as sandbox:
        point_to(monkeypatch, sandbox.url)
        load_days("duckdb", TODAY, DAY, DAY, only="racecards")
        ((runners,),) = rows_of("duckdb", "SELECT count(*) FROM ra_card_runners")
        load_days("duckdb", TODAY, DAY, DAY, only="racecards")
    into = 'MERGE INTO "racing"."ra_card_runners"'
    assert sum(sql.startswith(into) for sql in statements) > 2 * runners // 10
    assert rows_of("duckdb", "SELECT count(*), count(DISTINCT id) FROM ra_card_runners") == [
        (runners, runners)
    ]


def places(condition: str = "") -> dict[tuple[str, str], int]:
    """Where DuckDB has each runner: another number if it was deleted and inserted again."""
    sql = f"SELECT race_id, horse_id, rowid FROM ra_runners {condition}"
    rows = rows_of("duckdb", sql)
    return {(race, horse): place for race, horse, place in rows}


OURS = [DuckDB, Postgres, DuckLake, MotherDuck]


@pytest.mark.parametrize("ours", OURS)
def test_dlt_knows_the_destination_by_its_own_name(ours: type[NamedAsDlts]) -> None:
    assert ours().destination_type == getattr(dlt.destinations, ours.name)().destination_type


@pytest.mark.parametrize("ours", [DuckDB, Postgres, MotherDuck])  # a lake wants its catalog
def test_what_dlt_changes_of_the_capabilities_it_gets_stays_with_it(
    ours: type[NamedAsDlts],
) -> None:
    destination = ours()
    before = dict(destination.capabilities())
    destination.capabilities().preferred_loader_file_format = "csv"
    assert dict(destination.capabilities()) == before
    dlts = getattr(dlt.destinations, ours.name)().capabilities()
    assert before["preferred_loader_file_format"] == dlts.preferred_loader_file_format


@pytest.mark.parametrize("ours", [DuckDB, DuckLake, MotherDuck])
def test_each_kind_of_duckdb_merges_what_is_staged_once(
    ours: type[NamedAsDlts], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OncePerKey, "from_table_chain", classmethod(lambda merge, *_: merge))
    kind: Any = ours().client_class
    client: Any = kind.__new__(kind)  # unconnected
    client.sql_client = None
    jobs = client._create_merge_followup_jobs([])
    assert [issubclass(job, OncePerKey) for job in jobs] == [True]


@pytest.mark.parametrize("merge", [KeepsKeys, Merge])
@pytest.mark.parametrize("insert_only", [True, False])
def test_rows_that_are_staged_twice_are_merged_once(
    merge: type[OncePerKey], insert_only: bool
) -> None:
    names = ["race_id", "horse_id", "price"]
    (sql,) = merge.gen_upsert_merge_sql(
        "odds", "staged", names[:2], names, None, None, insert_only=insert_only
    )
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE odds AS SELECT 'rac_1' AS race_id, 'a' AS horse_id, 2 AS price"
        )
        connection.execute(
            "CREATE TABLE staged AS SELECT 'rac_1' AS race_id, horse_id, 3 AS price "
            "FROM (VALUES ('a'), ('b'), ('a'), ('b')) AS horses (horse_id)"
        )
        connection.execute(sql)
        found = connection.execute("SELECT horse_id, price FROM odds ORDER BY horse_id").fetchall()
    assert found == [("a", 2 if insert_only else 3), ("b", 3)]
