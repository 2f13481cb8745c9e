"""What a profile would add: said before it is asked for, and the least known first."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from pipelines.api.access import UNKNOWN
from pipelines.database.database import Database
from pipelines.plan.estimate import forecast
from pipelines.plan.horses import Waiting, horse_queue, waiting_horses
from pipelines.plan.modes import Options, make_plan
from pipelines.report import Report
from pipelines.run import _note_stop
from pipelines.settings import Settings
from tests.jobs import tables_in
from tests.test_modes import Known

TODAY = date(2025, 10, 20)
MANY = Waiting(12_000, 98_000)
SPLIT = "12,000 horses lack a date of birth or pedigree (1.7 hours at 2 per second); "
COLOUR = "98,000 would only gain a colour code"


class Undated(Known):
    """Coverage of no day."""

    def __init__(self, _: object) -> None:
        super().__init__({})
        self.totals = {}


def lines(
    waiting: Waiting, mode: str = "daily", horses: int | None = None, *, colour_codes: bool = True
) -> str:
    chosen = Settings(profiles_for_colour_codes=colour_codes)
    plan = make_plan(Options(mode, TODAY, max_horses=horses), chosen, Undated)
    plan.waiting = waiting
    return str(forecast(plan, chosen, Undated, "duckdb", "racing_data.duckdb"))


def test_plan_says_what_profiles_would_add_and_how_long_they_take() -> None:
    horses = f"  horses     up to 300 profiles; {SPLIT}{COLOUR} (13.6 hours)\n"
    assert horses in lines(MANY)
    assert f"every missing profile; {SPLIT}{COLOUR} (13.6 hours)\n" in lines(MANY, "backfill")
    few = "1 horse lacks a date of birth or pedigree (1 minute at 2 per second); 0 would only"
    assert few in lines(Waiting(1, 0))
    assert "profiles; " not in lines(Waiting())


def test_colour_codes_can_be_left_out_and_all_profiles_left_for_later() -> None:
    assert f"{COLOUR} (left out)" in lines(MANY, colour_codes=False)
    assert f"  note: horses left for later: {SPLIT}{COLOUR}" in lines(MANY, horses=0)


@pytest.mark.parametrize(
    ("saved", "told"),
    [
        (75, "stopped; 75 responses are saved; run the same command again to continue"),
        (0, "stopped; run the same command again to continue"),
    ],
)
def test_a_stopped_run_says_what_is_saved(saved: int, told: str) -> None:
    report = Report("backfill", "duckdb", saved=saved)
    _note_stop(report, KeyboardInterrupt())
    assert report.missing == [told]


def test_horses_that_lack_facts_come_first(destination: str) -> None:
    now = datetime.now(UTC)
    columns = "_dlt_load_id, id, name, dob, enriched_at"
    horse = f"INSERT INTO ra_mst_horses ({columns}) VALUES ('1764100000.25', "
    columns = "_dlt_load_id, horse_id, sire_id, dam_id"
    pedigree = f"INSERT INTO ra_horse_pedigree ({columns}) VALUES ('1764100000.25', "
    tables = tables_in(destination)
    tables.run(
        f"{horse}'hrs_1', 'Whole', DATE '2020-01-01', NULL)",
        f"{pedigree}'hrs_1', 'sir_1', 'dam_1')",
        f"{horse}'hrs_2', 'Undated', NULL, NULL)",
        f"{pedigree}'hrs_2', 'sir_1', 'dam_1')",
        f"{horse}'hrs_3', 'Without parents', DATE '2020-01-01', NULL)",
        f"{horse}'hrs_4', 'Done', DATE '2020-01-01', TIMESTAMPTZ '{now}')",
    )
    database = Database(destination)
    assert horse_queue(database, UNKNOWN) == [("hrs_2", True), ("hrs_3", True), ("hrs_1", False)]
    assert waiting_horses(database, UNKNOWN) == Waiting(2, 1)
