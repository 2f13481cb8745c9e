"""A short soak with fixed seeds; `make soak` is the long one."""

from __future__ import annotations

import pytest

from tests.soak import DESTINATIONS, soak

pytestmark = pytest.mark.slow

ONE_DISTURBANCE, THREE = 24, 3
"""Seeds, by what they do to a DuckDB file: `make test` takes the first."""


@pytest.mark.parametrize("seed", [ONE_DISTURBANCE, THREE])
@pytest.mark.parametrize("destination", DESTINATIONS)
def test_soak_ends_in_the_fault_free_tables(destination: str, seed: int) -> None:
    told: list[str] = []
    assert soak(seed, range(1, 2), (destination,), told.append) == [], told
    assert told[0] == f"seed {seed}"
