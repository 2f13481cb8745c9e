"""The HTTP side: routes, credentials, limits, paging."""

import asyncio
import base64
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipelines.sandbox.cards import Page, cards, cards_at
from pipelines.sandbox.courses import REGIONS, courses_of
from pipelines.sandbox.editions import Plan, admit, card_of, result_of
from pipelines.sandbox.fixtures import Slot
from pipelines.sandbox.history import price_history
from pipelines.sandbox.limits import Limits
from pipelines.sandbox.options import SandboxOptions
from pipelines.sandbox.parameters import ProblemError, day, echo, invalid, near_day, page
from pipelines.sandbox.profiles import pro, search, standard
from pipelines.sandbox.results import results, results_at, run_at, run_by

FIRST_RESULTS = date(1988, 1, 1)
A_YEAR = timedelta(days=365)
CARD_PARAMETERS = ("date", "day", "region_codes", "course_ids", "limit", "skip")
RESULT_PARAMETERS = ("start_date", "end_date", "region", "course", "limit", "skip")
CARD_PAGES = (500, 500, 500)  # the usual limit, the highest limit, the highest skip
RESULT_PAGES = (50, 100, 20_000)
CALLS_KEPT = 10_000
NOT_FOUND = "Not Found"

Handler = Callable[[Request], object]


class Call(NamedTuple):
    """A request that was made, with the moment it arrived on the monotonic clock."""

    path: str
    params: tuple[tuple[str, str], ...]
    status: int
    started: float


class Sandbox:
    """The answers to each path, and a record of what was asked lately."""

    def __init__(self, options: SandboxOptions) -> None:
        self.options = options
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self.lock = threading.Lock()
        self._limits = Limits()
        self._authorization = (
            "Basic " + base64.b64encode(f"{options.username}:{options.password}".encode()).decode()
        )

    @property
    def today(self) -> date:
        """Tell the server's day."""
        return self.options.now().date()

    def app(self) -> Starlette:
        """Build the application."""
        handlers: dict[str, tuple[Plan, Handler]] = {
            "/v1/courses": ("free", self.courses),
            "/v1/courses/regions": ("free", self.regions),
            "/v1/racecards/pro": ("pro", self.racecards),
            "/v1/racecards/standard": ("standard", self._near("standard")),
            "/v1/racecards/basic": ("basic", self._near("basic")),
            "/v1/racecards/free": ("free", self._near("free")),
            "/v1/results": ("standard", self.results),
            "/v1/results/today": ("basic", self._results_today("basic")),
            "/v1/results/today/free": ("free", self._results_today("free")),
            "/v1/{kind:str}/search": ("standard", self.search),
            "/v1/horses/{horse_id}/pro": ("pro", self.horse_pro),
            "/v1/horses/{horse_id}/standard": ("standard", self.horse_standard),
            "/v1/odds/{race_id}/{horse_id}": ("pro", self.odds),
        }
        routes = [
            Route(path, self._answering(handler, plan))
            for path, (plan, handler) in handlers.items()
        ]
        return Starlette(routes=[*routes, Route("/{path:path}", self._answering(self.nothing))])

    def _answering(
        self, handler: Handler, plan: Plan = "free"
    ) -> Callable[[Request], Awaitable[Response]]:
        """Wrap a handler in what paths share: credentials, plan, limits, latency, the record."""

        async def endpoint(request: Request) -> Response:
            arrived = time.monotonic()
            try:
                self._admit(request, arrived)
                admit(self.options.plan, plan)
                answer = handler(request)
                response = Response(orjson.dumps(answer), media_type="application/json")
            except ProblemError as problem:
                response = problem.response
            params = tuple(request.query_params.multi_items())
            with self.lock:
                self.calls.append(Call(request.url.path, params, response.status_code, arrived))
            await asyncio.sleep(self.options.latency)
            return response

        return endpoint

    def _admit(self, request: Request, arrived: float) -> None:
        """Turn away who is unknown or too fast."""
        if request.headers.get("authorization") != self._authorization:
            raise ProblemError(401, "Incorrect username or password", {"WWW-Authenticate": "Basic"})
        group = request.url.path.split("/")[2] if request.url.path.startswith("/v1/") else ""
        refusal = self._limits.refuse(group, arrived) if self.options.limits else None
        if refusal is not None:
            raise ProblemError(429, "Too Many Requests", refusal)

    def nothing(self, request: Request) -> object:
        """Answer for paths that do not exist."""
        raise ProblemError(404, NOT_FOUND)

    def courses(self, request: Request) -> object:
        """List courses."""
        found = courses_of(request.query_params.getlist("region_codes"))
        return {"courses": found, "total": len(found)}

    def regions(self, request: Request) -> object:
        """List regions."""
        return [{"region": name, "region_code": code} for code, name in REGIONS.items()]

    def racecards(self, request: Request) -> object:
        """List a day's cards."""
        when = day(request.query_params, "date", self.today)
        return self._cards(request, when, lambda card: orjson.Fragment(card.body))

    def _near(self, edition: str) -> Handler:
        """List the cards of today or tomorrow, with the fields that an edition has."""

        def handler(request: Request) -> object:
            when = near_day(request.query_params, self.today)
            return self._cards(request, when, lambda card: card_of(edition, card.body))

        return handler

    def _cards(self, request: Request, when: date, shown: Callable[[Page], object]) -> object:
        query = request.query_params
        limit, skip = page(query, *CARD_PAGES)
        world, now = self.options.world, self.options.now()
        drawn = cards_at(world, when, now) if self.options.clock else cards(world, when, now.date())
        wanted = _filter(query.getlist("region_codes"), query.getlist("course_ids"))
        found = [card for card in drawn if wanted(card.course.region, card.course.id)]
        return {
            "racecards": [shown(card) for card in found[skip : skip + limit]],
            "total": len(found),
            "limit": limit,
            "skip": skip,
            "query": echo(query, CARD_PARAMETERS),
        }

    def results(self, request: Request) -> object:
        """List the results of a range of days, the latest first."""
        return self._listed(
            request, self._run(request), lambda result: orjson.Fragment(result.body)
        )

    def _results_today(self, edition: str) -> Handler:
        """List the races that have been run today, with the fields that an edition has."""

        def handler(request: Request) -> object:
            now = self.options.now()
            today = ((now.date(), slot) for slot in self._run_by(now.date(), now))
            return self._listed(request, today, lambda result: result_of(edition, result.body))

        return handler

    def _listed(
        self,
        request: Request,
        run: Iterable[tuple[date, Slot]],
        shown: Callable[[Page], object],
    ) -> object:
        query = request.query_params
        limit, skip = page(query, *RESULT_PAGES)
        wanted = _filter(query.getlist("region"), query.getlist("course"))
        slots = [(when, slot) for when, slot in run if wanted(slot.course.region, slot.course.id)]
        return {
            "results": [
                shown(self._result(when, slot)) for when, slot in slots[skip : skip + limit]
            ],
            "total": len(slots),
            "limit": limit,
            "skip": skip,
            "query": echo(query, RESULT_PARAMETERS),
        }

    def _run(self, request: Request) -> Iterator[tuple[date, Slot]]:
        """Go back through the races that were run in the range asked for."""
        now, query = self.options.now(), request.query_params
        end = day(query, "end_date", self.today)
        start = self._admit_range(day(query, "start_date", self.today - A_YEAR), end)
        latest = min(end, self.today)
        for back in range((latest - start).days + 1):
            when = latest - timedelta(days=back)
            yield from ((when, slot) for slot in self._run_by(when, now))

    def _run_by(self, when: date, now: datetime) -> list[Slot]:
        """List the races of a day whose result is there."""
        is_race_day = self.options.clock and when == now.date()
        return (run_at if is_race_day else run_by)(self.options.world, when, now)

    def _admit_range(self, start: date, end: date) -> date:
        """Check a range of days, and cut it to what the plan covers."""
        if end < start:
            raise invalid("end_date", "end_date must not be before start_date", "value_error")
        if end - start > A_YEAR:
            raise invalid("end_date", "date range must not exceed 365 days", "value_error")
        first = FIRST_RESULTS if self.options.history else self.today - A_YEAR
        if start < first and self.options.refusal != "empty":
            self._refuse(first)
        return max(start, first)

    def _refuse(self, first: date) -> None:
        """Refuse days before the border of the plan. Nobody has seen how the vendor does."""
        if self.options.refusal == "422":
            raise invalid("start_date", f"start_date must not be before {first}", "value_error")
        raise ProblemError(
            int(self.options.refusal), "Your plan does not include historical results"
        )

    def _result(self, when: date, slot: Slot) -> Page:
        """Fetch one result."""
        if self.options.clock:
            return results_at(self.options.world, when, self.options.now())[slot.place]
        return results(self.options.world, when, self.today)[slot.place]

    def odds(self, request: Request) -> object:
        """Show a runner's prices with their history."""
        race, horse = request.path_params["race_id"], request.path_params["horse_id"]
        return _found(price_history(self.options.world, race, horse, self.options.now()))

    def horse_pro(self, request: Request) -> object:
        """Show a detailed profile."""
        return _found(pro(self.options.seed, request.path_params["horse_id"], self.today))

    def horse_standard(self, request: Request) -> object:
        """Show a basic profile."""
        return _found(standard(self.options.seed, request.path_params["horse_id"], self.today))

    def search(self, request: Request) -> object:
        """Search by name."""
        kind, name = request.path_params["kind"], request.query_params.get("name")
        if kind not in ("horses", "jockeys", "trainers", "owners"):
            raise ProblemError(404, NOT_FOUND)
        if name is None:
            raise invalid("name", "field required", "value_error.missing")
        return {"search_results": search(self.options.world, kind, name, self.today)}


def _found(profile: dict[str, object] | None) -> object:
    """Insist on a profile."""
    if profile is None:
        raise ProblemError(404, NOT_FOUND)
    return profile


def _filter(regions: list[str], courses: list[str]) -> Callable[[str, str], bool]:
    """Build the test of a race: by course where courses are named, else by region."""
    if courses:
        return lambda region, course: course in courses
    return lambda region, course: not regions or region in regions
