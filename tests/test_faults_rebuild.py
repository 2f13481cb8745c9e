"""A rebuild that is killed for real: the next night finishes it, and asks for no profile again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from time import monotonic, sleep
from uuid import uuid4

import pytest

from pipelines.sandbox import Running, SandboxOptions, running
from tests.faults.installation import Installation
from tests.faults.invariants import after_any_run, differences
from tests.faults.tables import Contents, Tables

pytestmark = pytest.mark.slow

TODAY = date(2025, 10, 2)
KILLS = int(os.environ.get("REBUILD_KILLS", "1"))
"""How often a rebuild of everything is killed on each database, at random moments."""
NIGHT = ("--mode", "daily", "--days-back", "2", "--max-horses", "3")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.005)) as server:
        yield server


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def loaded(
    request: pytest.FixtureRequest, sandbox: Running, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    """A night is loaded, with three profiles."""
    folder = tmp_path_factory.mktemp("loaded")
    empty = Tables("duckdb", str(folder / "empty.duckdb"))
    if request.param == "postgres":
        server: str = request.getfixturevalue("postgres_server")
        empty = Tables("postgres", server.replace("/postgres?", "/template1?"))
    tables = empty.copy(folder, f"loaded_{uuid4().hex}")
    site = Installation(folder, tables, sandbox.url, TODAY)
    run = site.run(*NIGHT)
    assert run.code == 0, run.output
    return site


@pytest.fixture(scope="module")
def before(loaded: Installation) -> Contents:
    return loaded.tables.contents()


@pytest.mark.parametrize("point", ["after rows are deleted", "before the load:4"])
def test_a_rebuild_that_is_killed_is_finished_by_the_next_night(
    point: str, loaded: Installation, before: Contents, sandbox: Running, tmp_path: Path
) -> None:
    site = loaded.copy(tmp_path / "site", f"copy_{uuid4().hex}")
    killed = site.run("--start-date", "2025-01-01", command="rebuild", killer=point)
    assert killed.was_killed
    assert after_any_run(site.tables, []) == []
    assert differences(site.tables, before) != []
    sandbox.clear()
    run = site.run(*NIGHT[:-1], "0")
    assert run.code == 0, run.output
    assert "has been finished from the archive" in str(run.report)
    assert differences(site.tables, before) == []
    assert [call.path for call in sandbox.calls if "horses" in call.path] == []


def test_readers_of_a_rebuild_of_everything_see_the_old_tables_or_the_new_ones(
    loaded: Installation, before: Contents, tmp_path: Path
) -> None:
    site = loaded.copy(tmp_path / "site", f"copy_{uuid4().hex}")
    site.tables.run("UPDATE ra_races SET going = 'Unheard of'")
    old = site.tables.contents()
    started = monotonic()
    run = site.run(command="rebuild")
    assert (run.code, differences(site.tables, before)) == (0, [])
    seconds, moments = monotonic() - started, Random(TODAY.toordinal())
    for _ in range(KILLS):
        site.tables.run("UPDATE ra_races SET going = 'Unheard of'")
        process = site.start(command="rebuild")
        sleep(moments.uniform(0, seconds))
        process.kill()
        process.wait(60)  # it has its locks until it is gone
        assert site.tables.contents() in (old, before)
        night = site.run(*NIGHT[:-1], "0")
        assert (night.code, after_any_run(site.tables, [])) == (0, [])
    assert (site.run(command="rebuild").code, differences(site.tables, before)) == (0, [])
