"""Every case of ../shared/cases on both databases: phase after phase, then what is true."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest

from tests.cases import case_names, play, read_case
from tests.jobs import rows_of

RUNS: Final[dict[str, dict[str, Any]]] = {
    "edge_403": {
        "mode": "backfill",
        "today": date(2026, 11, 29),  # further back than every plan reaches
        "start": date(2025, 2, 1),
        "end": date(2025, 3, 12),
    },
    "empty_first_page": {"mode": "backfill"},
}
"""What the runs of a case are, if not manual runs over its days."""


@pytest.mark.parametrize("name", case_names())
def test_case_gives_the_right_values(name: str, destination: str) -> None:
    case = read_case(name)
    for _ in play(case, destination, **RUNS.get(name, {})):
        pass
    given = [(query, rows_of(destination, query)) for query, _ in case.then]
    assert given == [(query, [(value,)]) for query, value in case.then]
