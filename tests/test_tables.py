"""The declaration of the tables, held against the agreed columns and the vendor's description."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from pipelines.api.endpoints import ENDPOINTS, PRICES, Endpoint
from pipelines.parsing.values import identifier, integer, lower, upper
from pipelines.sandbox.limits import CEILINGS, OTHERS
from pipelines.sources.schema import LOAD_ID, declared_schema
from pipelines.tables import (
    API_TABLES,
    MODELS,
    TABLES,
    Column,
    Kind,
    Origin,
    Table,
    Type,
    tables_from,
)
from pipelines.tables.horses import facts_of_the_horse
from pipelines.tables.model import BIGINT, TEXT

Json = dict[str, Any]

NOT_READ_FROM: Final = {
    # The id only tells that the profile was there; status and time are the pipeline's own.
    ("ra_mst_horses", "enrichment_status"): {"id"},
    ("ra_mst_horses", "enriched_at"): {"id"},
    # The quotes are what the agreed column takes from each entry; they are named here.
    ("ra_runners", "stable_tour"): {"racecards[].runners[].stable_tour"},
    # Concluded in the database; what the card says of it has a column of its own.
    ("ra_runners", "is_scratched"): {
        "racecards[].runners[].number",
        "racecards[].runners[].jockey",
    },
}
"""Fields that the agreed columns name and the declaration, on purpose, does not."""

NULLABLE: Final = {("ra_runners", "is_scratched")}
"""Columns that may be unknown, whatever was agreed."""

PAGES: Final = {
    "courses": "CoursesPage",
    "racecards": "RacecardsOddsProPage",
    "results": "ResultsStandardPage",
    "horse_pro": "HorsePro",
    "horse_standard": "Horse",
    "prices": "RaceRunnerOdds",
}
"""Name of each endpoint's answer in the vendor's description."""

SET_BY_US: Final = {
    "horse_pro": {"profile_status", "profile_at"},
    "prices": {"status", "requested_at"},
}
"""Fields that the pipeline adds to a record."""

ADDED: Final = {
    ("ra_runners", "is_non_runner_on_card"),
    ("ra_runners", "performance_rating"),
    ("ra_runners", "speed_rating"),
    ("ra_race_results", "performance_rating"),
    ("ra_race_results", "speed_rating"),
    ("ra_race_results", "is_reserve"),
    *(("ra_race_results", column.name) for column in facts_of_the_horse("results")),
}
"""Columns that were agreed later: for fields that the vendor's description of 1.4.3 lacks, or so
that a table has all that its endpoint says."""

AGREED: Final = [
    table for table in API_TABLES if not table.part_of and "prices" not in table.rows_from
]
"""The tables of the first version; those of what one endpoint says, and of prices, came later."""

ALL_TABLES = [pytest.param(table, id=table.name) for table in TABLES.values()]
ALL_ENDPOINTS = [pytest.param(endpoint, id=name) for name, endpoint in ENDPOINTS.items()]


# Against the agreed columns


@pytest.fixture(scope="module")
def agreed(design_folder: Path) -> Json:
    found: Json = json.loads((design_folder / "columns.json").read_text(encoding="utf-8"))
    return found


def agreed_columns(agreed: Json, table: Table) -> list[Json]:
    found: list[Json] = agreed["tables"][table.name]["columns"]
    return found


def test_tables_are_the_agreed_ones(agreed: Json) -> None:
    assert {table.name for table in AGREED} == set(agreed["tables"])


@pytest.mark.parametrize("table", AGREED, ids=str)
def test_columns_are_the_agreed_ones_in_their_order(agreed: Json, table: Table) -> None:
    declared = [
        (column.name, str(column.type), not column.required)
        for column in table.columns
        if (table.name, column.name) not in ADDED
    ]
    assert declared == [
        (
            column["name"],
            column["type"],
            column["nullable"] or (table.name, column["name"]) in NULLABLE,
        )
        for column in agreed_columns(agreed, table)
    ]


@pytest.mark.parametrize("table", AGREED, ids=str)
def test_key_is_the_agreed_one(agreed: Json, table: Table) -> None:
    keys = [column["name"] for column in agreed_columns(agreed, table) if column.get("key")]
    assert sorted(table.key) == sorted(keys)


@pytest.mark.parametrize("table", AGREED, ids=str)
def test_every_agreed_field_is_read(agreed: Json, table: Table) -> None:
    not_read = {
        (table.name, column["name"]): left
        for column in agreed_columns(agreed, table)
        if (left := set(column["field"]) - set(table.by_name[column["name"]].fields()))
    }
    assert not_read == {name: left for name, left in NOT_READ_FROM.items() if name[0] == table.name}


def test_fields_left_out_are_the_agreed_ones(agreed: Json) -> None:
    left_out = {
        (entry["endpoint"], field.strip().removesuffix("[]"))
        for entry in agreed["api_fields_dropped"]
        for field in entry["field"].split(" / ")
    }
    assert left_out == {
        (endpoint.path, field)
        for endpoint in ENDPOINTS.values()
        if endpoint is not PRICES
        for field, _ in endpoint.dropped
    }


# Against the vendor's description


@pytest.fixture(scope="module")
def schemas(racing_api_folder: Path) -> Json:
    description = (racing_api_folder / "openapi-1.4.3.yml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: Json = yaml.load(description, Loader=loader)["components"]["schemas"]
    return found


def leaves(schemas: Json, schema: Json, path: str = "") -> Iterator[str]:
    """Yield the path of every field, as declarations write it: racecards[].runners[].horse_id."""
    if "anyOf" in schema:
        schema = next(choice for choice in schema["anyOf"] if choice.get("type") != "null")
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    items = schema.get("items", {})
    if "properties" in schema:
        for name, inner in schema["properties"].items():
            yield from leaves(schemas, inner, f"{path}.{name}".lstrip("."))
    elif "$ref" in items:
        yield from leaves(schemas, items, f"{path}[]")
    else:
        yield path


def declared_fields(endpoint: Endpoint) -> set[str]:
    return {
        endpoint.root + path
        for table in API_TABLES
        for column in table.columns_from(endpoint.name)
        for path in column.origins[endpoint.name].paths
    }


@pytest.mark.parametrize("endpoint", ALL_ENDPOINTS)
def test_every_described_field_is_declared_or_left_out(schemas: Json, endpoint: Endpoint) -> None:
    described = set(leaves(schemas, schemas[PAGES[endpoint.name]]))
    left_out = {field for field, _ in endpoint.dropped}
    ours = SET_BY_US.get(endpoint.name, set()) | {
        field
        for table, column in ADDED
        for field in TABLES[table].by_name[column].fields()
        if endpoint.root and field.startswith(endpoint.root)
    }
    assert declared_fields(endpoint) | left_out == described | ours


@pytest.mark.parametrize("endpoint", ALL_ENDPOINTS)
def test_no_field_is_both_declared_and_left_out(endpoint: Endpoint) -> None:
    assert declared_fields(endpoint) & {field for field, _ in endpoint.dropped} == set()


@pytest.mark.parametrize("endpoint", ALL_ENDPOINTS)
def test_every_field_left_out_has_a_reason(endpoint: Endpoint) -> None:
    assert [field for field, reason in endpoint.dropped if not reason] == []


# Against the sandbox


@pytest.mark.parametrize("endpoint", ALL_ENDPOINTS)
def test_no_path_is_called_faster_than_the_sandbox_lets_it(endpoint: Endpoint) -> None:
    _, group, *_ = endpoint.path.removeprefix("/").split("/")
    assert endpoint.ceiling == CEILINGS.get(group, OTHERS)


# In itself


def test_names_of_tables_are_their_own() -> None:
    assert {name: table.name for name, table in TABLES.items()} == {name: name for name in TABLES}


@pytest.mark.parametrize("table", ALL_TABLES)
def test_names_of_columns_are_unique(table: Table) -> None:
    assert list(table.by_name) == [column.name for column in table.columns]


@pytest.mark.parametrize("table", ALL_TABLES)
def test_key_is_of_required_columns(table: Table) -> None:
    assert table.key
    assert [name for name in table.key if not table.by_name[name].required] == []


@pytest.mark.parametrize("table", API_TABLES, ids=str)
def test_every_endpoint_that_makes_rows_gives_the_key(table: Table) -> None:
    for endpoint in table.rows_from:
        given = {column.name for column in table.columns_from(endpoint)}
        assert set(table.key) <= given, endpoint


@pytest.mark.parametrize("table", API_TABLES, ids=str)
def test_columns_come_from_the_endpoints_that_make_rows(table: Table) -> None:
    endpoints = {endpoint for column in table.columns for endpoint in column.origins}
    assert endpoints == set(table.rows_from)
    is_model = table in MODELS
    assert all((table in tables_from(ENDPOINTS[name])) != is_model for name in endpoints)


@pytest.mark.parametrize("table", ALL_TABLES)
def test_every_column_says_who_fills_it_and_what_it_means(table: Table) -> None:
    assert [column for column in table.columns if not (column.origins or column.set_by)] == []
    assert [column for column in table.columns if not column.meaning.strip()] == []


@pytest.mark.parametrize("table", API_TABLES, ids=str)
def test_every_reader_has_a_sentence_for_the_documents(table: Table) -> None:
    sentences = {
        f"{column.name} from {endpoint}": origin.transformation
        for column in table.columns
        for endpoint, origin in column.origins.items()
    }
    unfit = {name: said for name, said in sentences.items() if not said.endswith(".")}
    assert unfit == {}


@pytest.mark.parametrize("table", ALL_TABLES)
def test_decimals_alone_have_a_precision(table: Table) -> None:
    sized = [column for column in table.columns if column.type.precision and column.type.scale]
    assert sized == [column for column in table.columns if column.type.name == "decimal"]


@pytest.mark.parametrize("table", ALL_TABLES)
def test_schema_of_dlt_is_the_declaration(table: Table) -> None:
    columns = declared_schema().tables[table.name]["columns"]
    found = [
        (
            name,
            Type(str(hints["data_type"]), hints.get("precision"), hints.get("scale")),
            hints["nullable"],
        )
        for name, hints in columns.items()
    ]
    declared = [(column.name, column.type, not column.required) for column in table.columns]
    assert found == [*declared, (LOAD_ID["name"], Type("text"), False)]
    keys = [name for name, hints in columns.items() if hints.get("primary_key")]
    assert sorted(keys) == sorted(table.key)


def prices(*columns: Column) -> Table:
    """Declare a table whose rows lie two lists deep on a card, and are whole results."""
    rows_from = {"racecards": "runners[].odds[]", "results": ""}
    return Table("prices", Kind.RACE, "one price", ("race_id",), columns, rows_from)


def test_fields_are_relative_to_the_list_that_makes_the_rows() -> None:
    race = Column("race_id", TEXT, "Race", racecards="^^race_id", results="race_id")
    price = Column("price", BIGINT, "Price", field=("decimal", "history[].price"))
    horse = Column("horse_name", TEXT, "Horse", lower, racecards=Origin("^horse", upper))
    table = prices(race, price, horse)
    assert {column.name: column.origins for column in table.columns} == {
        "race_id": {
            "racecards": Origin(("race_id",), identifier),
            "results": Origin(("race_id",), identifier),
        },
        "price": {
            "racecards": Origin(
                ("runners[].odds[].decimal", "runners[].odds[].history[].price"), integer
            ),
            "results": Origin(("decimal", "history[].price"), integer),
        },
        "horse_name": {"racecards": Origin(("runners[].horse",), upper)},
    }


def test_key_is_required_without_saying_so() -> None:
    table = prices(Column("race_id", TEXT, "Race", field="id"), Column("note", TEXT, "", field="n"))
    assert [column.required for column in table.columns] == [True, False]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ({"racecards": "^^^race_id"}, "^^^race_id lies outside the record"),
        ({"courses": "id"}, "prices.race_id: no rows come from courses"),
    ],
)
def test_field_that_no_record_can_have_is_refused(source: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        prices(Column("race_id", TEXT, "Race", **source))
