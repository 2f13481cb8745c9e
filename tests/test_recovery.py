"""Packages: rows before the coverage of their days, and what becomes of one left by a dead run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from dlt.extract import DltSource

from pipelines import sources
from pipelines.database.database import Database
from pipelines.loading import days as loading_days
from pipelines.mapping import Inspection
from pipelines.sandbox import SandboxOptions, running
from pipelines.tables.courses import COURSES
from tests.jobs import in_fresh_folder, point_to, run_job

pytestmark = pytest.mark.slow

TODAY, DAY = date(2025, 10, 20), date(2025, 10, 14)


def course(name: str) -> DltSource:
    known = {"id": "crs_1", "course": name, "region_code": "gb", "region": "Great Britain"}
    return sources.chosen(sources.reference([known], Inspection()), {COURSES})


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


def test_days_are_called_complete_when_all_of_their_rows_are_there(
    tables_there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def noting(owner: Any, name: str, said: Callable[..., str]) -> None:
        original = getattr(owner, name)

        def noted(*given: Any, **named: Any) -> Any:
            done = original(*given, **named)
            steps.append(said(*given))
            return done

        monkeypatch.setattr(owner, name, noted)

    noting(Database, "load", lambda _, source: source.name)
    noting(loading_days, "make_models_of_days", lambda *_: "models")
    noting(loading_days, "note_coverage", lambda *_: "coverage")
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02)) as sandbox:
        point_to(monkeypatch, sandbox.url)
        run_job("manual", "duckdb", TODAY, start=DAY, end=DAY, max_horses=0)
    of_a_chunk = ("models", "coverage")
    assert steps == ["reference", "racecards", *of_a_chunk, "results", *of_a_chunk]
