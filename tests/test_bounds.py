"""What a run leaves behind, and how often it tries again, have a bound."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import database as database_module
from pipelines import sources
from pipelines.database import Database
from pipelines.errors import DestinationError
from pipelines.mapping import Inspection
from pipelines.tables.courses import COURSES

COURSE = {"id": "crs_1", "course": "Anywhere", "region_code": "gb", "region": "Great Britain"}


@pytest.mark.slow
def test_working_folder_keeps_the_notes_of_the_last_loads_and_no_row(
    tables_there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "PACKAGES_KEPT", 2)
    database = Database("duckdb")
    for number in range(4):
        course = COURSE | {"id": f"crs_{number}"}
        database.load(sources.reference([course], {COURSES}, Inspection()))
    folder = Path(database.pipeline.working_dir)
    assert len([*(folder / "load" / "loaded").iterdir()]) == 2
    assert [*folder.rglob("*.parquet")] == []
    assert database.rows("SELECT count(*) FROM racing_staging.ra_mst_courses") == [(0,)]
    assert database.rows("SELECT count(*) FROM ra_mst_courses") == [(4,)]


def test_statement_that_takes_too_long_is_not_tried_again(
    postgres: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database("postgres")
    database.patience = 2.0
    with pytest.raises(DestinationError, match="statement timeout"):
        database.run("SET statement_timeout = '50ms'", "SELECT pg_sleep(60)")
    assert "trying again" not in caplog.text
