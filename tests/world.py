"""Three weeks of a small world, loaded once for a module into DuckDB and into Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest

from pipelines.modes import Options, check
from pipelines.report import ExitCode, Report
from pipelines.run import perform
from pipelines.sandbox import SandboxOptions, running
from pipelines.settings import load_settings
from tests.jobs import Silent, point_to

TODAY = date(2025, 10, 1)
FIRST = date(2025, 9, 8)


@dataclass(frozen=True)
class World:
    """What is loaded, and where."""

    duckdb: Path
    postgres: str
    reports: dict[str, Report]

    def use(self, environment: pytest.MonkeyPatch) -> None:
        """Point dlt to both databases."""
        environment.setenv("DESTINATION__DUCKDB__CREDENTIALS", str(self.duckdb))
        environment.setenv("DESTINATION__POSTGRES__CREDENTIALS", self.postgres)


@pytest.fixture(scope="module")
def world(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Load the world; what a test changes in it is there for the next, so it takes a copy."""
    folder = tmp_path_factory.mktemp("world")
    name = f"world_{uuid4().hex}"
    execute(postgres_server, f"CREATE DATABASE {name}")
    world = World(
        folder / "racing_data.duckdb", postgres_server.replace("/postgres?", f"/{name}?"), {}
    )
    options = SandboxOptions(limits=False, today=TODAY, scale=0.25)
    with pytest.MonkeyPatch.context() as environment, running(options) as sandbox:
        environment.chdir(folder)
        world.use(environment)
        point_to(environment, sandbox.url)
        for destination in ("duckdb", "postgres"):
            environment.setenv("DLT_DATA_DIR", f"dlt_{destination}")
            world.reports[destination] = load(destination)
    yield world
    execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


def load(destination: str) -> Report:
    """Load the weeks as the command line does."""
    options = Options("manual", TODAY, start=FIRST, end=TODAY, max_horses=0)
    check(options)
    report = perform(options, load_settings(), destination, Silent())
    assert report.exit_code == ExitCode.COMPLETE, report.errors
    return report


def execute(credentials: str, statement: str) -> None:
    """Run a statement on a Postgres, outside a transaction."""
    connection = psycopg2.connect(credentials)
    connection.autocommit = True
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()
