"""What a load leaves behind, and how often it is tried again, has a bound; no secret is in it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest

from pipelines import sources
from pipelines.database import packages
from pipelines.database.database import Database
from pipelines.errors import DestinationError
from pipelines.mapping import Inspection
from pipelines.settings import load_settings
from pipelines.tables.courses import COURSES
from tests.faults.postgres import OF_THIS_DATABASE
from tests.jobs import point_to

COURSE = {"id": "crs_1", "course": "Anywhere", "region_code": "gb", "region": "Great Britain"}


@pytest.mark.slow
def test_working_folder_keeps_the_notes_of_the_last_loads_and_no_row(
    tables_there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "PACKAGES_KEPT", 2)
    database = Database("duckdb")
    for number in range(4):
        course = COURSE | {"id": f"crs_{number}"}
        database.load(sources.chosen(sources.reference([course], Inspection()), {COURSES}))
    folder = Path(database.pipeline.working_dir)
    assert len([*(folder / "load" / "loaded").iterdir()]) == 2
    assert [*folder.rglob("*.parquet")] == []
    assert database.rows("SELECT count(*) FROM racing_staging.ra_mst_courses") == [(0,)]
    assert database.rows("SELECT count(*) FROM ra_mst_courses") == [(4,)]


@pytest.mark.slow
def test_trace_that_dlt_writes_has_the_settings_without_the_password(
    tables_there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(monkeypatch, "http://127.0.0.1:9", username="somebody", password="sesame-1839")
    database = Database("duckdb")
    load_settings()
    database.pipeline.extract(sources.chosen(sources.reference([COURSE], Inspection()), {COURSES}))
    trace = (Path(database.pipeline.working_dir) / "trace.pickle").read_bytes()
    assert (b"somebody" in trace, b"sesame-1839" in trace) == (True, False)


def test_statement_that_takes_too_long_is_not_tried_again(
    postgres: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database("postgres")
    database.patience = 2.0
    with pytest.raises(DestinationError, match="statement timeout"):
        database.run("SET statement_timeout = '50ms'", "SELECT pg_sleep(60)")
    assert "retrying" not in caplog.text


LOCKS = f"FROM pg_locks WHERE locktype = 'advisory' AND {OF_THIS_DATABASE}"
UNTIL_THE_OTHER_WAITS = f"""DO $$ BEGIN
WHILE EXISTS (SELECT {LOCKS} AND pid <> pg_backend_pid())
  AND NOT EXISTS (SELECT {LOCKS} AND NOT granted)
LOOP PERFORM pg_sleep(0.01); END LOOP; END $$"""


def test_deadlock_that_the_database_ends_here_is_tried_again(
    postgres: str, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = (f"SELECT pg_advisory_xact_lock({number})" for number in (1, 2))
    database = Database("postgres")
    other = psycopg2.connect(postgres)
    cursor = other.cursor()
    cursor.execute(f"SET deadlock_timeout = '60s'; {second}")  # the other one looks too late

    until_ours = f"SELECT count(*) {LOCKS} AND objid = 1"
    with ThreadPoolExecutor(1) as pool:
        ours = ("SET LOCAL deadlock_timeout = '10ms'", first, UNTIL_THE_OTHER_WAITS, second)
        loaded = pool.submit(database.run_together, *ours)
        while not loaded.done():
            cursor.execute(until_ours)
            if cursor.fetchone() == (1,):
                break
        cursor.execute(first)
        other.commit()
        loaded.result()
    other.close()
    assert "deadlock detected; retrying" in caplog.text
