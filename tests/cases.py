"""The cases of ../shared/cases: what an API says in one phase after the other, and what is true."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from pipelines.plan.modes import Options, check
from pipelines.report import Report
from pipelines.run import perform
from pipelines.settings import load_settings
from tests.conftest import SHARED
from tests.fake_api import Asked, FakeApi, Reply, Route, page_of, serving
from tests.jobs import Silent, point_to

CASES: Final = SHARED / "cases"
Record = dict[str, Any]
Phase = dict[str, Any]
"""Cards and results by day, and faults: which calls go wrong, and how."""

REGIONS: Final = {"GB": "Great Britain", "IRE": "Ireland"}
STANDARD: Final = ("name", "sire", "sire_id", "dam", "dam_id", "damsire", "damsire_id")
PRO: Final = ("dob", "sex", "sex_code", "colour", "breeder", *STANDARD)


@dataclass(frozen=True)
class Case:
    """One file of the folder."""

    name: str
    what: str
    days: list[date]
    phases: list[Phase]
    then: list[tuple[str, Any]]
    """Queries of schema racing, each with the one value that it gives after the last phase."""

    @property
    def today(self) -> date:
        """The day of the runs: the results of the last day can be complete."""
        return self.days[-1] + timedelta(days=1)


def case_names() -> list[Any]:
    """Return the names of all cases, or one that is skipped where the folder is missing."""
    missing = pytest.param("none", marks=pytest.mark.skip(reason=f"{CASES} is not here"))
    return sorted(path.stem for path in CASES.glob("*.json")) or [missing]


def read_case(name: str) -> Case:
    """Return a case by its name; skips the test where it is missing."""
    path: Path = CASES / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    said = json.loads(path.read_text(encoding="utf-8"))
    days = sorted(map(date.fromisoformat, said["days"]))
    then = [(query, value) for query, value in said["then"]]
    return Case(name, said["what"], days, said["phases"], then)


class PhasedApi:
    """An API that says something else in each phase: courses, cards, results and profiles."""

    def __init__(self, phases: Sequence[Phase]) -> None:
        self.phases = phases
        self.number = 0
        """The phase that is served."""
        self.fake: FakeApi
        self._matched: Counter[tuple[int, int]] = Counter()

    @property
    def url(self) -> str:
        """Address of the server."""
        return self.fake.url

    @property
    def asked(self) -> list[Asked]:
        """Every request so far."""
        return self.fake.asked

    @property
    def phase(self) -> Phase:
        """What the API says now."""
        return self.phases[self.number]

    def routes(self) -> dict[str, Route]:
        """Routes of a FakeApi."""
        routes: dict[str, Route] = {
            "/v1/courses": self._courses,
            "/v1/racecards/pro": lambda asked: self._day("cards", "racecards", asked),
            "/v1/results": lambda asked: self._day("results", "results", asked),
            "/v1/horses/[^/]+/(pro|standard)": self._profile,
        }
        return {path: self._spoiling(route) for path, route in routes.items()}

    def _spoiling(self, route: Route) -> Route:
        def answer(asked: Asked) -> Reply:
            fault = self._fault(f"{asked.path}?{urlencode(asked.params)}")
            if fault is None:
                return route(asked)
            body = fault["body"]
            if isinstance(body, str):
                return Reply(body.encode(), fault["code"], {"Content-Type": "text/html"})
            return Reply(body, fault.get("code", 200))

        return answer

    def _fault(self, address: str) -> Record | None:
        """Return what goes wrong with this call, of all calls to such an address."""
        with self.fake.lock:
            for number, fault in enumerate(self.phase.get("faults", ())):
                if fault["kind"] not in ("status", "json"):
                    raise NotImplementedError(f"a fault of kind {fault['kind']}")
                if fault["match"] in address:
                    self._matched[self.number, number] += 1
                    if not fault["nth"] or self._matched[self.number, number] in fault["nth"]:
                        return dict(fault)
        return None

    def _day(self, kind: str, name: str, asked: Asked) -> Reply:
        params = dict(asked.params)
        regions = {value for key, value in asked.params if key in ("region", "region_codes")}
        day = params.get("date") or params["start_date"]
        races = [
            race
            for race in self.phase.get(kind, {}).get(day, ())
            if race["region"].lower() in regions
        ]
        return Reply(page_of(name, races, asked, cap=500 if kind == "cards" else 100))

    def _courses(self, _: Asked) -> Reply:
        courses = {
            race["course_id"]: {
                "id": race["course_id"],
                "course": race["course"],
                "region_code": race["region"].lower(),
                "region": REGIONS.get(race["region"], race["region"]),
            }
            for race in self._races()
        }
        return Reply({"courses": list(courses.values()), "total": len(courses)})

    def _profile(self, asked: Asked) -> Reply:
        *_, horse_id, kind = asked.path.split("/")
        for race in self._races():
            for runner in race["runners"]:
                if runner["horse_id"] == horse_id:
                    said = {**runner, "name": runner["horse"]}
                    fields = PRO if kind == "pro" else STANDARD
                    return Reply({"id": horse_id} | {name: said.get(name, "") for name in fields})
        return Reply({"detail": "Not Found"}, 404)

    def _races(self) -> Iterator[Record]:
        for phase in self.phases:
            for kind in ("cards", "results"):
                for races in phase.get(kind, {}).values():
                    yield from races


@contextmanager
def serving_phases(phases: Sequence[Phase]) -> Iterator[PhasedApi]:
    """Serve the phases, the first of them to begin with, until the block ends."""
    api = PhasedApi(phases)
    with serving(api.routes()) as api.fake:
        yield api


def play(
    case: Case,
    destination: str,
    mode: str = "manual",
    today: date | None = None,
    plan: str = "pro",
    **options: Any,
) -> Iterator[tuple[PhasedApi, Report]]:
    """Serve a case and yield the report of a run after each phase.

    Runs read the days of the case, from the first to the last, and no profiles, unless options say
    otherwise.
    """
    chosen: dict[str, Any] = {"start": case.days[0], "end": case.days[-1], "max_horses": 0}
    run = Options(mode, today or case.today, **(chosen | options))
    check(run)
    with serving_phases(case.phases) as api, pytest.MonkeyPatch.context() as patch:
        point_to(patch, api.url, plan=plan)
        for api.number in range(len(case.phases)):
            yield api, perform(run, load_settings(), destination, Silent())
