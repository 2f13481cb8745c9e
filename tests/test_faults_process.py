"""Killed at named points, stopped by signals, with a lost or damaged working folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipelines.sandbox import Running, SandboxOptions, running
from tests.faults.installation import Installation
from tests.faults.invariants import after_any_run, differences, secrets_told, untrue_exit
from tests.faults.killable import POINTS
from tests.faults.proxy import Proxy, proxy_of
from tests.faults.tables import Contents, Tables

TODAY = date(2025, 10, 2)
START = date(2025, 9, 30)
WINDOW = dict.fromkeys(("racecards", "results"), (START, TODAY))
BACKFILL = ("--mode", "backfill", "--start-date", START.isoformat(), "--max-horses", "0")
PASSWORD = "correct-horse-7391"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    options = SandboxOptions(limits=False, today=TODAY, scale=0.005, password=PASSWORD)
    with running(options) as server:
        yield server


@pytest.fixture(scope="module")
def proxy(sandbox: Running) -> Iterator[Proxy]:
    with proxy_of(sandbox) as server:
        yield server


@pytest.fixture
def installation(destination: str, proxy: Proxy, tmp_path: Path) -> Installation:
    proxy.calm()
    proxy.delivered.clear()
    credentials = os.environ[f"DESTINATION__{destination.upper()}__CREDENTIALS"]
    tables = Tables(destination, credentials.replace(":unused@", f":{PASSWORD}@"))
    return Installation(tmp_path / "site", tables, proxy.url, TODAY, password=PASSWORD)


@pytest.fixture(scope="module")
def fault_free(proxy: Proxy, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """The tables of a run without any fault, the same on both databases."""
    folder = tmp_path_factory.mktemp("fault_free")
    tables = Tables("duckdb", str(folder / "racing_data.duckdb"))
    run = Installation(folder, tables, proxy.url, TODAY, password=PASSWORD).run(*BACKFILL)
    assert run.code == 0, run.output
    return tables.contents()


def assert_heals(installation: Installation, proxy: Proxy, fault_free: Contents) -> None:
    """One further run, and no human hand, brings the fault-free tables."""
    proxy.calm()
    run = installation.run(*BACKFILL)
    assert run.code == 0, run.output
    tables = installation.tables
    assert differences(tables, fault_free) == []
    assert after_any_run(tables, proxy.delivered) == []
    assert untrue_exit(run, tables, WINDOW, TODAY) == []
    assert secrets_told(tables, installation.folder, [PASSWORD]) == []


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point_loses_nothing_and_one_run_heals(
    point: str, installation: Installation, proxy: Proxy, fault_free: Contents
) -> None:
    assert installation.run(*BACKFILL, killer=point).was_killed
    assert after_any_run(installation.tables, proxy.delivered) == []
    assert_heals(installation, proxy, fault_free)
