"""A package that a dead run has left: loaded, unless the database has moved on since."""

from __future__ import annotations

from pathlib import Path

import pytest
from dlt.extract import DltSource

from pipelines import sources
from pipelines.database import Database
from pipelines.mapping import Inspection
from pipelines.tables.courses import COURSES
from tests.jobs import in_fresh_folder

pytestmark = pytest.mark.slow


def course(name: str) -> DltSource:
    known = {"id": "crs_1", "course": name, "region_code": "gb", "region": "Great Britain"}
    return sources.reference([known], {COURSES}, Inspection())


def leave_pending(name: str) -> None:
    """Die between fetch and load."""
    Database("duckdb").pipeline.extract(course(name), loader_file_format="parquet")


def loaded() -> list[tuple[str]]:
    found: list[tuple[str]] = Database("duckdb").rows("SELECT name FROM ra_mst_courses")
    return found


def test_package_of_a_dead_run_is_loaded_by_the_next_one(tables_there: None) -> None:
    leave_pending("Foolscap")
    assert loaded() == [("Foolscap",)]


def test_package_older_than_the_database_changes_nothing(
    tables_there: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_pending("Foolscap")
    with monkeypatch.context() as elsewhere:
        in_fresh_folder(tmp_path, elsewhere, "elsewhere")
        Database("duckdb").load(course("Vellum"))
    assert loaded() == [("Vellum",)]
