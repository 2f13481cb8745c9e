"""A month of the sandbox into DuckDB and into Postgres: the same contents, table by table."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.report import ExitCode
from pipelines.sandbox import SandboxOptions, running
from pipelines.tables import API_TABLES
from tests.jobs import SYSTEM_COLUMNS, contents, point_to, run_job

TODAY = date(2025, 10, 1)
MONTH = (date(2025, 9, 1), date(2025, 9, 30))


@pytest.mark.usefixtures("postgres")
def test_month_is_the_same_in_duckdb_and_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {}
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.3)) as sandbox:
        point_to(monkeypatch, sandbox.url)
        for destination in ("duckdb", "postgres"):
            monkeypatch.setenv("DLT_DATA_DIR", f"dlt_{destination}")
            report = run_job(
                "manual", destination, TODAY, start=MONTH[0], end=MONTH[1], max_horses=20
            )
            assert report.exit_code == ExitCode.COMPLETE
            # When a profile was asked for is a time of the run, like the load ids.
            found[destination] = contents(destination, without={*SYSTEM_COLUMNS, "enriched_at"})

    for table in API_TABLES:
        assert found["duckdb"][table.name] == found["postgres"][table.name], table.name
        assert found["duckdb"][table.name], f"{table} is empty, which proves nothing"
