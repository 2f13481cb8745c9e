"""The sandbox's answers, held against the vendor's own description."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from jsonschema import Draft202012Validator

from pipelines.sandbox import Running, SandboxOptions, running

DESCRIPTION = Path(__file__).parents[2] / "shared" / "racing_api" / "openapi-1.4.3.yml"
TODAY = date(2026, 11, 23)
SINCE_2026 = {"performance_rating", "speed_rating"}  # users report them; the description does not
Json = dict[str, Any]

pytestmark = pytest.mark.skipif(
    not DESCRIPTION.exists(), reason=f"no vendor description at {DESCRIPTION}"
)


@lru_cache(maxsize=1)
def description() -> Json:
    found: Json = yaml.load(
        DESCRIPTION.read_text(encoding="utf-8"),
        Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),
    )
    return found


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    options = SandboxOptions(today=TODAY, limits=False, history=True, scale=0.15)
    with running(options) as server:
        yield server


@pytest.fixture(scope="module")
def evening() -> Iterator[Running]:
    with running(SandboxOptions(today=TODAY, limits=False, hour=23, scale=0.15)) as server:
        yield server


def answer(server: Running, path: str, status: int = 200, **params: str) -> Any:
    response = requests.get(
        server.url + path, params=params, auth=("sandbox", "sandbox"), timeout=10
    )
    assert response.status_code == status
    return response.json()


def check(name: str, found: object) -> None:
    """Validate an answer against a named schema."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": description()["components"]}
    problems = [
        f"{'/'.join(map(str, error.path))}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(found)
    ]
    assert not problems, problems[:5]


def keys(name: str) -> set[str]:
    return set(description()["components"]["schemas"][name]["properties"])


@pytest.mark.parametrize(
    "when",
    [
        "2023-02-04",
        "2024-08-17",
        "2025-10-13",
        "2026-11-22",
        "2026-11-23",
        "2026-11-25",
        "2026-11-28",
    ],
)
def test_cards_are_as_described(sandbox: Running, when: str) -> None:
    found = answer(sandbox, "/v1/racecards/pro", date=when)
    assert found["total"] > 0
    check("RacecardsOddsProPage", found)
    assert all(set(race) == keys("RacecardOddsPro") for race in found["racecards"])
    extra = SINCE_2026 if when >= "2026" else set()
    assert all(
        set(runner) == keys("RunnerOddsPro") | extra
        for race in found["racecards"]
        for runner in race["runners"]
    )


@pytest.mark.parametrize(
    "when", ["1995-06-10", "2020-12-26", "2025-10-13", str(TODAY - timedelta(days=1))]
)
def test_results_are_as_described(sandbox: Running, when: str) -> None:
    found = answer(sandbox, "/v1/results", start_date=when, end_date=when, limit="100")
    assert found["total"] > 0
    check("ResultsStandardPage", found)
    assert all(set(race) == keys("ResultStandard") for race in found["results"])
    extra = SINCE_2026 if when >= "2026" else set()
    assert all(
        set(runner) == keys("RunnerStandard") | extra
        for race in found["results"]
        for runner in race["runners"]
    )


@pytest.mark.parametrize("when", ["today", "tomorrow"])
@pytest.mark.parametrize(
    ("edition", "page", "race", "runner"),
    [
        ("standard", "RacecardsOddsPage", "RacecardOdds", "RunnerOdds"),
        ("basic", "RacecardsPage", "Racecard", "Runner"),
        ("free", "RacecardsBasicPage", "RacecardBasic", "RunnerBasic"),
    ],
)
def test_cards_of_lower_plans_are_as_described(
    sandbox: Running, edition: str, page: str, race: str, runner: str, when: str
) -> None:
    found = answer(sandbox, f"/v1/racecards/{edition}", day=when)
    assert found["total"] > 0
    check(page, found)
    assert all(set(card) == keys(race) for card in found["racecards"])
    extra = set() if edition == "free" else SINCE_2026
    described = keys(f"app__models__racecards__{runner}") | extra
    assert all(set(one) == described for card in found["racecards"] for one in card["runners"])


@pytest.mark.parametrize(
    ("path", "page", "race", "runner"),
    [
        ("today", "ResultsBasicPage", "ResultBasic", "app__models__result__RunnerBasic"),
        ("today/free", "ResultsFreePage", "ResultFree", "RunnerFree"),
    ],
)
def test_results_of_today_are_as_described(
    evening: Running, path: str, page: str, race: str, runner: str
) -> None:
    found = answer(evening, f"/v1/results/{path}")
    assert found["total"] > 0
    check(page, found)
    assert all(set(result) == keys(race) for result in found["results"])
    extra = set() if "free" in path else SINCE_2026
    described = keys(runner) | extra
    assert all(set(one) == described for result in found["results"] for one in result["runners"])


def test_profiles_are_as_described(sandbox: Running) -> None:
    race = answer(sandbox, "/v1/racecards/pro", date="2026-11-20")["racecards"][0]
    horse = race["runners"][0]["horse_id"]
    for kind, name in (("pro", "HorsePro"), ("standard", "Horse")):
        found = answer(sandbox, f"/v1/horses/{horse}/{kind}")
        check(name, found)
        assert set(found) == keys(name)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/courses", "CoursesPage"),
        ("/v1/horses/search", "Horses"),
        ("/v1/jockeys/search", "Jockeys"),
        ("/v1/trainers/search", "Trainers"),
        ("/v1/owners/search", "Owners"),
    ],
)
def test_lists_are_as_described(sandbox: Running, path: str, name: str) -> None:
    check(name, answer(sandbox, path, name="a"))


def test_regions_are_as_described(sandbox: Running) -> None:
    for region in answer(sandbox, "/v1/courses/regions"):
        check("Region", region)


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/v1/horses/search", {}),
        ("/v1/racecards/pro", {"limit": "501"}),
        ("/v1/racecards/pro", {"date": "soon"}),
        ("/v1/racecards/free", {"day": "yesterday"}),
        ("/v1/results", {"start_date": "1987-01-01", "end_date": "1987-01-01"}),
        ("/v1/results", {"skip": "x"}),
    ],
)
def test_errors_are_as_described(sandbox: Running, path: str, params: dict[str, str]) -> None:
    check("HTTPValidationError", answer(sandbox, path, 422, **params))
