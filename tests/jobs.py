"""Running the pipeline in a test, and reading what it has loaded."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest

from pipelines.api.endpoints import COURSES, ENDPOINTS
from pipelines.database.database import Database
from pipelines.plan import modes
from pipelines.plan.modes import Options, check
from pipelines.report import Report
from pipelines.run import perform
from pipelines.settings import load_settings
from pipelines.tables import API_TABLES, TABLES, Table
from tests.faults.tables import Tables
from tests.templates import template_database, template_file

Contents = dict[str, list[dict[str, Any]]]
SYSTEM_COLUMNS = {"_dlt_load_id", "_dlt_id", "updated_at"}


FEW_DAYS: dict[str, object] = {
    "racecards_days_back": 1,
    "racecards_days_ahead": 1,
    "results_days_back": 2,
}
"""Settings of a daily run that reads six days, not twenty-six."""


class Silent:
    """Progress that nobody watches."""

    def start(self, step: str, total: int) -> None:
        """Begin a step."""

    def advance(self, step: str, detail: str) -> None:
        """One more is done."""

    def finish(self, step: str) -> None:
        """End a step."""


def point_to(monkeypatch: pytest.MonkeyPatch, url: str, **settings: object) -> None:
    """Set credentials, the address of a server, a high rate, and other settings."""
    values: dict[str, object] = {
        "USERNAME": "sandbox",
        "PASSWORD": "sandbox",
        "BASE_URL": url,
        "REQUESTS_PER_SECOND": 1000,
        "PATH_LIMITS": "false",
        "PLAN": "pro",  # nobody is asked what the key includes
        "READ_COPY": "false",  # nobody reads it
        **{name.upper(): value for name, value in settings.items()},
    }
    for name, value in values.items():
        monkeypatch.setenv(f"SOURCES__RACING_API__{name}", str(value))


def run_job(
    mode: str,
    destination: str,
    today: date,
    tables: Iterable[Table] = (),
    **options: Any,
) -> Report:
    """Run a mode as the command line does, in this process, on a day of the test's choice."""
    chosen = Options(mode, today, frozenset(tables), **options)
    check(chosen)
    return perform(chosen, load_settings(), destination, Silent())


def drop_key(database: Database, table: str) -> None:
    """Drop the index of a table's key, which on Postgres may be that of its primary key."""
    if database.name == "postgres":
        database.rows(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_key CASCADE")
    database.rows(f"DROP INDEX IF EXISTS {table}_key")


def without_courses(patch: pytest.MonkeyPatch) -> None:
    """Let runs leave out the list of courses, which is a load of its own."""
    wants = Options.wants
    patch.setattr(Options, "wants", lambda self, kind: kind is not COURSES and wants(self, kind))


def load_days(destination: str, today: date, first: date, last: date, only: str = "") -> Report:
    """Load days, no courses or profiles; only the cards or only the results if one is named."""
    with pytest.MonkeyPatch.context() as patch:
        without_courses(patch)
        if only:
            patch.setattr(modes, "_dated", lambda options: [ENDPOINTS[only]])
        return run_job("manual", destination, today, start=first, end=last, max_horses=0)


def in_fresh_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Lose dlt's working folder, as a new machine would."""
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / name))


def use_empty_database(
    destination: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Go on with an empty database and working folder, in a test that needs several."""
    name = name.replace(" ", "_")
    in_fresh_folder(tmp_path, monkeypatch, f"folder_{name}")
    before = tables_in(destination)
    if destination == "duckdb":
        copy = template_file().copy(tmp_path, name)
    else:
        copy = template_database(before.administrator).copy(tmp_path, f"{name}_{uuid4().hex}")
    monkeypatch.setenv(f"DESTINATION__{destination.upper()}__CREDENTIALS", copy.credentials)


def begun(destination: str, name: str, work: Callable[[], object]) -> None:
    """Do what several tests begin with once; the others get a copy of what it has left.

    The test's database, dlt's folder and the archive have to be as new.
    """
    tables, place = tables_in(destination), Path(os.environ["DLT_DATA_DIR"])
    if (destination, name) in _BEGUN:
        left, folder = _BEGUN[destination, name]
        tables.drop()
        again = Path(tables.database_name)
        left.copy(again.parent, again.stem)
        shutil.copytree(folder / "dlt", place, dirs_exist_ok=True)
        shutil.copytree(folder / "archive", "archive", dirs_exist_ok=True)
        return
    work()
    folder = Path(tempfile.mkdtemp(prefix="racing_begun_"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(place, folder / "dlt")
    shutil.copytree("archive", folder / "archive")
    _BEGUN[destination, name] = tables.copy(folder, f"begun_{uuid4().hex}"), folder


_BEGUN: Final[dict[tuple[str, str], tuple[Tables, Path]]] = {}
"""What is left by destination and name: the database, and the folder with the rest."""


def tables_in(destination: str) -> Tables:
    """Return the tables of the test's database, to be read without the pipeline's own code."""
    name = f"DESTINATION__{destination.upper()}__CREDENTIALS"
    return Tables(destination, os.environ.get(name, "racing_data.duckdb"))


def rows_of(destination: str, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query over the dataset, read without the pipeline's own code."""
    return tables_in(destination).rows_in_dataset(sql)


def contents(
    destination: str, tables: Iterable[Table] = API_TABLES, without: Iterable[str] = ()
) -> Contents:
    """Return every row of the tables, sorted by key, without some columns."""
    keys = {table.name: table.key for table in tables}
    return tables_in(destination).sorted_rows(keys, without)


def business_rows(destination: str) -> Contents:
    """Return every row of the API's tables without what depends on when it was loaded."""
    return contents(destination, without=SYSTEM_COLUMNS)


def coverage(destination: str) -> list[tuple[str, str, str]]:
    """Return endpoint, day and status of every row of ra_coverage."""
    rows = contents(destination, [TABLES["ra_coverage"]])["ra_coverage"]
    return [(row["endpoint"], row["date"].isoformat(), row["status"]) for row in rows]
