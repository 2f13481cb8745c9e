"""The HTTP session: one layer of retries, with back-off and jitter, over a paced connection."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from dlt.common.configuration import configspec
from dlt.common.configuration.resolve import resolve_configuration
from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests.retry import (
    DEFAULT_RETRY_EXCEPTIONS,
    DEFAULT_RETRY_STATUS,
    retry_if_status,
    wait_exponential_retry_after,
)
from dlt.sources.helpers.requests.session import Session
from requests import Response
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
from pipelines.api.bodies import read_once
from pipelines.api.breaker import CircuitBreaker
from pipelines.api.pace import Pace
from pipelines.endpoints import ENDPOINTS
from pipelines.settings import Settings

logger = logging.getLogger(__name__)

JITTER_SECONDS: Final = 1.0
CONNECT_SECONDS: Final = 5.0
"""Nothing can wake a thread that is opening a connection, so that it must not take long."""
LISTS = {endpoint.records for endpoint in ENDPOINTS.values() if endpoint.records}
PASSING_ERRORS = (
    *DEFAULT_RETRY_EXCEPTIONS,
    ContentDecodingError,
    InvalidHeader,
    UnusableAnswerError,
)


@configspec
class Patience(RuntimeConfiguration):
    """dlt's own settings in [runtime], with waits of 2, 4, 8 and 16 s where nothing is set.

    A server that fails for thirty seconds is outlived by every call.
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


class DirectSession(Session):
    """dlt's session, following no redirect: the password goes to one host only."""

    def get_redirect_target(self, resp: Response) -> str | None:
        """Tell requests that there is none."""
        return None


class RetryAfter(wait_exponential_retry_after):
    """dlt's wait, exponential or as Retry-After says, which holds back all other calls too."""

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
    settings: Settings, attempts: Attempts, breaker: CircuitBreaker, counts: Counts
) -> Session:
    """Make the session for every call: dlt's, with its patience taken from dlt's [runtime].

    Tries again, up to request_max_attempts times, on 429, 5xx, resets, time-outs and bodies that
    are not JSON; waits exponentially longer with jitter, or as Retry-After says, up to a cap.
    """
    patience = resolve_configuration(Patience())
    seconds = patience.request_timeout
    session = DirectSession(
        timeout=(min(CONNECT_SECONDS, seconds), seconds), raise_for_status=False
    )
    session.headers["Accept-Encoding"] = "gzip"
    session.adapters.clear()  # an address that is no endpoint's has none: nothing is sent there
    pace = Pace(settings.requests_per_second, path_limits=settings.path_limits, sleep=breaker.sleep)
    for endpoint in ENDPOINTS.values():
        path = endpoint.path.partition("{")[0]
        adapter = PacedAdapter(
            pace,
            path,
            endpoint.ceiling,
            attempts,
            settings.answer_megabytes,
            lambda: counts.add("calls"),
        )
        session.mount(settings.base_url.rstrip("/") + path, adapter)
    last_try = stop_after_attempt(patience.request_max_attempts)
    retrying = Retrying(
        sleep=lambda wait: breaker.sleep(wait),
        stop=lambda state: breaker.is_silent(state) or last_try(state),
        retry=retry_if_status(DEFAULT_RETRY_STATUS)
        | retry_if_exception_type(PASSING_ERRORS)
        | retry_if_result(is_broken),
        wait=RetryAfter(
            pace.hold, patience.request_backoff_factor, patience.request_max_retry_delay
        )
        + wait_random(0, min(JITTER_SECONDS, patience.request_backoff_factor)),
        before_sleep=lambda state: _note_retry(state, counts),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    session.send = retrying.wraps(_reading_once(session.send))  # type: ignore[method-assign]
    return session


def is_broken(response: Response) -> bool:
    """Tell a success that is neither a list of records nor a record: cut off, HTML, an error."""
    if not 200 <= response.status_code < 300:
        return False
    try:
        body = response.json()
    except UnusableAnswerError:
        return True
    if response.status_code != 200 or not isinstance(body, dict):
        return True
    return not body.get("id") and not any(isinstance(body.get(name), list) for name in LISTS)


def _reading_once(send: Callable[..., Response]) -> Callable[..., Response]:
    @wraps(send)
    def send_and_read(*args: Any, **kwargs: Any) -> Response:
        return read_once(send(*args, **kwargs))

    return send_and_read


def _note_retry(state: RetryCallState, counts: Counts) -> None:
    counts.add("retries")
    failure = state.outcome.exception() if state.outcome else None
    what = type(failure).__name__ if failure else "an unusable answer"
    logger.info("Try %d ended in %s; trying again", state.attempt_number, what)
