"""A short soak with a fixed seed; `make soak` is the long one."""

from __future__ import annotations

import pytest

from tests.soak import DESTINATIONS, soak

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("destination", DESTINATIONS)
def test_soak_ends_in_the_fault_free_tables(destination: str) -> None:
    told: list[str] = []
    assert soak(3, range(1, 2), (destination,), told.append) == [], told
    assert told[0] == "seed 3"
