"""The sandbox's HTTP side: credentials, parameters, paging, limits, borders, refusals."""

import re
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import requests

from pipelines.sandbox import Running, SandboxOptions, running

TODAY = date(2026, 11, 23)
SMALL = SandboxOptions(today=TODAY, limits=False, scale=0.2)
AUTH = ("sandbox", "sandbox")
Json = dict[str, Any]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with running(SMALL) as server:
        yield server


def ask(server: Running, path: str, *params: tuple[str, object]) -> requests.Response:
    return requests.get(server.url + path, params=list(params), auth=AUTH, timeout=10)  # type: ignore[arg-type]


def answer(server: Running, path: str, *params: tuple[str, object]) -> Json:
    response = ask(server, path, *params)
    assert response.status_code == 200, response.text
    found: Json = response.json()
    return found


def fault(response: requests.Response) -> tuple[int, Any]:
    return response.status_code, response.json()["detail"]


@pytest.mark.parametrize("auth", [None, ("sandbox", "wrong"), ("else", "sandbox")])
def test_who_is_unknown_is_turned_away(sandbox: Running, auth: tuple[str, str] | None) -> None:
    response = requests.get(sandbox.url + "/v1/courses", auth=auth, timeout=10)
    assert (response.status_code, list(response.json())) == (401, ["detail"])


@pytest.mark.parametrize(
    "path",
    ["/", "/v1/horses", "/v1/jockeys", "/v1/bookmakers", "/v1/sires/search", "/v1/horses/all"],
)
def test_other_paths_are_not_found(sandbox: Running, path: str) -> None:
    assert fault(ask(sandbox, path)) == (404, "Not Found")


def test_courses_come_by_region(sandbox: Running) -> None:
    gb, ire = ("region_codes", "gb"), ("region_codes", "ire")
    totals = [answer(sandbox, "/v1/courses", *codes)["total"] for codes in ([gb], [ire], [gb, ire])]
    assert totals == [69, 32, 101]
    world = answer(sandbox, "/v1/courses")
    assert world["total"] == len(world["courses"]) > 101
    assert len({course["id"] for course in world["courses"]}) == world["total"]


def test_regions_are_listed(sandbox: Running) -> None:
    codes = [region["region_code"] for region in ask(sandbox, "/v1/courses/regions").json()]
    assert {"gb", "ire", "fr"} <= set(codes)


def test_the_query_is_echoed_as_pairs_without_what_is_unknown(sandbox: Running) -> None:
    sent = [("limit", "5"), ("region_codes", "gb"), ("date", "2026-11-20"), ("region_codes", "ire")]
    cards = answer(sandbox, "/v1/racecards/pro", *sent, ("region", "fr"))
    assert cards["query"] == [list(pair) for pair in sent]
    assert (cards["limit"], cards["skip"]) == (5, 0)
    assert {race["region"] for race in cards["racecards"]} <= {"GB", "IRE"}


def test_without_a_region_the_world_is_returned(sandbox: Running) -> None:
    every, home = (
        answer(
            sandbox,
            "/v1/results",
            ("start_date", "2026-11-14"),
            ("end_date", "2026-11-14"),
            *regions,
        )
        for regions in ((), (("region", "gb"), ("region", "ire")))
    )
    assert every["total"] > home["total"] > 0


def test_a_course_outranks_a_region(sandbox: Running) -> None:
    some = answer(sandbox, "/v1/racecards/pro", ("date", "2026-11-20"), ("region_codes", "gb"))[
        "racecards"
    ][0]
    found = answer(
        sandbox,
        "/v1/racecards/pro",
        ("date", "2026-11-20"),
        ("course_ids", some["course_id"]),
        ("region_codes", "fr"),
    )
    assert {race["course"] for race in found["racecards"]} == {some["course"]}


@pytest.mark.parametrize(
    ("path", "name", "value", "kind"),
    [
        ("/v1/racecards/pro", "limit", 501, "value_error.number.not_le"),
        ("/v1/racecards/pro", "limit", 0, "value_error.number.not_ge"),
        ("/v1/racecards/pro", "skip", 501, "value_error.number.not_le"),
        ("/v1/racecards/pro", "limit", "many", "type_error.integer"),
        ("/v1/racecards/pro", "date", "13.10.2025", "value_error.date"),
        ("/v1/results", "limit", 101, "value_error.number.not_le"),
        ("/v1/results", "skip", 20_001, "value_error.number.not_le"),
        ("/v1/results", "start_date", "2026-02-30", "value_error.date"),
        ("/v1/results", "end_date", "2024-01-01", "value_error"),
    ],
)
def test_parameters_are_checked(
    sandbox: Running, path: str, name: str, value: object, kind: str
) -> None:
    status, detail = fault(ask(sandbox, path, (name, value)))
    assert (status, detail[0]["loc"], detail[0]["type"]) == (422, ["query", name], kind)


def test_a_range_is_a_year_at_most() -> None:
    with running(SandboxOptions(today=TODAY, limits=False, history=True, scale=0.1)) as server:
        status, detail = fault(
            ask(server, "/v1/results", ("start_date", "2020-01-01"), ("end_date", "2021-01-01"))
        )
        assert (status, detail[0]["loc"]) == (422, ["query", "end_date"])
        assert ask(
            server, "/v1/results", ("start_date", "2020-01-01"), ("end_date", "2020-12-31")
        ).ok


@pytest.mark.parametrize("kind", ["horses", "jockeys", "trainers", "owners"])
def test_a_search_wants_a_name(sandbox: Running, kind: str) -> None:
    missing = {"loc": ["query", "name"], "msg": "field required", "type": "value_error.missing"}
    assert fault(ask(sandbox, f"/v1/{kind}/search")) == (422, [missing])
    found = answer(sandbox, f"/v1/{kind}/search", ("name", "a"))["search_results"]
    assert 0 < len(found) <= 10
    assert all("a" in one["name"].casefold() for one in found)


@pytest.mark.parametrize(
    ("path", "name", "params"),
    [
        ("/v1/racecards/pro", "racecards", [("date", "2026-11-20")]),
        ("/v1/results", "results", [("start_date", "2026-11-18"), ("end_date", "2026-11-20")]),
    ],
)
def test_pages_cover_everything_once(
    sandbox: Running, path: str, name: str, params: list[tuple[str, object]]
) -> None:
    whole = answer(sandbox, path, *params, ("limit", 100))
    pages = [
        answer(sandbox, path, *params, ("limit", 3), ("skip", skip))
        for skip in range(0, whole["total"] + 3, 3)
    ]
    assert {page["total"] for page in pages} == {len(whole[name])}
    assert [race["race_id"] for page in pages for race in page[name]] == [
        race["race_id"] for race in whole[name]
    ]


def test_results_come_latest_first(sandbox: Running) -> None:
    found = answer(
        sandbox,
        "/v1/results",
        ("start_date", "2026-11-18"),
        ("end_date", "2026-11-20"),
        ("limit", 100),
    )
    times = [race["off_dt"] for race in found["results"]]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    ("when", "some"),
    [("2023-01-22", False), ("2023-01-23", True), ("2026-11-30", True), ("2026-12-01", False)],
)
def test_cards_have_their_borders(sandbox: Running, when: str, some: bool) -> None:
    assert (answer(sandbox, "/v1/racecards/pro", ("date", when))["total"] > 0) is some


def test_cards_are_of_today_unless_a_day_is_named(sandbox: Running) -> None:
    assert {race["date"] for race in answer(sandbox, "/v1/racecards/pro")["racecards"]} == {
        TODAY.isoformat()
    }


def test_today_has_no_results_before_the_off(sandbox: Running) -> None:
    assert answer(sandbox, "/v1/results", ("start_date", TODAY), ("region", "gb"))["results"] == []


def test_results_reach_back_a_year(sandbox: Running) -> None:
    border = TODAY - timedelta(days=365)
    assert answer(sandbox, "/v1/results", ("start_date", border), ("end_date", border))["total"] > 0
    before = border - timedelta(days=1)
    status, detail = fault(
        ask(sandbox, "/v1/results", ("start_date", before), ("end_date", before))
    )
    assert (status, detail[0]["loc"]) == (422, ["query", "start_date"])


@pytest.mark.parametrize("refusal", ["401", "403", "empty"])
def test_a_day_too_early_may_be_refused_otherwise(refusal: Any) -> None:
    with running(SandboxOptions(today=TODAY, refusal=refusal, scale=0.1)) as server:
        response = ask(
            server, "/v1/results", ("start_date", "2020-05-05"), ("end_date", "2020-05-05")
        )
    if refusal == "empty":
        assert (response.status_code, response.json()["total"], response.json()["results"]) == (
            200,
            0,
            [],
        )
    else:
        assert (response.status_code, list(response.json())) == (int(refusal), ["detail"])


def test_history_reaches_back_to_1988() -> None:
    with running(SandboxOptions(today=TODAY, limits=False, history=True, scale=0.1)) as server:
        for when, status in (("1988-01-01", 200), ("1987-12-31", 422)):
            assert (
                ask(server, "/v1/results", ("start_date", when), ("end_date", when)).status_code
                == status
            )
        assert (
            answer(server, "/v1/results", ("start_date", "1999-06-01"), ("end_date", "1999-06-01"))[
                "total"
            ]
            > 0
        )


def test_horses_and_their_sires_have_profiles(sandbox: Running) -> None:
    race = answer(sandbox, "/v1/racecards/pro", ("date", "2026-11-20"))["racecards"][0]
    for runner in race["runners"][:4]:
        for number in (
            runner["horse_id"],
            *(re.sub(r"^\w+_", "hrs_", runner[f"{who}_id"]) for who in ("sire", "dam", "damsire")),
        ):
            profile = ask(sandbox, f"/v1/horses/{number}/standard").json()
            assert number == profile["id"]
        profile = ask(sandbox, f"/v1/horses/{runner['horse_id']}/pro").json()
        assert {
            key: profile[key]
            for key in ("dob", "colour", "breeder", "sire_id", "dam_id", "damsire_id", "sex")
        } == {
            key: runner[key]
            for key in ("dob", "colour", "breeder", "sire_id", "dam_id", "damsire_id", "sex")
        }
        assert profile["name"].casefold() == f"{runner['horse']} ({runner['region']})".casefold()


def test_a_few_horses_have_no_profile(sandbox: Running) -> None:
    cards = [
        answer(sandbox, "/v1/racecards/pro", ("date", when))
        for when in ("2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21")
    ]
    horses = [
        runner["horse_id"]
        for card in cards
        for race in card["racecards"]
        for runner in race["runners"]
    ]
    with requests.Session() as session:
        session.auth = AUTH
        found = [
            tuple(
                session.get(f"{sandbox.url}/v1/horses/{horse}/{kind}").status_code
                for kind in ("pro", "standard")
            )
            for horse in horses[:700]
        ]
    assert set(found) <= {(200, 200), (404, 200), (404, 404)}
    assert 0 < found.count((404, 200)) < 30
    assert found.count((404, 404)) < 15


@pytest.mark.parametrize(
    "horse", ["hrs_1", "hrs_99999999999", "hrs_x", "sir_2896038", "hrs_²", "hrs_-1"]
)
def test_an_id_that_no_horse_has_is_not_found(sandbox: Running, horse: str) -> None:
    assert fault(ask(sandbox, f"/v1/horses/{horse}/pro")) == (404, "Not Found")
    assert fault(ask(sandbox, f"/v1/horses/{horse}/standard")) == (404, "Not Found")


def test_limits_can_be_switched_off(sandbox: Running) -> None:
    assert {ask(sandbox, "/v1/courses").status_code for _ in range(10)} == {200}


def test_it_leaves_nothing_behind() -> None:
    before = set(threading.enumerate())
    with running(SandboxOptions()) as server:
        assert ask(server, "/v1/courses").ok
    assert set(threading.enumerate()) == before
    with pytest.raises(requests.ConnectionError):
        ask(server, "/v1/courses")
