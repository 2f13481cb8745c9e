"""What is kept complete: what a backfill, a daily run or --keep has declared, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pipelines.api.endpoints import RACECARDS, RESULTS
from pipelines.database.database import Database
from pipelines.errors import UsageError
from pipelines.plan.coverage import Status, days_between
from pipelines.plan.estimate import forecast
from pipelines.plan.modes import Options, Plan, check, make_plan
from pipelines.plan.wanted import NOTHING, declare, wanted_since
from pipelines.settings import Settings
from pipelines.tables import API_TABLES, RACES, RUNNERS
from tests.jobs import tables_in
from tests.test_modes import Known

TODAY = date(2025, 10, 20)
LONG_AGO = date(2023, 5, 1)
LATELY = dict.fromkeys(days_between(date(2025, 10, 1), TODAY), Status.COMPLETE)


class Wanted(Known):
    """Coverage in which days since some day are wanted."""

    def __init__(self, statuses: dict[date, Status], since: date) -> None:
        super().__init__(statuses)
        self.wanted_since, self.totals = since, {}


def plan_of(mode: str, known: Wanted, **options: object) -> Plan:
    chosen = Options(mode, TODAY, **options)  # type: ignore[arg-type]
    check(chosen)
    return make_plan(chosen, Settings(), lambda _: known)


def test_one_day_of_long_ago_makes_no_night_fetch_what_lies_between() -> None:
    once = Wanted({LONG_AGO: Status.COMPLETE}, NOTHING)
    assert [len(chunk) for chunk in plan_of("daily", once).chunks[RESULTS]] == [15]
    assert once.missing_until(TODAY) == []


def test_day_of_long_ago_that_failed_is_repaired() -> None:
    failed = Wanted({LONG_AGO: Status.FAILED, **LATELY}, date(2025, 10, 1))
    window, *gaps = plan_of("daily", failed).chunks[RACECARDS]
    assert (len(window), gaps) == (11, [[LONG_AGO]])
    assert failed.missing_until(TODAY) == [LONG_AGO]


def test_missed_nights_are_made_up_for_where_days_are_wanted() -> None:
    known = dict.fromkeys(days_between(date(2025, 9, 1), date(2025, 9, 20)), Status.COMPLETE)
    wanted = Wanted({LONG_AGO: Status.COMPLETE, **known}, date(2025, 9, 1))
    _, *gaps = plan_of("daily", wanted).chunks[RESULTS]
    missed = days_between(date(2025, 9, 21), date(2025, 10, 5))
    assert sorted(day for gap in gaps for day in gap) == missed
    assert wanted.missing_until(date(2025, 10, 5)) == missed


@pytest.mark.parametrize(
    ("mode", "options", "declared"),
    [
        ("daily", {}, {"racecards": date(2025, 10, 17), "results": date(2025, 10, 6)}),
        ("backfill", {"start": LONG_AGO}, {"racecards": LONG_AGO, "results": LONG_AGO}),
        ("manual", {"start": LONG_AGO}, {}),
        ("manual", {"start": LONG_AGO, "keep": True}, {"racecards": LONG_AGO, "results": LONG_AGO}),
        ("daily", {"test": True}, {}),
    ],
)
def test_backfill_daily_and_keep_declare_what_is_wanted(
    mode: str, options: dict[str, object], declared: dict[str, date]
) -> None:
    assert plan_of(mode, Wanted({}, NOTHING), **options).wanted == declared


@pytest.mark.parametrize("options", [{"mode": "daily"}, {"mode": "manual", "days_back": None}])
def test_keep_goes_with_days_by_name(options: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="--keep goes with --mode manual and dates"):
        check(Options(today=TODAY, keep=True, **options))  # type: ignore[arg-type]


def test_plan_lists_older_gaps_by_themselves() -> None:
    gaps = {LONG_AGO: Status.FAILED, LONG_AGO + timedelta(days=3): Status.PARTIAL, **LATELY}
    known = Wanted(gaps, date(2025, 10, 1))
    told = str(forecast(plan_of("daily", known), Settings(), lambda _: known, "duckdb", "here"))
    assert (
        "  racecards  2025-10-17 to 2025-10-27: 11 days to fetch (4 complete); and 2 older days "
        "that are missing, since 2023-05-01\n"
    ) in told


def test_run_of_some_tables_says_what_it_leaves_out() -> None:
    plan = plan_of("daily", Wanted({}, NOTHING), tables=frozenset({RACES, RUNNERS}))
    assert plan.notes[0] == (
        "only ra_card_races, ra_card_runners, ra_horse_pedigree, ra_mst_horses, ra_mst_jockeys, "
        "ra_mst_owners, ra_mst_trainers, ra_race_results, ra_races, ra_result_races, ra_runners: "
        f"the other {len(API_TABLES) - 11} tables stay as they are, and a day of which tables are "
        "left out does not count as loaded"
    )


def test_what_is_wanted_is_kept_and_only_grows(destination: str) -> None:
    database = Database(destination)
    nothing = {"racecards": NOTHING, "results": NOTHING}
    assert wanted_since(database) == nothing
    declare(database, {}, nothing)  # a manual run: its days are not wanted, whatever comes
    tables_in(destination).run(
        "INSERT INTO ra_coverage (_dlt_load_id, endpoint, date, status, loaded_at) "
        f"VALUES ('', 'results', DATE '{LONG_AGO}', 'complete', now())"
    )
    assert wanted_since(database) == nothing
    declare(database, {"results": TODAY}, nothing)
    since = {"racecards": NOTHING, "results": TODAY}
    assert wanted_since(database) == since
    declare(database, {"results": TODAY + timedelta(days=1)}, since)
    assert wanted_since(database) == since
    declare(database, {"racecards": LONG_AGO, "results": LONG_AGO}, since)
    assert wanted_since(database) == {"racecards": LONG_AGO, "results": LONG_AGO}


def test_database_of_an_earlier_version_wants_all_since_its_oldest_day(destination: str) -> None:
    database = Database(destination)
    tables_in(destination).run(
        "INSERT INTO ra_coverage (_dlt_load_id, endpoint, date, status, loaded_at) "
        f"VALUES ('', 'results', DATE '{LONG_AGO}', 'complete', now())"
    )
    assert wanted_since(database) == {"racecards": NOTHING, "results": LONG_AGO}
