"""A short soak with a fixed seed; `make soak` is the long one."""

from __future__ import annotations

import pytest

from tests.soak import DESTINATIONS, soak

pytestmark = pytest.mark.slow


def test_soak_ends_in_the_fault_free_tables() -> None:
    told: list[str] = []
    assert soak(3, range(1, 2), DESTINATIONS, told.append) == [], told
    assert told[0] == "seed 3"
