"""The client: one method for each kind of request to The Racing API."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from dlt.sources.helpers.rest_client.auth import HttpBasicAuth
from dlt.sources.helpers.rest_client.client import RESTClient
from requests import RequestException, Response

from pipelines.api.access import UNKNOWN
from pipelines.api.answers import DayAnswer, ListAnswer, Page, RecordAnswer, identity_of
from pipelines.api.attempts import Attempts
from pipelines.api.breaker import CircuitBreaker
from pipelines.api.endpoints import BETWEEN_IDS, EDITIONS, RESULTS, Asks, Endpoint
from pipelines.api.failures import failure_from, failure_of
from pipelines.api.pages import CountedPages
from pipelines.api.room import Room
from pipelines.api.session import Counts, make_session
from pipelines.clock import uk_today
from pipelines.errors import (
    ApiError,
    FaultError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from pipelines.parsing.values import is_identifier
from pipelines.settings import Settings
from pipelines.system.threads import ask_all

logger = logging.getLogger(__name__)

Subject = TypeVar("Subject")
Result = TypeVar("Result")


class RacingApi:
    """The Racing API over dlt's REST client: paced, retried, paged, counted."""

    def __init__(self, settings: Settings, today: date | None = None) -> None:
        """Make a client for a run of a UK day."""
        self.settings, self.today = settings, today or uk_today()
        self.access = UNKNOWN
        """What the key includes, which decides the edition of each endpoint."""
        self.counts = Counts()
        self.answered: set[str] = set()
        """Endpoints that have responded with 200: a later 401 there is not a wrong password."""
        self._attempts = Attempts(settings.call_seconds)
        self._breaker = CircuitBreaker(settings.silence_minutes)
        self._room = Room(lambda: self._breaker.sleep(0.0))
        session = make_session(settings, self._attempts, self._breaker, self.counts, self._room)
        self._client = _WholeBodies(
            base_url=settings.base_url,
            auth=HttpBasicAuth(settings.username, settings.password),
            session=session,
        )

    @property
    def clock_ahead(self) -> timedelta | None:
        """How far this machine's clock is ahead of the server's; None if that is not known."""
        ahead: timedelta | None = self._client.session.clock_ahead  # type: ignore[attr-defined]
        return ahead

    def stop(self) -> None:
        """End every call and every wait, from any thread; later requests fail."""
        self._breaker.stop()
        self._attempts.cut_all()
        self._client.session.close()

    def given_up(self, endpoint: Endpoint) -> ApiError | None:
        """Return why an endpoint is no longer requested in this run, or None."""
        return self._breaker.given_up(self._edition(endpoint))

    def listing(self, endpoint: Endpoint) -> ListAnswer:
        """Return the whole list of an endpoint, for the configured regions; raises ApiError."""
        answer = ListAnswer(endpoint, "-".join(self.settings.regions))
        parameters = {endpoint.region_parameter: self.settings.regions}
        answer.pages.extend(self._pages(self._counted_pages(endpoint), parameters))
        return answer

    def day(self, endpoint: Endpoint, day: date) -> DayAnswer:
        """Return what the endpoint has for one UK day; an error is part of the answer.

        A day whose rows moved between its pages is fetched twice, and all pages are kept.
        """
        answer = DayAnswer(endpoint, day)
        try:
            if self._read(answer):
                self._read(answer)
                if answer.received != answer.total:
                    answer.doubt = answer.doubt or "its pages do not fit together"
        except ApiError as error:
            answer.error = error
        return answer

    def past_day(self, endpoint: Endpoint, day: date) -> DayAnswer:
        """Return what the endpoint has for a UK day that is over; an error is part of the answer.

        An empty list is requested once more: racing stops on a few days of a year only.
        """
        answer = self.day(endpoint, day)
        return self.day(endpoint, day) if answer.is_empty else answer

    def record(self, endpoint: Endpoint, record_id: str) -> RecordAnswer:
        """Request the record with an id, from each edition until one has it; raises ApiError.

        Editions that the plan does not include are skipped. Nothing is sent for a text that is
        not an id: as part of an address it could lead anywhere.
        """
        if not all(map(is_identifier, record_id.split(BETWEEN_IDS))):
            raise RefusedError(f"{record_id!r} is not an id.")
        asked_at = datetime.now(UTC)
        answer = RecordAnswer(EDITIONS.get(endpoint, (endpoint,))[-1], record_id, asked_at=asked_at)
        for edition in self.access.editions(endpoint):
            answer = RecordAnswer(edition, record_id, asked_at=asked_at)
            with suppress(NotFoundError):
                answer.pages.append(self._record(edition, record_id))
                break
        return answer

    def ask_all(
        self,
        ask: Callable[[Subject], Result],
        questions: Iterable[Subject],
        is_final: Callable[[Result], bool] = lambda _: False,
        when_taken: Callable[[], object] = lambda: None,
    ) -> Generator[tuple[Subject, Result], None, None]:
        """Make requests in parallel, yield in order; stop after a final answer.

        When nothing is left that is not being asked, when_taken is called by some thread.
        Until there has been a first response, one call goes ahead of the others, so a wrong
        password costs one call. An interruption ends every call. Close this generator if you may
        not read it to the end.
        """
        threads, one_ahead = self.settings.parallel_calls, not self.answered
        asked = ask_all(ask, questions, is_final, threads, one_ahead, when_taken)
        try:
            yield from asked
        except (Exception, GeneratorExit):
            raise
        except BaseException:
            self.stop()
            raise

    def _read(self, answer: DayAnswer) -> bool:
        """Add every page of a day to its answer, and return whether rows moved between them."""
        edition = self._edition(answer.endpoint)
        pages = self._counted_pages(edition)
        for page in self._pages(pages, self._day_parameters(edition, answer.day)):
            answer.pages.append(page)
        answer.doubt = pages.doubt
        return pages.has_shifted

    def sample(self, endpoint: Endpoint, day: date) -> int:
        """Request one record of a day, and return how many there are; raises ApiError."""
        pages = CountedPages(endpoint, 1, self.settings.answer_megabytes)
        with closing(self._pages(pages, self._day_parameters(endpoint, day))) as answered:
            page = next(answered)
        return page.outline.total or len(page.outline.identities)

    def _edition(self, endpoint: Endpoint) -> Endpoint:
        """Return the edition to request: the best that the plan includes."""
        return self.access.edition(endpoint) or endpoint

    def _day_parameters(self, endpoint: Endpoint, day: date) -> dict[str, Any]:
        iso = day.isoformat()
        days: dict[Asks, dict[str, str]] = {
            Asks.DATE: {"date": iso},
            Asks.RANGE: {"start_date": iso, "end_date": iso},
            Asks.NEAR_DAY: {"day": "today" if day == self.today else "tomorrow"},
            Asks.NOTHING: {},
        }
        return {**days[endpoint.asks], endpoint.region_parameter: self.settings.regions}

    def _counted_pages(self, endpoint: Endpoint) -> CountedPages:
        is_of_results = endpoint.records == RESULTS.records
        limit = self.settings.results_page_size if is_of_results else endpoint.page_limit
        return CountedPages(endpoint, limit, self.settings.answer_megabytes)

    def _pages(
        self, pages: CountedPages, parameters: dict[str, Any]
    ) -> Generator[Page, None, None]:
        endpoint = pages.endpoint
        with self._watched(endpoint, endpoint.path):
            for came in self._client.paginate(
                endpoint.path,
                params=parameters,
                paginator=pages,
                data_selector="$",
                hooks={"response": []},  # errors are told in our own words
                endpoint=endpoint,
            ):
                self.answered.add(endpoint.name)
                for body in came:
                    yield Page(endpoint, came.response.content, body)

    def _record(self, endpoint: Endpoint, record_id: str) -> Page:
        path = endpoint.path_of(record_id)
        with self._watched(endpoint, path):
            response = self._client.get(path, endpoint=endpoint)
            failure = failure_of(response, path)
            if failure:
                raise failure
            body = response.json()
            if identity_of(body, endpoint.identity) != repr(record_id):
                names = " or ".join(endpoint.identity)
                raise UnavailableError(f"{path} answered with another {names}.")
            self.answered.add(endpoint.name)
            return Page(endpoint, response.content, body)

    @contextmanager
    def _watched(self, endpoint: Endpoint, path: str) -> Iterator[None]:
        """Report to the circuit breaker how a request ends, or refuse it if that has given up.

        Raises ApiError, whatever went wrong: one failure costs its day or its horse, nothing else.
        """
        given_up = self.given_up(endpoint)
        if given_up:
            raise given_up
        try:
            yield
        except ApiError as error:
            self._breaker.note(endpoint, error)
            raise
        except Exception as error:  # noqa: BLE001 - the call's own, whatever it is
            failure = _failure(error, path)
            self._breaker.note(endpoint, failure)
            raise failure from error.with_traceback(None)  # whose functions have the body at hand
        else:
            self._breaker.note(endpoint, None)
        finally:
            self._room.free()


def _failure(error: Exception, path: str) -> ApiError:
    if isinstance(error, RequestException):
        return failure_from(error, path)
    logger.exception("%s", path)
    return FaultError(error)


class _WholeBodies(RESTClient):
    """dlt's client, yielding whole bodies after the paginator has seen the response.

    dlt's own extract_response parses a body as JSON before the status has been checked.
    """

    def extract_response(self, response: Response, data_selector: Any) -> list[Any]:
        """Return the body as the only element of a page; nothing for a failed response."""
        return [response.json()] if response.status_code == 200 else []
