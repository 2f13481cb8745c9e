"""Cards and results write the same rows; the tables come out the same whatever the order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipelines.sandbox import Running, SandboxOptions, running
from tests.jobs import (
    Contents,
    business_rows,
    contents,
    in_fresh_folder,
    load_days,
    point_to,
    use_empty_database,
)

TODAY = date(2025, 10, 20)
DAY = date(2025, 10, 14)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.05)) as server:
        yield server


@pytest.fixture(autouse=True)
def use(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    point_to(monkeypatch, sandbox.url)


def load(destination: str, first: date = DAY, last: date = DAY, *, only: str = "") -> None:
    """Load a window; only cards or only results if one is named."""
    load_days(destination, TODAY, first, last, only)


@pytest.mark.parametrize("is_folder_lost", [False, True], ids=["same folder", "fresh folder"])
def test_order_of_cards_and_results_makes_no_difference(
    destination: str, is_folder_lost: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = {"card first": ("racecards", "results"), "result first": ("results", "racecards")}
    outcomes: dict[str, Contents] = {}
    for order, endpoints in orders.items():
        use_empty_database(destination, order, tmp_path, monkeypatch)
        for number, endpoint in enumerate(endpoints):
            load(destination, only=endpoint)
            if is_folder_lost:
                in_fresh_folder(tmp_path, monkeypatch, f"{order} {number}")
        outcomes[order] = business_rows(destination)

    first, second = outcomes.values()
    assert first == second
    assert len(first["ra_runners"]) > len(first["ra_race_results"]) > 0


def test_overlapping_windows_in_any_order_give_the_same_tables(
    destination: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    early, late = (date(2025, 10, 6), date(2025, 10, 7)), (date(2025, 10, 7), date(2025, 10, 8))
    outcomes: list[Contents] = []
    for order in ((early, late), (late, early)):
        use_empty_database(destination, str(len(outcomes)), tmp_path, monkeypatch)
        for window in order:
            load(destination, *window)
        outcomes.append(business_rows(destination))

    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("is_folder_lost", [False, True], ids=["same folder", "fresh folder"])
def test_loading_a_window_again_changes_no_byte(
    destination: str, is_folder_lost: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(destination)
    before = contents(destination)
    if is_folder_lost:
        in_fresh_folder(tmp_path, monkeypatch, "fresh")
    load(destination)
    assert contents(destination) == before
