"""The HTTP session: one layer of retries, with back-off and jitter, over a paced connection."""

from __future__ import annotations

import logging
import threading
from collections import Counter

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
from requests.exceptions import ContentDecodingError
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    wait_random,
)

from pipelines.api.pace import Pace, PacedAdapter
from pipelines.endpoints import ENDPOINTS

logger = logging.getLogger(__name__)

JITTER_SECONDS = 1.0
LISTS = {endpoint.records for endpoint in ENDPOINTS.values() if endpoint.records}


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


def make_session(base_url: str, pace: Pace, counts: Counts) -> Session:
    """Make the session for every call: dlt's, with its patience taken from dlt's [runtime].

    Tries again, up to request_max_attempts times, on 429, 5xx, resets, time-outs and bodies that
    are not JSON; waits exponentially longer with jitter, or as Retry-After says, up to a cap.
    """
    runtime = resolve_configuration(RuntimeConfiguration())
    session = Session(timeout=runtime.request_timeout, raise_for_status=False)
    for endpoint in ENDPOINTS.values():
        path = endpoint.path.partition("{")[0]
        adapter = PacedAdapter(pace, path, endpoint.ceiling, lambda: counts.add("calls"))
        session.mount(base_url.rstrip("/") + path, adapter)
    retrying = Retrying(
        stop=stop_after_attempt(runtime.request_max_attempts),
        retry=retry_if_status(DEFAULT_RETRY_STATUS)
        | retry_if_exception_type((*DEFAULT_RETRY_EXCEPTIONS, ContentDecodingError))
        | retry_if_result(is_broken),
        wait=wait_exponential_retry_after(
            multiplier=runtime.request_backoff_factor, max=runtime.request_max_retry_delay
        )
        + wait_random(0, min(JITTER_SECONDS, runtime.request_backoff_factor)),
        before_sleep=lambda state: _note_retry(state, counts),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    session.send = retrying.wraps(session.send)  # type: ignore[method-assign]
    return session


def is_broken(response: Response) -> bool:
    """Tell a 200 that is neither a list of records nor a record: cut off, HTML, an error text."""
    if response.status_code != 200:
        return False
    try:
        body = response.json()
    except ValueError:
        return True
    if not isinstance(body, dict):
        return True
    return not body.get("id") and not any(isinstance(body.get(name), list) for name in LISTS)


def _note_retry(state: RetryCallState, counts: Counts) -> None:
    counts.add("retries")
    failure = state.outcome.exception() if state.outcome else None
    what = type(failure).__name__ if failure else "an unusable answer"
    logger.info("Try %d ended in %s; trying again", state.attempt_number, what)
