"""The HTTP session: one layer of retries, with back-off and jitter, over a paced connection.

Many threads share it, so anything a library would share between them is kept per call (tenacity's
statistics) or not at all (cookies, which requests reads while another thread writes them).
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

from dlt.common.configuration import configspec
from dlt.common.configuration.resolve import resolve_configuration
from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests.retry import (
    DEFAULT_RETRY_EXCEPTIONS,
    wait_exponential_retry_after,
)
from dlt.sources.helpers.requests.session import Session
from requests import PreparedRequest, Response
from requests.exceptions import ContentDecodingError, InvalidHeader
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    wait_random,
)

from pipelines.api.adapter import PacedAdapter
from pipelines.api.attempts import Attempts, UnusableAnswerError
from pipelines.api.bodies import fault_of, memory_of, read_once
from pipelines.api.breaker import CircuitBreaker
from pipelines.api.endpoints import PATHS, Endpoint
from pipelines.api.failures import is_passing
from pipelines.api.pace import Pace
from pipelines.api.room import Room
from pipelines.settings import Settings

logger = logging.getLogger(__name__)

JITTER_SECONDS: Final = 1.0
CONNECT_SECONDS: Final = 5.0
"""Nothing can wake a thread that is opening a connection, so that it must not take long."""
PASSING_ERRORS = (
    *DEFAULT_RETRY_EXCEPTIONS,
    ContentDecodingError,
    InvalidHeader,
    UnusableAnswerError,
)


@configspec
class Patience(RuntimeConfiguration):
    """dlt's own settings in [runtime], with waits of 2, 4, 8 and 16 s where nothing is set.

    Every call survives a server that fails for thirty seconds.
    """

    request_backoff_factor: float = 2


class Counts:
    """Calls and retries so far, counted by many threads."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, what: str) -> None:
        """Count one."""
        with self._lock:
            self._counts[what] += 1

    @property
    def calls(self) -> int:
        """Attempts made, retries included."""
        return self._counts["calls"]

    @property
    def retries(self) -> int:
        """Attempts that had to be repeated."""
        return self._counts["retries"]


class RacingSession(Session):
    """dlt's session, for many threads: each call is retried, and its body checked.

    It follows no redirect: the password goes to one host only.
    """

    def __init__(self, retrying: Retrying, megabytes: float, room: Room, timeout: Any) -> None:
        super().__init__(timeout=timeout, raise_for_status=False)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self._retrying, self._megabytes, self._room = retrying, megabytes, room
        self.clock_ahead: timedelta | None = None
        """How far this machine's clock is ahead of the server's, by its last response."""

    def get_redirect_target(self, resp: Response) -> str | None:
        """Tell requests that there is none."""
        return None

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        """Send a request until a retry could not improve the response.

        A 200 must have a valid body of the endpoint given by keyword. Raises RequestException.
        """
        # A copy: one that is shared keeps the statistics of all calls in one place.
        response: Response = self._retrying.copy()(self._send_once, request, **kwargs)
        return response

    def _send_once(self, request: PreparedRequest, endpoint: Endpoint, **kwargs: Any) -> Response:
        response = read_once(super().send(request, **kwargs))  # type: ignore[no-untyped-call]
        self._compare_clocks(response.headers.get("Date", ""))
        fault = self._fault(response, endpoint)
        if fault:
            del response  # an error that is kept keeps this function's variables too
            raise UnusableAnswerError(fault)
        return response

    def _compare_clocks(self, date: str) -> None:
        with suppress(ValueError, TypeError, OverflowError):
            self.clock_ahead = datetime.now(UTC) - parsedate_to_datetime(date)

    def _fault(self, response: Response, endpoint: Endpoint) -> str | None:
        if response.status_code != 200:
            return None
        memory = memory_of(response.content)
        if memory > self._megabytes * 1_000_000:
            return f"sent JSON that takes more than {self._megabytes:g} MB of memory"
        self._room.take(memory)
        try:
            return fault_of(response.json(), endpoint)
        except UnusableAnswerError as error:
            return str(error)


class RetryAfter(wait_exponential_retry_after):
    """dlt's wait, exponential or as Retry-After says; the latter holds back all other calls too."""

    def __init__(self, hold: Callable[[float], None], multiplier: float, max: float) -> None:
        super().__init__(multiplier=multiplier, max=max)
        self._hold = hold

    def _get_retry_after(self, retry_state: RetryCallState) -> float | None:
        try:
            seconds = super()._get_retry_after(retry_state)
        except (ValueError, OverflowError):  # thousands of digits, a year beyond the calendar
            return None
        if seconds is not None:
            self._hold(seconds)
        return seconds


def make_session(
    settings: Settings, attempts: Attempts, breaker: CircuitBreaker, counts: Counts, room: Room
) -> RacingSession:
    """Make the session for every call: dlt's, with its patience taken from dlt's [runtime].

    Tries again, up to request_max_attempts times, on 429, 5xx, responses that are not the API's
    own, resets, time-outs and bodies that are not what was requested; waits exponentially longer
    with jitter, or as Retry-After says, up to a cap.
    """
    patience = resolve_configuration(Patience())
    pace = Pace(settings.requests_per_second, path_limits=settings.path_limits, sleep=breaker.sleep)
    last_try = stop_after_attempt(patience.request_max_attempts)

    def note_retry(state: RetryCallState) -> None:
        room.free()
        _note_retry(state, counts)

    retrying = Retrying(
        sleep=lambda wait: breaker.sleep(wait),
        stop=lambda state: breaker.is_silent(state) or last_try(state),
        retry=retry_if_exception_type(PASSING_ERRORS) | retry_if_result(is_passing),
        wait=RetryAfter(
            pace.hold, patience.request_backoff_factor, patience.request_max_retry_delay
        )
        + wait_random(0, min(JITTER_SECONDS, patience.request_backoff_factor)),
        before_sleep=note_retry,
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    seconds = patience.request_timeout
    session = RacingSession(
        retrying, settings.answer_megabytes, room, (min(CONNECT_SECONDS, seconds), seconds)
    )
    session.headers.update({"Accept-Encoding": "gzip", "User-Agent": settings.user_agent})
    session.adapters.clear()  # an address that is no endpoint's has none: nothing is sent there
    for endpoint in PATHS.values():
        path = endpoint.path.partition("{")[0]
        adapter = PacedAdapter(
            pace,
            path,
            endpoint.ceiling,
            attempts,
            settings.answer_megabytes,
            room,
            lambda: counts.add("calls"),
        )
        session.mount(settings.base_url.rstrip("/") + path, adapter)
    return session


def _note_retry(state: RetryCallState, counts: Counts) -> None:
    counts.add("retries")
    failure = state.outcome.exception() if state.outcome else None
    what = type(failure).__name__ if failure else "an unusable response"
    logger.info("Attempt %d ended with %s; retrying", state.attempt_number, what)
