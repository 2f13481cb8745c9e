"""Packages: rows before the coverage of their days, and what becomes of one left by a dead run."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from dlt.extract import DltSource

from pipelines import sources
from pipelines.database.database import Database
from pipelines.mapping import Inspection
from pipelines.sandbox import SandboxOptions, running
from pipelines.tables import TABLES
from pipelines.tables.courses import COURSES
from tests.jobs import in_fresh_folder, point_to, run_job

pytestmark = pytest.mark.slow

TODAY, DAY = date(2025, 10, 20), date(2025, 10, 14)


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


def test_days_are_called_complete_in_a_package_behind_all_of_their_rows(
    tables_there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages: list[tuple[str, bool, bool]] = []
    load = Database.load

    def noting(self: Database, *loaded: DltSource) -> Counter[str]:
        tables = [TABLES.keys() & source.selected_resources.keys() for source in loaded]
        packages.extend(
            (source.name, "ra_coverage" in names, bool(names - {"ra_coverage", "ra_issues"}))
            for source, names in zip(loaded, tables, strict=True)
        )
        return load(self, *loaded)

    monkeypatch.setattr(Database, "load", noting)
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02)) as sandbox:
        point_to(monkeypatch, sandbox.url)
        run_job("manual", "duckdb", TODAY, start=DAY, end=DAY, max_horses=0)
    assert packages == [
        ("reference", False, True),
        ("racecards", False, True),
        ("racecards", True, False),
        ("results", False, True),
        ("results", True, False),
    ]
