"""Cards and results write the same rows; the tables come out the same whatever the order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.tables import API_TABLES
from tests.jobs import Contents, business_rows, contents, point_to, run_job

TODAY = date(2025, 10, 20)
DAY = date(2025, 10, 14)
CARD_TABLES = [table for table in API_TABLES if set(table.rows_from) == {"racecards"}]

Step = Callable[[str], None]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.05)) as server:
        yield server


@pytest.fixture(autouse=True)
def use(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    point_to(monkeypatch, sandbox.url)


def load(destination: str, first: date = DAY, last: date = DAY, *, only: str = "") -> None:
    """Load a window; only cards or only results if one is named."""
    settings = pytest.MonkeyPatch()
    try:
        if only:
            _leave_out(settings, "results" if only == "racecards" else "racecards")
        run_job("manual", destination, TODAY, start=first, end=last, max_horses=0)
    finally:
        settings.undo()


def _leave_out(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    from pipelines import modes

    kept = modes._dated
    monkeypatch.setattr(
        modes, "_dated", lambda options: [e for e in kept(options) if e.name != endpoint]
    )


def in_fresh_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Lose dlt's working folder, as a new machine would."""
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / name))


def test_card_result_and_card_again_clear_no_column(destination: str) -> None:
    load(destination, only="racecards")
    card = business_rows(destination)
    load(destination, only="results")
    both = business_rows(destination)
    load(destination, only="racecards")

    assert business_rows(destination) == both
    assert _filled(card) <= _filled(both)
    finished = [row for row in both["ra_runners"] if row["position"] == 1]
    assert all(row["form"] is not None or row["last_run"] is None for row in finished)
    assert len(finished) >= len([race for race in both["ra_races"] if race["has_result"]])


def _filled(rows: Contents) -> set[tuple[str, object, str, object]]:
    """Every value that is not NULL: table, key, column and value."""
    keys = {table.name: table.key for table in API_TABLES}
    return {
        (table, tuple(row[name] for name in keys[table]), column, value)
        for table, found in rows.items()
        for row in found
        for column, value in row.items()
        if value is not None and column not in ("has_result", "enrichment_status")
    }


@pytest.mark.parametrize("is_folder_lost", [False, True], ids=["same folder", "fresh folder"])
def test_order_of_cards_and_results_makes_no_difference(
    destination: str, is_folder_lost: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = {"card first": ("racecards", "results"), "result first": ("results", "racecards")}
    outcomes: dict[str, Contents] = {}
    for order, endpoints in orders.items():
        with _own_database(destination, order, tmp_path, monkeypatch):
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
    early, late = (date(2025, 10, 6), date(2025, 10, 10)), (date(2025, 10, 8), date(2025, 10, 13))
    outcomes = []
    for order in ((early, late), (late, early), (late, early, late)):
        with _own_database(destination, str(len(outcomes)), tmp_path, monkeypatch):
            for window in order:
                load(destination, *window)
            outcomes.append(business_rows(destination))

    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_loading_a_window_again_changes_no_byte(
    destination: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(destination)
    before = contents(destination)
    load(destination)
    assert contents(destination) == before

    in_fresh_folder(tmp_path, monkeypatch, "fresh")
    load(destination)
    assert contents(destination) == before


def _own_database(
    destination: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> _Database:
    return _Database(destination, name.replace(" ", "_"), tmp_path, monkeypatch)


class _Database:
    """An empty database and working folder within a test that needs several."""

    def __init__(
        self, destination: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.destination, self.name = destination, name
        self.tmp_path, self.monkeypatch = tmp_path, monkeypatch

    def __enter__(self) -> None:
        in_fresh_folder(self.tmp_path, self.monkeypatch, f"folder {self.name}")
        if self.destination == "duckdb":
            file = self.tmp_path / f"{self.name}.duckdb"
            self.monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", str(file))
        else:
            self._empty_postgres()

    def _empty_postgres(self) -> None:
        import os

        import psycopg2

        connection = psycopg2.connect(os.environ["DESTINATION__POSTGRES__CREDENTIALS"])
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS racing CASCADE")
            cursor.execute("DROP SCHEMA IF EXISTS racing_staging CASCADE")
        connection.close()

    def __exit__(self, *_: object) -> None:
        """Keep what was loaded; the test's own folder goes with the test."""
