"""One case of each test with a database: what `make test` runs where it is not in CI.

CI runs them all.

Most of them have a case for each database, and some for each of a dozen moments to be killed at.
The tests of a module keep to one database, so that it is prepared once; modules differ. A test's
case depends on its name alone: a change is not red for what another one has brought.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final
from zlib import crc32

import pytest

DATABASES: Final = ("duckdb", "postgres")
CHEAPER: Final = {"tests/test_features.py": "postgres", "tests/test_pages.py": "duckdb"}
"""Modules whose tests take one database several times as long: DuckDB plans statements of 400
columns for seconds. It computes in their beginning, and in test_features_command.py. And browsers
are shown the pages of DuckDB, which are then there for the other tests."""
FIXTURES: Final = frozenset(
    {"destination", "new_destination", "tables_there", "postgres", "postgres_server"}
)
"""Those that give a test a database."""


def is_given_database(item: pytest.Item) -> bool:
    """Tell whether a fixture gives a test a database."""
    return not FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def left_out(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """Return all cases but one of each test with a database."""
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        is_sampled = is_given_database(item) or not {*DATABASES}.isdisjoint(_parameters(item))
        if is_sampled and item.get_closest_marker("slow"):
            cases[item.nodeid.partition("[")[0]].append(item)
    return {
        case
        for name, several in cases.items()
        for case in several
        if case is not _one(name, several)
    }


def _one(name: str, cases: list[pytest.Item]) -> pytest.Item:
    module = name.partition("::")[0]
    database = CHEAPER.get(module, DATABASES[crc32(module.encode()) % len(DATABASES)])
    there = [case for case in cases if database in _parameters(case)] or cases
    return there[crc32(name.encode()) % len(there)]


def _parameters(case: pytest.Item) -> list[Any]:
    called = getattr(case, "callspec", None)
    return [value for value in called.params.values() if isinstance(value, str)] if called else []
