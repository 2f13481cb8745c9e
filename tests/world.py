"""Some weeks of a small world, loaded once for all tests of a run into DuckDB and Postgres."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from pipelines.plan.modes import Options, check
from pipelines.report import ExitCode
from pipelines.run import perform
from pipelines.sandbox import SandboxOptions, running
from pipelines.settings import load_settings
from tests.faults.tables import Tables
from tests.jobs import Silent, point_to

TODAY = date(2025, 10, 1)
FIRST = date(2025, 9, 12)


@dataclass(frozen=True)
class World:
    """The same rows in both databases. Whoever changes them takes a copy."""

    duckdb: Tables
    postgres: Tables

    @property
    def both(self) -> dict[str, Tables]:
        """Each by the name of its destination."""
        return {tables.destination: tables for tables in (self.duckdb, self.postgres)}

    def copy(self, folder: Path, name: str) -> World:
        """Copy both: the file into the folder, the Postgres database under that name."""
        return World(self.duckdb.copy(folder, name), self.postgres.copy(folder, name))


def load_world(world: World, folder: Path) -> None:
    """Load the weeks into both databases, as the command line does."""
    options = SandboxOptions(limits=False, today=TODAY, scale=0.25)
    with pytest.MonkeyPatch.context() as environment, running(options) as sandbox:
        environment.chdir(folder)
        point_to(environment, sandbox.url)
        for destination, tables in world.both.items():
            environment.setenv("DLT_DATA_DIR", f"dlt_{destination}")
            environment.setenv(
                f"DESTINATION__{destination.upper()}__CREDENTIALS", tables.credentials
            )
            chosen = Options("manual", TODAY, start=FIRST, end=TODAY, max_horses=20)
            check(chosen)
            report = perform(chosen, load_settings(), destination, Silent())
            assert report.exit_code == ExitCode.COMPLETE, report.errors
