"""What each mode asks for, planned over a coverage of the test's choice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pipelines.api.endpoints import RACECARDS, RESULTS, Endpoint
from pipelines.errors import UsageError
from pipelines.plan.coverage import Coverage, Status, days_between
from pipelines.plan.modes import Options, Plan, check, make_plan, months
from pipelines.settings import Settings
from pipelines.tables import API_TABLES, TABLES

TODAY = date(2025, 10, 20)
NOTHING: dict[date, Status] = {}


class Known(Coverage):
    """Coverage without a database."""

    def __init__(self, statuses: dict[date, Status]) -> None:
        self.statuses = statuses


def plan_of(mode: str, known: dict[date, Status] = NOTHING, **options: object) -> Plan:
    chosen = Options(mode, TODAY, **options)  # type: ignore[arg-type]
    check(chosen)
    return make_plan(chosen, Settings(), lambda endpoint: Known(known))


def days_of(plan: Plan, endpoint: Endpoint) -> list[date]:
    return [day for chunk in plan.chunks[endpoint] for day in chunk]


def test_daily_reads_three_days_back_to_seven_ahead_and_results_a_fortnight() -> None:
    plan = plan_of("daily")
    assert plan.reference
    assert sorted(days_of(plan, RACECARDS)) == days_between(date(2025, 10, 17), date(2025, 10, 27))
    assert sorted(days_of(plan, RESULTS)) == days_between(date(2025, 10, 6), TODAY)
    assert plan.horses == 300


def test_daily_repairs_what_earlier_runs_have_left() -> None:
    failed, lost = date(2025, 9, 3), date(2025, 9, 5)
    known = {failed: Status.FAILED, date(2025, 9, 4): Status.COMPLETE, lost: Status.BEYOND_PLAN}
    chunks = plan_of("daily", known).chunks[RESULTS]
    missed = days_between(date(2025, 9, 6), date(2025, 10, 5))
    assert chunks[0] == days_between(date(2025, 10, 6), TODAY)[::-1]
    assert chunks[1:] == months([failed, *missed])


def test_daily_after_five_missed_nights_covers_them() -> None:
    last_run = TODAY - timedelta(days=6)
    known = dict.fromkeys(days_between(date(2025, 10, 1), last_run), Status.COMPLETE)
    asked = days_of(plan_of("daily", known), RACECARDS)
    assert set(days_between(last_run + timedelta(days=1), TODAY)) <= set(asked)


def test_backfill_goes_from_today_back_to_2015_month_by_month() -> None:
    plan = plan_of("backfill")
    results = plan.chunks[RESULTS]
    assert days_of(plan, RESULTS) == days_between(date(2015, 1, 1), TODAY)[::-1]
    assert all(len({(day.year, day.month) for day in chunk}) == 1 for chunk in results)
    assert min(days_of(plan, RACECARDS)) == date(2023, 1, 23)
    assert plan.notes == ["racecards: the API has none before 2023-01-23"]
    assert plan.horses is None


def test_backfill_asks_only_for_what_is_not_settled() -> None:
    known = {
        date(2025, 10, 1): Status.COMPLETE,
        date(2025, 10, 2): Status.PARTIAL,
        date(2025, 10, 3): Status.OPEN,
        date(2025, 10, 4): Status.FAILED,
        date(2025, 10, 5): Status.BEYOND_PLAN,
    }
    plan = plan_of("backfill", known, start=date(2025, 10, 1), end=date(2025, 10, 6))
    left = [date(2025, 10, day) for day in (6, 4, 3, 2)]
    assert plan.chunks == {RACECARDS: [left], RESULTS: [left]}
    older = "1 days, 2025-10-05 to 2025-10-05: your plan does not go back that far"
    assert [note for note in plan.notes if older in note] == [
        f"{name}: {older} (only --mode manual requests them again)"
        for name in ("racecards", "results")
    ]


def test_manual_asks_again_for_what_is_settled() -> None:
    known = {date(2025, 10, 1): Status.COMPLETE, date(2025, 10, 2): Status.BEYOND_PLAN}
    plan = plan_of("manual", known, start=date(2025, 10, 1), end=date(2025, 10, 2))
    assert plan.chunks[RESULTS] == [[date(2025, 10, 2), date(2025, 10, 1)]]


def test_one_day_back_is_yesterday_and_today() -> None:
    plan = plan_of("manual", days_back=1)
    yesterday_and_today = [[TODAY, TODAY - timedelta(days=1)]]
    assert plan.chunks == {RACECARDS: yesterday_and_today, RESULTS: yesterday_and_today}


def test_tables_name_their_sources() -> None:
    def asked(*names: str) -> tuple[bool, list[str], bool]:
        plan = plan_of("manual", tables=frozenset(TABLES[name] for name in names))
        return plan.reference, [endpoint.name for endpoint in plan.chunks], plan.horses != 0

    assert asked("ra_mst_courses") == (True, [], False)
    assert asked("ra_mst_bookmakers") == (False, ["racecards"], False)
    assert asked("ra_race_results") == (False, ["results"], False)
    assert asked("ra_runners") == (False, ["racecards", "results"], False)
    assert asked("ra_horse_pedigree") == (False, ["racecards", "results"], True)
    assert asked(*(table.name for table in API_TABLES)) == (True, ["racecards", "results"], True)


def test_cards_are_not_asked_for_before_they_began_nor_results_of_days_to_come() -> None:
    plan = plan_of("manual", start=date(2023, 1, 20), end=date(2025, 10, 30))
    assert min(days_of(plan, RACECARDS)) == date(2023, 1, 23)
    assert max(days_of(plan, RACECARDS)) == date(2025, 10, 27)
    assert max(days_of(plan, RESULTS)) == TODAY


@pytest.mark.parametrize("mode", ["backfill", "daily"])
def test_test_reads_two_days_and_five_horses(mode: str) -> None:
    plan = plan_of(mode, test=True)
    sample = [[TODAY, TODAY - timedelta(days=1)]]
    assert (plan.chunks, plan.horses) == ({RACECARDS: sample, RESULTS: sample}, 5)


@pytest.mark.parametrize(
    ("mode", "options", "message"),
    [
        ("manual", {}, "needs --table or dates"),
        ("manual", {"start": TODAY, "end": date(2025, 1, 1)}, "is after"),
        ("manual", {"start": TODAY, "days_back": 1}, "not both"),
        ("manual", {"start": date(2026, 1, 1)}, "7 days ahead"),
        ("daily", {"start": TODAY}, "has fixed dates"),
        ("backfill", {"days_back": 3}, "not --days-back"),
        ("backfill", {"end": date(2025, 12, 1)}, "ends today"),
    ],
)
def test_arguments_that_do_not_go_together_are_refused(
    mode: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        plan_of(mode, **options)  # type: ignore[arg-type]
