"""A rebuild that dies is finished by the next run, whichever that is, and without a call."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from pipelines.archive.store import Archive
from pipelines.database.reader import Reader
from pipelines.plan.modes import Options
from pipelines.rebuild import rebuild as rebuilding
from pipelines.rebuild.rebuild import MOST_ATTEMPTS
from pipelines.report import ExitCode, Report
from pipelines.run import make_again
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.settings import load_settings
from pipelines.status.health import health_of
from pipelines.status.state import state_of
from pipelines.tables import API_TABLES, COVERAGE, TABLES
from tests.faults.tables import Tables
from tests.jobs import (
    SYSTEM_COLUMNS,
    Contents,
    Silent,
    contents,
    point_to,
    rows_of,
    run_job,
    tables_in,
)
from tests.templates import template_database, template_file

pytestmark = pytest.mark.slow

TODAY = date(2025, 10, 3)
FIRST, LATER = date(2025, 10, 1), date(2025, 10, 2)


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.03)) as server:
        yield server


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def loaded(
    request: pytest.FixtureRequest, shared: Running, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Tables, Path]:
    """A database that two backfills have filled, and their archive."""
    folder, name = tmp_path_factory.mktemp("loaded"), f"loaded_{uuid4().hex}"
    empty = template_file()
    if request.param == "postgres":
        empty = template_database(request.getfixturevalue("postgres_server"))
    tables = empty.copy(folder, name)
    with pytest.MonkeyPatch.context() as context:
        context.chdir(folder)
        context.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        context.setenv(f"DESTINATION__{request.param.upper()}__CREDENTIALS", tables.credentials)
        point_to(context, shared.url, horses_per_load=2)
        for horses in (3, 0):
            run = run_job("backfill", request.param, TODAY, start=FIRST, max_horses=horses)
            assert run.exit_code == ExitCode.COMPLETE, run.missing
    return tables, folder / "archive"


@pytest.fixture
def destination(
    loaded: tuple[Tables, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    tables = loaded[0].copy(tmp_path, f"test_{uuid4().hex}")
    name = f"DESTINATION__{tables.destination.upper()}__CREDENTIALS"
    monkeypatch.setenv(name, tables.credentials)
    shutil.copytree(loaded[1], tmp_path / "archive")
    yield tables.destination
    tables.drop()


@pytest.fixture
def sandbox(shared: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    point_to(monkeypatch, shared.url, horses_per_load=2)
    shared.clear()
    return shared


def rebuild(destination: str, *tables: str, start: date | None = None) -> Report:
    settings = load_settings()
    options = Options("rebuild", TODAY, frozenset(TABLES[name] for name in tables), start=start)
    return make_again(options, settings, Archive(settings.archive), destination, Silent())


def die_in_rebuild(destination: str, batches: int, *tables: str, start: date | None = None) -> None:
    """Rebuild, and end the process, as it were, when so many batches are loaded."""
    load, left = rebuilding._load, iter(range(batches))

    def die(*arguments: Any) -> Any:
        if next(left, None) is None:
            raise SystemExit
        return load(*arguments)

    with pytest.MonkeyPatch.context() as dying, pytest.raises(SystemExit):
        dying.setattr(rebuilding, "_load", die)
        dying.setattr(rebuilding, "_is_at_once", lambda _: False)  # as a lake makes its tables
        rebuild(destination, *tables, start=start)


def rows(destination: str) -> Contents:
    return contents(destination, [*API_TABLES, COVERAGE], without=SYSTEM_COLUMNS)


def without_times(found: Contents) -> Contents:
    return {
        table: [{n: v for n, v in row.items() if n != "loaded_at"} for row in rows]
        for table, rows in found.items()
    }


def paths_called(sandbox: Running) -> set[str]:
    return {call.path for call in sandbox.calls}


def courses_alone(destination: str) -> Report:
    """Run a job that reads no card and no result."""
    return run_job("manual", destination, TODAY, tables=[TABLES["ra_mst_courses"]])


@pytest.mark.parametrize(
    ("tables", "start", "batches"),
    [
        ((), None, 0),
        ((), None, 3),
        (("ra_horse_pedigree",), None, 1),
        (("ra_runners",), None, 2),
        ((), LATER, 2),
    ],
    ids=["everything", "the rest", "profiles", "runners", "since a day"],
)
def test_the_next_run_finishes_it_from_the_archive(
    batches: int,
    tables: tuple[str, ...],
    start: date | None,
    destination: str,
    sandbox: Running,
) -> None:
    before = rows(destination)
    die_in_rebuild(destination, batches, *tables, start=start)
    assert rows_of(destination, "SELECT count(*) FROM ra_rebuilds") == [(1,)]
    report = courses_alone(destination)
    assert (report.exit_code, report.missing) == (ExitCode.COMPLETE, [])
    assert any("has been finished from the archive" in note for note in report.notes)
    assert rows(destination) == before
    assert paths_called(sandbox) == {"/v1/courses"}
    assert rows_of(destination, "SELECT count(*) FROM ra_rebuilds") == [(0,)]


def test_where_it_cannot_be_finished_every_run_says_what_is_missing(
    destination: str, sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    die_in_rebuild(destination, 0)
    with monkeypatch.context() as without:
        without.setenv("SOURCES__RACING_API__ARCHIVE", "")
        report = courses_alone(destination)
    (told,) = report.errors
    assert report.exit_code == ExitCode.INCOMPLETE
    assert "the rebuild of all tables that began at" in told
    assert "3 profiles are missing" in told
    assert rows_of(destination, "SELECT count(*) FROM ra_rebuilds") == [(1,)], "the next run tries"


def test_runs_that_die_of_it_stop_trying(
    destination: str, sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    die_in_rebuild(destination, 1)

    def die(*_: object) -> None:
        raise SystemExit

    attempts = "SELECT attempts FROM ra_rebuilds"
    with monkeypatch.context() as dying:
        dying.setattr(rebuilding, "_load", die)
        with pytest.raises(SystemExit):
            courses_alone(destination)
        assert rows_of(destination, attempts) == [(1,)]
        tables_in(destination).run(f"UPDATE ra_rebuilds SET attempts = {MOST_ATTEMPTS - 1}")
        with pytest.raises(SystemExit):
            courses_alone(destination)
        report = courses_alone(destination)
    assert "3 runs have tried" in report.errors[0]
    assert report.tables["ra_mst_courses"].rows > 0, "the run itself goes on"
    assert rebuild(destination).exit_code == ExitCode.COMPLETE
    assert rows_of(destination, "SELECT count(*) FROM ra_rebuilds") == [(0,)]


def test_health_and_status_say_that_it_is_not_finished(destination: str, sandbox: Running) -> None:
    die_in_rebuild(destination, 0, "ra_horse_pedigree")
    reader = Reader(destination)
    state = state_of(reader, TODAY)
    (told,) = state.rebuilds
    assert told.startswith("the rebuild of ra_horse_pedigree that began at ")
    assert f"{told} is not finished" in health_of(reader, state, load_settings()).faults


def test_a_file_that_cannot_be_read_costs_no_more_than_a_call(
    destination: str, sandbox: Running, tmp_path: Path
) -> None:
    before = rows(destination)
    die_in_rebuild(destination, 0)
    for file in (tmp_path / "archive" / "results" / "2025-10-01").iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    report = run_job("backfill", destination, TODAY, start=FIRST, max_horses=0)
    assert (report.exit_code, report.missing) == (ExitCode.COMPLETE, [])
    assert without_times(rows(destination)) == without_times(before)


def test_a_profile_that_cannot_be_read_is_named(
    destination: str, sandbox: Running, tmp_path: Path
) -> None:
    die_in_rebuild(destination, 0, "ra_horse_pedigree")
    file, *_ = sorted((tmp_path / "archive" / "horse_pro").glob("*/*"))
    file.write_bytes(file.read_bytes()[:-1])
    report = courses_alone(destination)
    (told,) = report.errors
    assert report.exit_code == ExitCode.INCOMPLETE
    assert f"horse_pro/{file.parent.name}/{file.name} is damaged" in told


def test_it_is_noted_in_the_transaction_that_deletes(
    destination: str, sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(destination)
    with monkeypatch.context() as failing:
        failing.setattr("pipelines.rebuild.clear._retractions", lambda _: ["SELECT 1 FROM nothing"])
        assert rebuild(destination).exit_code == ExitCode.INCOMPLETE
    assert rows(destination) == before
    assert rows_of(destination, "SELECT count(*) FROM ra_rebuilds") == [(0,)]
