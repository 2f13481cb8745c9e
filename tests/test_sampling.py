"""Without CI, `make test` runs one case of each test with a database, and all others."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]
TESTS = """
import pytest

@pytest.mark.slow
@pytest.mark.parametrize("point", ["before", "within", "after"])
@pytest.mark.parametrize("database", ["duckdb", "postgres"])
def test_killed(database, point):
    pass

@pytest.mark.slow
@pytest.mark.parametrize("database", ["duckdb", "postgres"])
def test_stopped(database):
    pass

@pytest.mark.slow
def test_alone():
    pass

@pytest.mark.parametrize("value", [1, 2])
def test_fast(value):
    pass
"""
CONFTEST = "from tests.conftest import pytest_addoption, pytest_collection_modifyitems"


@pytest.fixture
def collected(pytester: pytest.Pytester, request: pytest.FixtureRequest) -> list[str]:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_it=TESTS)
    told = pytester.runpytest_inprocess("--collect-only", "-q", "-W", "ignore", request.param)
    return [line.partition("::")[2] for line in told.outlines if "::" in line]


@pytest.mark.parametrize("collected", ["--each-once"], indirect=True)
def test_each_slow_test_runs_once_and_each_fast_one_in_all_its_cases(collected: list[str]) -> None:
    assert [name.partition("[")[0] for name in collected] == [
        "test_killed",
        "test_stopped",
        "test_alone",
        "test_fast",
        "test_fast",
    ]


@pytest.mark.parametrize("collected", ["--each-once"], indirect=True)
def test_a_module_keeps_to_one_database(collected: list[str]) -> None:
    used = {database for database in ("duckdb", "postgres") if f"[{database}" in str(collected)}
    assert len(used) == 1


@pytest.mark.parametrize("collected", ["--no-header"], indirect=True)
def test_all_cases_run_where_nothing_is_said(collected: list[str]) -> None:
    assert len(collected) == 6 + 2 + 1 + 2
