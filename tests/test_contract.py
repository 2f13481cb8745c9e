"""Contracts are frozen: from the first row of a fresh database on, no table changes its shape."""

from __future__ import annotations

import dlt
import pyarrow as pa
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines import sources
from pipelines.database.database import Database
from pipelines.errors import PipelineError
from pipelines.mapping import ContractError, Inspection, to_arrow
from pipelines.tables import API_TABLES, TABLES, Table
from pipelines.tables.courses import COURSES

COURSE = {"id": "crs_1", "course": "Anywhere", "region_code": "gb", "region": "Great Britain"}


def columns_of(database: Database, table: Table) -> list[tuple[str, str]]:
    return [
        (name, nullable)
        for name, nullable in database.rows(
            "SELECT column_name, is_nullable FROM information_schema.columns "
            "WHERE table_name = %s AND table_schema = 'racing' ORDER BY ordinal_position",
            table.name,
        )
    ]


def test_fresh_database_has_every_declared_column_and_no_other(new_destination: str) -> None:
    database = Database(new_destination)
    for table in TABLES.values():
        declared = [(column.name, "NO" if column.required else "YES") for column in table.columns]
        assert columns_of(database, table) == [*declared, ("_dlt_load_id", "NO")]


@pytest.mark.parametrize(
    "column", [pa.array(["x"]), pa.array([1])], ids=["text column", "number column"]
)
def test_undeclared_column_is_refused_from_the_first_row_on(
    new_destination: str, column: pa.Array
) -> None:
    database = Database(new_destination)
    source = sources.chosen(sources.reference([COURSE], Inspection()), {COURSES})

    def widen(table: pa.Table) -> pa.Table:
        return table.append_column("surprise", column)

    source.resources["ra_mst_courses"].add_map(widen)
    with pytest.raises(PipelineError, match="surprise"):
        database.load(source)
    assert database.count([COURSES]) == {"ra_mst_courses": (0, 0)}


def test_undeclared_table_is_refused(destination: str) -> None:
    database = Database(destination)
    source = sources.chosen(sources.reference([COURSE], Inspection()), {COURSES})
    source.resources["ra_mst_courses"].apply_hints(table_name="ra_surprise")
    with pytest.raises(PipelineError, match="ra_surprise"):
        database.load(source)


@pytest.mark.parametrize("table", API_TABLES, ids=str)
def test_row_with_an_undeclared_value_never_becomes_arrow(table: Table) -> None:
    row = dict.fromkeys(column.name for column in table.columns) | {"surprise": 1}
    with pytest.raises(ContractError, match="surprise"):
        to_arrow(table, table.columns, [row])


WRONG: dict[str, object] = {
    "text": 1,
    "bigint": "1",
    "decimal": "1.0",
    "bool": "true",
    "date": "2025-10-13",
    "timestamp": "2025-10-13T14:12:00Z",
}


@pytest.mark.parametrize("table", API_TABLES, ids=str)
def test_value_of_a_wrong_type_is_refused_in_every_column(table: Table) -> None:
    for column in table.columns:
        row = dict.fromkeys(other.name for other in table.columns)
        with pytest.raises(ContractError, match=table.name):
            to_arrow(table, table.columns, [row | {column.name: WRONG[column.type.name]}])


def test_contract_survives_a_new_pipeline_folder(
    destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Database(destination)
    monkeypatch.setenv("DLT_DATA_DIR", "elsewhere")
    database = Database(destination)
    source = sources.chosen(sources.reference([COURSE], Inspection()), {COURSES})
    source.resources["ra_mst_courses"].add_map(
        lambda table: table.append_column("surprise", pa.array(["x"]))
    )
    with pytest.raises(PipelineError, match="surprise"):
        database.load(source)


def test_dlt_itself_refuses_rows_as_dictionaries(destination: str) -> None:
    """The contract does not hang on Arrow: dlt's own schema says the same."""
    database = Database(destination)
    source = sources.chosen(sources.reference([COURSE], Inspection()), {COURSES})
    source.resources["ra_mst_courses"].add_map(lambda table: {"id": "crs_1", "latitude": "north"})
    with pytest.raises((PipelineError, PipelineStepFailed)):
        database.load(source)
    assert dlt.pipeline("racing", destination=database.pipeline.destination) is not None
