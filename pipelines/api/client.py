"""The client: one method for each question that is asked of The Racing API."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from dlt.sources.helpers.rest_client.auth import HttpBasicAuth
from dlt.sources.helpers.rest_client.client import RESTClient
from requests import RequestException, Response

from pipelines.api.answers import Body, DayAnswer
from pipelines.api.failures import failure_from, failure_of
from pipelines.api.pace import Pace
from pipelines.api.pages import CountedPages
from pipelines.api.session import Counts, make_session
from pipelines.endpoints import COURSES, HORSE_PRO, HORSE_STANDARD, RACECARDS, RESULTS, Endpoint
from pipelines.errors import ApiError, NotFoundError, UnavailableError
from pipelines.settings import Settings

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class RacingApi:
    """The Racing API over dlt's REST client: paced, retried, paged, counted."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.counts = Counts()
        self.answered: set[str] = set()
        """Endpoints that have answered 200 so far: a later 401 there is not a wrong password."""
        pace = Pace(settings.requests_per_second, path_limits=settings.path_limits)
        session = make_session(settings.base_url, pace, self.counts)
        self._client = _WholeBodies(
            base_url=settings.base_url,
            auth=HttpBasicAuth(settings.username, settings.password),
            session=session,
        )

    def courses(self) -> list[Body]:
        """Return the pages of the course list of the configured regions; raises ApiError."""
        return self._pages(COURSES, {COURSES.region_parameter: self.settings.regions})

    def day(self, endpoint: Endpoint, day: date) -> DayAnswer:
        """Return what the endpoint has for one UK day; an error is part of the answer."""
        answer = DayAnswer(endpoint, day)
        try:
            answer.bodies = self._pages(endpoint, self._day_parameters(endpoint, day))
        except ApiError as error:
            answer.error = error
        return answer

    def profile(self, horse_id: str) -> Body:
        """Return a horse's profile with where it came from and when; raises ApiError.

        Asks /pro, then /standard where pro has none. The fields profile_status (pro, standard or
        not_found) and profile_at are added to what the API sent.
        """
        asked_at = datetime.now(UTC).isoformat()
        for endpoint, status in ((HORSE_PRO, "pro"), (HORSE_STANDARD, "standard")):
            try:
                body = self._one(endpoint, endpoint.path.format(id=horse_id))
            except NotFoundError:
                continue
            return {**body, "id": horse_id, "profile_status": status, "profile_at": asked_at}
        return {"id": horse_id, "profile_status": "not_found", "profile_at": asked_at}

    def ask_all(
        self,
        ask: Callable[[Question], Answer],
        questions: Iterable[Question],
        is_final: Callable[[Answer], bool] = lambda _: False,
    ) -> Iterator[tuple[Question, Answer]]:
        """Ask in parallel, yield in order; after a final answer ask no further question.

        As long as nothing has been answered, one call goes ahead of the others: a wrong password
        costs one.
        """
        stop = threading.Event()

        def ask_one(question: Question) -> Answer | None:
            if stop.is_set():
                return None
            answer = ask(question)
            if is_final(answer):
                stop.set()
            return answer

        with ThreadPoolExecutor(self.settings.parallel_calls) as pool:
            asked = []
            for question in questions:
                asked.append((question, pool.submit(ask_one, question)))
                if len(asked) == 1 and not self.answered:
                    wait([asked[0][1]])
            try:
                for question, future in asked:
                    answer = future.result()
                    if answer is not None:
                        yield question, answer
            finally:
                stop.set()

    def _day_parameters(self, endpoint: Endpoint, day: date) -> dict[str, Any]:
        iso = day.isoformat()
        dates = {"date": iso} if endpoint is RACECARDS else {"start_date": iso, "end_date": iso}
        return {**dates, endpoint.region_parameter: self.settings.regions}

    def _page_limit(self, endpoint: Endpoint) -> int | None:
        return self.settings.results_page_size if endpoint is RESULTS else endpoint.page_limit

    def _pages(self, endpoint: Endpoint, parameters: dict[str, Any]) -> list[Body]:
        pages = self._client.paginate(
            endpoint.path,
            params=parameters,
            paginator=CountedPages(endpoint, self._page_limit(endpoint)),
            data_selector="$",
            hooks={"response": []},  # errors are told in our own words
            allow_redirects=False,
        )
        try:
            bodies = [body for page in pages for body in page]
        except RequestException as error:
            raise failure_from(error, endpoint.path) from error
        self.answered.add(endpoint.name)
        return bodies

    def _one(self, endpoint: Endpoint, path: str) -> Body:
        try:
            response = self._client.get(path, allow_redirects=False)
            failure = failure_of(response, path)
            if failure:
                raise failure
            body = response.json()
        except RequestException as error:
            raise failure_from(error, path) from error
        if not isinstance(body, dict) or not body.get("id"):
            raise UnavailableError(f"{path} answered without a profile.")
        self.answered.add(endpoint.name)
        return body


class _WholeBodies(RESTClient):
    """dlt's client, handing over bodies as they are once the paginator has seen the response.

    Its own extract_response reads a body as JSON before anybody has looked at the status.
    """

    def extract_response(self, response: Response, data_selector: Any) -> list[Any]:
        """Return the body as the only element of a page; nothing for a response that failed."""
        return [response.json()] if response.status_code == 200 else []
