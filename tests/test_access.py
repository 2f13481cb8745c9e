"""Any plan of the vendor: what a key includes is found out, kept, and never a failure."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pipelines.api.access import Access, Reach
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import HORSE_PRO, RACECARDS, RESULTS, VendorPlan
from pipelines.database.reader import Reader
from pipelines.errors import AccessError, UnavailableError
from pipelines.plan.keycheck import ask_access, of_plan
from pipelines.plan.modes import Options, make_plan
from pipelines.report import ExitCode, Report
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.sandbox.editions import PLANS, Plan
from pipelines.settings import Settings, load_settings
from pipelines.status.health import health_of
from pipelines.status.state import state_of
from tests.cases import play, read_case
from tests.fake_api import FakeApi, Reply, serving
from tests.jobs import FEW_DAYS, point_to, rows_of, run_job
from tests.test_modes import Known

TODAY = date(2026, 11, 25)
YESTERDAY = TODAY - timedelta(days=1)
DAYS = {"today": TODAY, "tomorrow": TODAY + timedelta(days=1)}
BEST = {
    "free": ["racecards_free", "results_today_free", None],
    "basic": ["racecards_basic", "results_today", None],
    "standard": ["racecards_standard", "results", "horse_standard"],
    "pro": ["racecards", "results", "horse_pro"],
}
"""The best edition of cards, results and profiles that each plan includes."""


def best(access: Access) -> list[str | None]:
    found = [access.edition(kind) for kind in (RACECARDS, RESULTS, HORSE_PRO)]
    return [edition.name if edition else None for edition in found]


def served(plan: Plan, **options: Any) -> Any:
    chosen = {"limits": False, "today": TODAY, "scale": 0.02, **options}
    return running(SandboxOptions(plan=plan, **chosen))


def api_at(server: Running | FakeApi, password: str = "sandbox") -> RacingApi:
    settings = Settings(base_url=server.url, username="sandbox", requests_per_second=1000)
    settings.password, settings.path_limits = password, False
    return RacingApi(settings, TODAY)


@pytest.mark.parametrize("history", [False, True])
@pytest.mark.parametrize("plan", PLANS)
def test_each_plan_is_recognised_in_a_few_calls(plan: Plan, history: bool) -> None:
    with served(plan, history=history) as server:
        access = ask_access(api_at(server), TODAY)
        calls = len(server.calls)
    assert best(access) == best(of_plan(plan)) == BEST[plan]
    assert access.plan == VendorPlan[plan.upper()]
    assert access.has_history == (history and plan in ("standard", "pro"))
    assert calls == {"free": 8, "basic": 6, "standard": 3, "pro": 2}[plan] + (
        0 if history or plan in ("free", "basic") else 1
    )


def test_wrong_password_is_no_plan() -> None:
    with served("free") as server, pytest.raises(AccessError, match="credentials are wrong"):
        ask_access(api_at(server, "wrong"), TODAY)


def test_api_out_of_order_is_no_plan() -> None:
    down = {".*": lambda _: Reply({"detail": "down"}, 503)}
    with serving(down) as fake, pytest.raises(UnavailableError):
        ask_access(api_at(fake), TODAY)


def test_what_a_plan_lacks_is_one_sentence_with_the_plan_that_has_it() -> None:
    refused = {"/v1/racecards/pro": "Pro Plan required", "/v1/horses/{id}/pro": "Pro Plan required"}
    checked = datetime(2026, 11, 25, tzinfo=UTC)
    assert str(Access(VendorPlan.STANDARD, refused, checked_at=checked)) == (
        "your plan is Standard (checked 2026-11-25): racecards without days other than today and "
        "tomorrow (the Pro plan); horse profiles without dates of birth, sexes, colours and "
        "breeders (the Pro plan). The API says: Pro Plan required"
    )
    assert of_plan("free").lacks[-1] == "no horse profiles (the Standard plan)"
    assert str(Access(has_history=True)) == "your plan is Pro with the results add-on"


def test_days_are_those_of_the_best_edition() -> None:
    near = Reach(TODAY, TODAY + timedelta(days=1))
    assert of_plan("standard").reach(RACECARDS, TODAY) == near
    assert of_plan("free").reach(RACECARDS, TODAY) == near
    assert of_plan("basic").reach(RESULTS, TODAY) == Reach(TODAY, TODAY)
    assert of_plan("pro").reach(RACECARDS, TODAY).first == date(2023, 1, 23)


def test_a_plan_asks_for_what_the_key_includes_and_names_the_rest() -> None:
    access = of_plan("free")

    def coverage(kind: Any) -> Known:
        known = Known({})
        known.reach = access.reach(kind, TODAY)
        return known

    plan = make_plan(Options("daily", TODAY), Settings(), coverage, access)
    assert {kind.name: sorted(days) for kind, (days, *_) in plan.chunks.items()} == {
        "racecards": [TODAY, TODAY + timedelta(days=1)],
        "results": [TODAY],
    }
    assert {kind.name: len(days) for kind, days in plan.not_in_plan.items()} == {
        "racecards": 9,
        "results": 14,
    }
    assert plan.horses == 0
    assert [note for note in plan.notes if "your plan" in note] == [str(access)]


def statuses(destination: str) -> Counter[tuple[str, str]]:
    return Counter(rows_of(destination, "SELECT endpoint, status FROM ra_coverage"))


def paths(server: Running) -> set[str]:
    return {call.path for call in server.calls}


def test_free_key_loads_todays_cards_and_results_and_is_healthy(
    destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served("free", hour=23) as server:
        point_to(monkeypatch, server.url, plan="", **FEW_DAYS)
        report = run_job("daily", destination, TODAY)
        assert report.exit_code == ExitCode.COMPLETE, report.missing
        server.clear()
        again = run_job("daily", destination, TODAY)
        assert paths(server) == {"/v1/courses", "/v1/racecards/free", "/v1/results/today/free"}
    assert again.exit_code == ExitCode.COMPLETE
    assert sum("your plan is Free" in note for note in again.notes) == 1
    assert statuses(destination) == {
        ("racecards", "open"): 2,
        ("racecards", "not_in_plan"): 1,
        ("results", "open"): 1,
        ("results", "not_in_plan"): 2,
    }
    counts = "count(DISTINCT date), bool_and(off_time IS NOT NULL), bool_or(has_result)"
    assert rows_of(destination, f"SELECT {counts} FROM ra_races") == [(2, True, True)]
    reader = Reader(destination)
    state = state_of(reader, TODAY)
    assert state.endpoints["racecards"].gaps == state.endpoints["results"].gaps == []
    days = [(found.first, found.last) for found in state.endpoints.values()]
    assert days == [(TODAY, TODAY + timedelta(days=1)), (TODAY, TODAY)]
    assert health_of(reader, state, load_settings()).faults == []


@pytest.mark.usefixtures("tables_there")
def test_after_an_upgrade_what_was_missing_fills_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with served("standard") as server:
        point_to(monkeypatch, server.url, plan="", **FEW_DAYS)
        assert run_job("daily", "duckdb", TODAY, max_horses=2).exit_code == ExitCode.COMPLETE
        assert statuses("duckdb")["racecards", "not_in_plan"] == 1
    profiles = rows_of(
        "duckdb", "SELECT count(*) FROM ra_mst_horses WHERE enrichment_status = 'standard'"
    )
    rows_of("duckdb", "UPDATE ra_access SET checked_at = checked_at - INTERVAL '8 days'")
    with served("pro", history=True) as server:
        point_to(monkeypatch, server.url, plan="", **FEW_DAYS)
        report = run_job("daily", "duckdb", TODAY, max_horses=2)
    assert (report.exit_code, profiles) == (ExitCode.COMPLETE, [(2,)])
    assert statuses("duckdb") == {
        ("racecards", "complete"): 1,
        ("racecards", "open"): 2,
        ("results", "complete"): 2,
        ("results", "open"): 1,
    }
    assert report.horses["pro"] == 2
    assert rows_of(
        "duckdb",
        "SELECT path, included_since IS NOT NULL FROM ra_access WHERE plan IN ('Pro', 'add-on') "
        "ORDER BY path",
    ) == [
        ("/v1/horses/{id}/pro", True),
        ("/v1/odds/{race_id}/{horse_id}", True),
        ("/v1/racecards/pro", True),
        ("results add-on", False),
    ]


@pytest.mark.usefixtures("tables_there")
def test_after_a_downgrade_the_run_goes_on_with_what_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows_of(
        "duckdb",
        "INSERT INTO ra_access (_dlt_load_id, path, is_included, plan, checked_at) "
        "VALUES ('', '/v1/racecards/pro', true, 'Pro', now())",
    )
    with served("standard") as server:
        point_to(monkeypatch, server.url, plan="", **FEW_DAYS)
        report = run_job("daily", "duckdb", TODAY, max_horses=0)
    assert (report.exit_code, report.missing) == (ExitCode.COMPLETE, [])
    assert statuses("duckdb") == {
        ("racecards", "not_in_plan"): 1,
        ("racecards", "open"): 2,
        ("results", "complete"): 2,
        ("results", "open"): 1,
    }


def test_standard_key_says_once_what_it_lacks_and_fails_no_night(
    destination: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = read_case("standard_key")
    asked: list[list[str]] = []
    reports: list[Report] = []
    case.phases.append(case.phases[0])
    for api, report in play(case, destination, plan="", max_horses=5):
        asked.append([question.path for question in api.asked])
        reports.append(report)
        api.fake.asked.clear()
    assert [report.missing for report in reports] == [[], []]
    words = [note for report in reports for note in report.notes if "Pro Plan required" in note]
    assert len(words) == 2  # once in each report
    assert asked[0].count("/v1/racecards/pro") == 1
    assert [path for path in asked[1] if path.startswith("/v1/racecards")] == []
    profiles = [path for path in asked[0] if path.startswith("/v1/horses")]
    assert len(profiles) == 3
    assert {path.rpartition("/")[2] for path in profiles} == {"standard"}
    assert rows_of(destination, case.then[0][0]) == [(3,)]
