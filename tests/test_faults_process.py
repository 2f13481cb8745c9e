"""Killed at named points, stopped by signals, with a lost or damaged working folder."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from pipelines.sandbox import Running, SandboxOptions, running
from tests.faults.installation import Installation
from tests.faults.invariants import after_any_run, differences, secrets_told, untrue_exit
from tests.faults.proxy import Proxy, Rule, proxy_of
from tests.faults.tables import Contents, Tables

pytestmark = pytest.mark.slow

TODAY, START = date(2025, 10, 2), date(2025, 10, 1)
BACKFILL = ("--mode", "backfill", "--max-horses", "0", "--start-date", START.isoformat())
TWO_CHUNKS = (*BACKFILL[:-1], "2025-09-30")
WINDOW = dict.fromkeys(("racecards", "results"), (START, TODAY))
PASSWORD = "correct-horse-7391"
KILLS = 3 if "CI" in os.environ else 1
"""How often a run is killed at random moments; `make soak` does it as often as it is told."""
STOPPED = {"TERM": 143, "INT": 130}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    options = SandboxOptions(limits=False, today=TODAY, scale=0.005, password=PASSWORD)
    with running(options) as server:
        yield server


@pytest.fixture(scope="module")
def proxy(sandbox: Running) -> Iterator[Proxy]:
    with proxy_of(sandbox) as server:
        yield server


@pytest.fixture(autouse=True)
def calm(proxy: Proxy) -> None:
    proxy.calm()
    proxy.delivered.clear()


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def empty(
    request: pytest.FixtureRequest, proxy: Proxy, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    """Nothing but settings and an empty database; the same password for API and database."""
    folder = tmp_path_factory.mktemp("empty")
    credentials = str(folder / "racing_data.duckdb")
    if request.param == "postgres":
        server: str = request.getfixturevalue("postgres_server")
        credentials = server.replace(":unused@", f":{PASSWORD}@").replace(
            "/postgres?", "/template1?"
        )
    tables = Tables(request.param, credentials)
    return Installation(folder, tables, proxy.url, TODAY, password=PASSWORD)


@pytest.fixture
def site(empty: Installation, tmp_path: Path) -> Installation:
    return _copy(empty, tmp_path)


@pytest.fixture(scope="module")
def loaded(empty: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """All but the last day is loaded."""
    made = _copy(empty, tmp_path_factory.mktemp("loaded"))
    run = made.run(*BACKFILL, "--end-date", START.isoformat())
    assert run.code == 0, run.output
    return made


@pytest.fixture(scope="module")
def pending(loaded: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Killed with a whole package of racecards in the working folder."""
    made = _copy(loaded, tmp_path_factory.mktemp("pending"))
    assert made.run(*BACKFILL, killer="before the load:2").was_killed
    return made


@pytest.fixture(scope="module")
def whole(loaded: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The last day is loaded as well, by a run without a fault."""
    made = _copy(loaded, tmp_path_factory.mktemp("whole"))
    run = made.run(*BACKFILL)
    assert run.code == 0, run.output
    return made


@pytest.fixture(scope="module")
def fault_free(whole: Installation) -> Contents:
    return whole.tables.contents()


def _copy(installation: Installation, folder: Path) -> Installation:
    return installation.copy(folder / "site", f"copy_{uuid4().hex}")


def assert_heals(
    site: Installation,
    proxy: Proxy,
    fault_free: Contents,
    backfill: tuple[str, ...] = BACKFILL,
) -> None:
    """One further run, and no human hand, brings the fault-free tables."""
    proxy.calm()
    run = site.run(*backfill)
    assert run.code == 0, run.output
    assert after_any_run(site.tables, proxy.delivered) == []
    with site.tables.held_open():
        assert differences(site.tables, fault_free) == []
        assert untrue_exit(run, site.tables, WINDOW, TODAY) == []
        assert secrets_told(site.tables, site.folder, [PASSWORD]) == []


@pytest.mark.parametrize(
    "point",
    [
        "while fetching:3",
        "after the commit of a file:9",
        "between two tables:20",
        "after the commit of a merge:5",
        "between endpoints",
        "between results and models",
    ],
)
def test_killed_on_the_first_run_loses_nothing_and_one_run_heals(
    point: str, site: Installation, proxy: Proxy, fault_free: Contents
) -> None:
    assert site.run(*BACKFILL, killer=point).was_killed
    assert after_any_run(site.tables, proxy.delivered) == []
    assert_heals(site, proxy, fault_free)


@pytest.mark.parametrize(
    "point",
    [
        "between fetch and load:2",
        "before the load counts:2",
        "after the load counts:2",
        "before sql after_load:2",
    ],
)
def test_killed_on_a_later_run_loses_nothing_and_one_run_heals(
    point: str, loaded: Installation, proxy: Proxy, fault_free: Contents, tmp_path: Path
) -> None:
    site = _copy(loaded, tmp_path)
    assert site.run(*BACKFILL, killer=point).was_killed
    assert after_any_run(site.tables, proxy.delivered) == []
    assert_heals(site, proxy, fault_free)


def test_killed_between_chunks_and_again_and_again_at_random_moments_heals(
    site: Installation, whole: Installation, proxy: Proxy, tmp_path: Path
) -> None:
    expected = _copy(whole, tmp_path / "expected")
    assert expected.run(*TWO_CHUNKS).code == 0
    proxy.delivered.clear()
    # The first passages are courses and cards.
    assert site.run(*TWO_CHUNKS, killer="between fetch and load:3").was_killed
    dice = random.Random(7)
    for _ in range(KILLS):
        process = site.start(*TWO_CHUNKS)
        time.sleep(dice.uniform(0.1, 2))
        process.kill()
        process.wait()
        assert after_any_run(site.tables, proxy.delivered) == []
    assert_heals(site, proxy, expected.tables.contents(), TWO_CHUNKS)


@pytest.mark.parametrize(("fault", "sign"), [("hang", "TERM"), ("too fast, long", "INT")])
def test_signal_while_waiting_for_the_server_ends_the_run_within_ten_seconds(
    fault: str, sign: str, loaded: Installation, proxy: Proxy, fault_free: Contents, tmp_path: Path
) -> None:
    site = _copy(loaded, tmp_path)
    site.settings = {"RUNTIME__REQUEST_MAX_RETRY_DELAY": "300"}
    proxy.rules = [Rule(fault, about="/v1/results")]
    process = site.start(*BACKFILL)
    assert proxy.hanging.wait(30)
    time.sleep(0.3)  # until it sleeps, or waits for the first byte
    signalled = time.monotonic()
    process.send_signal(signal.Signals[f"SIG{sign}"])
    run = site.outcome_of(process, signalled)
    assert (run.code, run.seconds < 10) == (STOPPED[sign], True), run.output
    assert run.report is not None, run.output
    assert run.report["errors"] != []
    assert_heals(site, proxy, fault_free)


@pytest.mark.parametrize("sign", STOPPED)
def test_signal_in_the_middle_of_a_load_leaves_a_run_that_can_be_resumed(
    sign: str, loaded: Installation, proxy: Proxy, fault_free: Contents, tmp_path: Path
) -> None:
    site = _copy(loaded, tmp_path)
    run = site.run(*BACKFILL, killer=f"before a commit:8:{sign}")
    assert run.code == STOPPED[sign], run.output
    assert run.report is not None, run.output
    assert run.report["errors"] != []
    assert after_any_run(site.tables, proxy.delivered) == []
    assert_heals(site, proxy, fault_free)


def test_pending_package_is_drained_and_the_work_of_the_day_done_in_the_same_run(
    pending: Installation, proxy: Proxy, fault_free: Contents, tmp_path: Path
) -> None:
    site = _copy(pending, tmp_path)
    run = site.run(*BACKFILL)
    assert run.code == 0, run.output
    assert differences(site.tables, fault_free) == []


def test_working_folder_lost(
    pending: Installation, proxy: Proxy, fault_free: Contents, tmp_path: Path
) -> None:
    site = _copy(pending, tmp_path)
    shutil.rmtree(site.working_folder)
    assert_heals(site, proxy, fault_free)


def test_working_folder_older_than_the_database(
    pending: Installation,
    whole: Installation,
    proxy: Proxy,
    fault_free: Contents,
    tmp_path: Path,
) -> None:
    site = _copy(whole, tmp_path)
    shutil.rmtree(site.working_folder)
    shutil.copytree(pending.working_folder, site.working_folder)
    assert_heals(site, proxy, fault_free)


def test_database_restored_from_a_copy_is_older_than_the_working_folder(
    loaded: Installation,
    whole: Installation,
    proxy: Proxy,
    fault_free: Contents,
    tmp_path: Path,
) -> None:
    site = _copy(whole, tmp_path)
    site.tables = loaded.tables.copy(tmp_path, f"backup_{uuid4().hex}")
    assert_heals(site, proxy, fault_free)


def _bytes_at_random(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(path.stat().st_size))


def _cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("pattern", "damage"),
    [
        ("state.json", _bytes_at_random),
        ("schemas/*.json", Path.unlink),
        ("load/**/*.parquet", _cut_off),
        ("load/**/*.json", _bytes_at_random),
    ],
)
def test_working_folder_damaged(
    pattern: str,
    damage: Callable[[Path], None],
    pending: Installation,
    proxy: Proxy,
    fault_free: Contents,
    tmp_path: Path,
) -> None:
    site = _copy(pending, tmp_path)
    damaged = [path for path in site.working_folder.glob(pattern) if path.is_file()]
    assert damaged
    for path in damaged:
        damage(path)
    assert_heals(site, proxy, fault_free)
