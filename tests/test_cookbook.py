"""The cookbook: each recipe asked on DuckDB and on Postgres, against docs/cookbook.md."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import NamedTuple
from uuid import uuid4

import pytest

from pipelines.models.features import create
from pipelines.report import ExitCode
from pipelines.tables import TABLES
from pipelines.tables.features import FEATURES, HISTORY, KEYS
from tests.cookbook import DOCUMENT, RECIPES, TODAY, answers, document, load_world, world_on
from tests.faults.tables import Tables
from tests.jobs import run_job
from tests.templates import template_database, template_file

NAMES = [recipe.file for recipe in RECIPES]


class Kitchen(NamedTuple):
    """What both databases answer, and the file of DuckDB's."""

    duckdb: dict[str, str]
    postgres: dict[str, str]
    file: str


@pytest.fixture(scope="module")
def kitchen(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Kitchen:
    """Load the world of the cookbook into a file, copy its rows to Postgres, and ask everything.

    That both are loaded alike is what test_two_databases.py shows; of features, test_features.py.
    """
    folder = tmp_path_factory.mktemp("cookbook")
    file = template_file().copy(folder, "racing_data")
    postgres = template_database(postgres_server).copy(folder, f"cookbook_{uuid4().hex}")
    with pytest.MonkeyPatch.context() as environment:
        environment.chdir(folder)
        for tables in (file, postgres):
            name = f"DESTINATION__{tables.destination.upper()}__CREDENTIALS"
            environment.setenv(name, tables.credentials)
        load_world("duckdb", environment)
        postgres.take_rows(file)
        take_features(postgres, file)
        return Kitchen(answers("duckdb"), answers("postgres"), file.credentials)


def take_features(postgres: Tables, file: Tables) -> None:
    """Copy the features that a recipe may ask for."""
    asked = {word for recipe in RECIPES for word in re.findall(r"\w+", recipe.query)}
    names = [one.name for one in (*KEYS, *FEATURES) if one in KEYS or one.name in asked]
    rows = file.rows(f"SELECT {', '.join(names)} FROM racing.{HISTORY}")
    values = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)
    postgres.run(create(HISTORY), f"INSERT INTO {HISTORY} ({', '.join(names)}) VALUES {values}")


def _literal(value: object) -> str:
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


def test_recipes_are_numbered_through() -> None:
    assert [name[:3] for name in NAMES] == [f"{place:02}_" for place in range(1, len(NAMES) + 1)]


@pytest.mark.parametrize("name", NAMES)
def test_both_databases_give_the_same_answer(kitchen: Kitchen, name: str) -> None:
    assert kitchen.duckdb[name] == kitchen.postgres[name]
    assert kitchen.duckdb[name], "an empty answer proves nothing"


def test_document_shows_each_query_and_its_answer(kitchen: Kitchen) -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(kitchen.duckdb)


def test_nothing_said_of_today_knows_its_results(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", kitchen.file)
    with world_on(TODAY + timedelta(days=1), monkeypatch, cards=(0, 0), results=0):
        results = [TABLES["ra_race_results"]]
        report = run_job("manual", "duckdb", TODAY, results, start=TODAY, end=TODAY)
    assert report.exit_code == ExitCode.COMPLETE

    found = answers("duckdb")
    changed = {name for name in NAMES if found[name] != kitchen.duckdb[name]}
    of_today = {recipe.file for recipe in RECIPES if "today_card" in recipe.query}
    assert changed & of_today == set()
    assert of_today and changed, "no question about today, or none that its results answer"
