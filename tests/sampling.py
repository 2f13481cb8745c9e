"""One case of each slow test: what `make test` runs where it is not in CI, which runs them all.

Most slow tests have a case for each database, and some for each of a dozen moments to be killed at.
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


def left_out(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """Return all cases but one of each slow test."""
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("slow"):
            cases[item.nodeid.partition("[")[0]].append(item)
    return {
        case
        for name, several in cases.items()
        for case in several
        if case is not _one(name, several)
    }


def _one(name: str, cases: list[pytest.Item]) -> pytest.Item:
    module = name.partition("::")[0]
    database = DATABASES[crc32(module.encode()) % len(DATABASES)]
    there = [case for case in cases if database in _parameters(case)] or cases
    return there[crc32(name.encode()) % len(there)]


def _parameters(case: pytest.Item) -> list[Any]:
    called = getattr(case, "callspec", None)
    return [value for value in called.params.values() if isinstance(value, str)] if called else []
