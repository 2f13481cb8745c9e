"""DuckLake: Parquet in a folder or bucket, loaded by several machines, with the rows of DuckDB.

Runs are processes on the DuckDB that the extensions are for (`make .ducklake/installed`).
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import requests

from pipelines.report import ExitCode
from pipelines.sandbox import SandboxOptions, running
from pipelines.tables import API_TABLES
from tests.faults.installation import Installation, Outcome
from tests.faults.postgres import OF_THIS_DATABASE
from tests.faults.tables import OF_THE_LOAD, Tables, run_on
from tests.lake import DUCKDB, GLOBAL_CONFIG, INSTALLED, S3, install

pytestmark = pytest.mark.slow

TODAY, FIRST, SECOND = date(2025, 10, 2), "2025-09-29", "2025-09-30"
PREFIX = "DESTINATION__DUCKLAKE__CREDENTIALS__"
STORAGE = f"{PREFIX}STORAGE__"
NOT_COMPARED = {"ra_runs", "ra_access", "ra_wanted", "ra_rebuilds", "freshness"}
"""What says when something was done, not what was loaded."""


@dataclass
class Machine(Installation):
    """One that loads a lake: its settings say where that is."""

    @property
    def environment(self) -> dict[str, str]:
        """Everything a run finds in its environment."""
        usual = super().environment
        usual["PYTHONPATH"] = os.pathsep.join([str(DUCKDB), usual["PYTHONPATH"]])
        return {name: value for name, value in usual.items() if not name.endswith("CREDENTIALS")}

    def start(  # type: ignore[override] # forked from this process, it would have this DuckDB
        self, *arguments: str, killer: str = "", command: str = "run"
    ) -> subprocess.Popen[bytes]:
        """Start a run, or another command, as a new process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        killable, day = ("-m", "tests.faults.killable"), self.today.isoformat()
        with (self.folder / "output.txt").open("w") as output:
            return subprocess.Popen(
                [sys.executable, *killable, "--today", day, "--", command, *arguments],
                env=self.environment,
                cwd=self.folder,
                stdout=output,
                stderr=output,
            )


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    install(INSTALLED / "installed")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.05)) as sandbox:
        yield sandbox.url


@pytest.fixture(scope="module")
def bucket(installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Serve an S3 on this machine; yields the settings of a bucket in it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address, log = f"http://127.0.0.1:{port}", tmp_path_factory.mktemp("s3") / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(S3)},
            stdout=output,
            stderr=output,
        )
    try:
        _until(lambda: requests.put(f"{address}/lake", timeout=5).ok)
        yield {
            f"{STORAGE}BUCKET_URL": "s3://lake/racing",
            f"{STORAGE}CREDENTIALS__AWS_ACCESS_KEY_ID": "reader",
            f"{STORAGE}CREDENTIALS__AWS_SECRET_ACCESS_KEY": "secret",
            f"{STORAGE}CREDENTIALS__ENDPOINT_URL": address,
            f"{STORAGE}CREDENTIALS__REGION_NAME": "eu-west-2",
        }
    finally:
        server.kill()
        server.wait()


@pytest.fixture(scope="module")
def machine(
    url: str,
    bucket: dict[str, str],
    postgres_server: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Machine:
    """A machine with a lake in the bucket and its catalog in Postgres, and nothing loaded yet."""
    folder, name = tmp_path_factory.mktemp("lake"), f"lake_{uuid4().hex}"
    run_on(postgres_server, f'CREATE DATABASE "{name}"')
    settings = {
        f"{PREFIX}CATALOG": postgres_server.replace("/postgres?", f"/{name}?"),
        f"{PREFIX}GLOBAL_CONFIG": GLOBAL_CONFIG,
        "SOURCES__RACING_API__ARCHIVE": str(folder / "archive"),
        **bucket,
    }
    return lake(folder / "first", url, settings)


@pytest.fixture(scope="module")
def as_duckdb_has_it(url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    """The same days in a DuckDB file."""
    folder = tmp_path_factory.mktemp("duckdb")
    usual = Installation(folder, Tables("duckdb", str(folder / "racing_data.duckdb")), url, TODAY)
    complete(usual.run(*days(FIRST, SECOND)))
    return exported(usual)


@pytest.fixture(scope="module")
def loaded(machine: Machine) -> Machine:
    """Two machines have loaded a day each; the first tried to while the second did."""
    complete(machine.run(*days(FIRST, horses=0)))
    second = replace(machine, folder=machine.folder.parent / "second")
    process, started = second.start(*days(SECOND)), time.monotonic()
    try:
        _until(lambda: _is_locked(machine))
        refused = machine.run(*days(SECOND))
        assert refused.code == ExitCode.LOCKED
        assert "Another run holds the lock (manual since " in refused.output
        reader = replace(machine, folder=machine.folder.parent / "reader")
        card = reader.run("--day", FIRST, command="card")
        assert process.poll() is None, "the reader was to look while the run was at work"
        assert (card.code, "races" in card.output) == (0, True), card.output
    finally:
        complete(second.outcome_of(process, started))  # type: ignore[arg-type]
    return machine


def test_two_machines_load_a_lake_in_a_bucket_one_at_a_time_with_the_rows_of_duckdb(
    loaded: Machine, as_duckdb_has_it: dict[str, pa.Table]
) -> None:
    names = {*map(str, API_TABLES)}  # each view reads a dozen files over HTTP
    expected = {name: table for name, table in as_duckdb_has_it.items() if name in names}
    assert same(exported(loaded, names), expected) == []


@pytest.mark.parametrize("catalog", ["sqlite", "duckdb"])
def test_lake_in_a_folder_has_the_rows_of_duckdb_also_rebuilt_in_files_by_year(
    catalog: str, url: str, as_duckdb_has_it: dict[str, pa.Table], tmp_path: Path
) -> None:
    settings = {
        f"{PREFIX}CATALOG": f"{catalog}:///{tmp_path}/catalog.{catalog}",
        f"{PREFIX}GLOBAL_CONFIG": GLOBAL_CONFIG,
        f"{STORAGE}BUCKET_URL": str(tmp_path / "files"),
    }
    machine = lake(tmp_path, url, settings)
    complete(machine.run(*days(FIRST, SECOND)))
    complete(machine.run(command="rebuild"))
    assert same(exported(machine), as_duckdb_has_it) == []
    files = [*(tmp_path / "files" / "racing" / "ra_race_results").rglob("ducklake-*.parquet")]
    assert {file.parent.name for file in files} == {"year=2025"}
    status = machine.run(command="status")
    assert (status.code, "ra_race_results" in status.output) == (0, True)


def lake(folder: Path, url: str, settings: dict[str, str]) -> Machine:
    """Return a machine; each statement on a lake is a transaction of files, and takes its time."""
    tables = Tables("ducklake", "")
    return Machine(folder, tables, url, TODAY, settings=settings, limit_seconds=500)


def days(first: str, last: str = "", horses: int = 3) -> list[str]:
    """Options of a run that reads some days."""
    return [
        *("--mode", "manual", "--start-date", first, "--end-date", last or first),
        *("--max-horses", str(horses)),
    ]


def complete(outcome: Outcome) -> None:
    assert outcome.code == 0, outcome.output


def exported(installation: Installation, names: Iterable[str] = ()) -> dict[str, pa.Table]:
    """Every table and view that says what was loaded, or some, as `pipeline export` gives it."""
    folder = installation.folder / f"export_{uuid4().hex}"
    to, chosen = ("--to", str(folder), "--format", "parquet"), ",".join(names)
    some = ("--table", chosen) if chosen else ()
    complete(installation.run(*to, *some, command="export"))
    found = {file.stem: pq.read_table(file) for file in folder.glob("*.parquet")}
    return {name: _in_order(table) for name, table in found.items() if name not in NOT_COMPARED}


def same(found: dict[str, pa.Table], expected: dict[str, pa.Table]) -> list[str]:
    """Names of tables and views that differ."""
    return [
        name
        for name in sorted(found.keys() | expected.keys())
        if name not in found or name not in expected or not found[name].equals(expected[name])
    ]


def _in_order(table: pa.Table) -> pa.Table:
    names = sorted(name for name in table.column_names if name not in OF_THE_LOAD)
    kept = table.select(names).combine_chunks()
    return kept.take(pc.sort_indices(kept, [(name, "ascending") for name in names]))


def _is_locked(machine: Machine) -> bool:
    """Tell whether a run holds the lock in the catalog's Postgres."""
    sql = f"SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND {OF_THIS_DATABASE}"
    return bool(Tables("postgres", machine.settings[f"{PREFIX}CATALOG"]).rows(sql))


def _until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so, for a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if is_so():
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    raise AssertionError("it never came to be so")
