"""One sentence for the user for each way that a call can fail.

A status alone decides nothing: the vendor's errors are JSON with `detail`. A response without it
comes from something in front of the API, such as a block page of the edge, and may pass.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from requests import RequestException, Response

from pipelines.api.attempts import UnusableAnswerError
from pipelines.errors import AccessError, ApiError, NotFoundError, RefusedError, UnavailableError
from pipelines.system.configuration import variable_of
from pipelines.text import plain

_ACCESS: Final = (
    "the credentials are wrong, the plan does not cover this path, or a bill is unpaid; "
    "see your account at The Racing API."
)
_LONGEST_WORDS: Final = 300
_SAME_IN_EVERY_CALL: Final = {"limit", "region", "region_codes"}
"""Parameters whose refusal says nothing about one day."""


def failure_of(response: Response, path: str) -> ApiError | None:
    """Return the error a response stands for, or None if it is a 200."""
    status, detail = response.status_code, _detail(response)
    words = words_of(detail)
    answered = f"{path} answered {status}"
    if status == 200:
        return None
    if is_passing(response):
        return UnavailableError(_passing(answered, status))
    if status in (401, 403):
        said = f" It says: {words}." if words else ""
        return AccessError(f"{answered}: {_ACCESS}{said}", words)
    if status == 404:
        return NotFoundError(f"{answered}: there is nothing at this address.")
    if status == 422:
        kind = ApiError if _refuses_every_call(detail) else RefusedError
        return kind(f"{answered}: {words or 'a parameter is out of range'}.")
    said = f": {words}" if words else ""
    return ApiError(f"{answered}, which this software does not expect{said}.")


def is_passing(response: Response) -> bool:
    """Return whether the same call may succeed next time."""
    status = response.status_code
    if 400 <= status < 500 and status != 429:
        return _detail(response) is None
    return status == 429 or status >= 500 or 200 < status < 300


def failure_from(error: RequestException, path: str) -> UnavailableError:
    """Return the error for a call without a usable response."""
    if isinstance(error, UnusableAnswerError):
        return UnavailableError(f"{path} {error}, on every attempt.")
    server = _server(error)
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return UnavailableError(
                f"{path} cannot be fetched: the host name {server} is unknown (DNS). Check "
                "BASE_URL and this machine's network."
            )
        if isinstance(cause, ConnectionRefusedError):
            return UnavailableError(
                f"{path} cannot be fetched: {server} refuses the connection: nothing is listening "
                "there, or a firewall blocks it."
            )
        if isinstance(cause, ssl.SSLCertVerificationError):
            return UnavailableError(
                f"{path} cannot be fetched: the certificate of {server} is not valid "
                f"({cause.verify_message}). Check this machine's clock and certificates."
            )
    return UnavailableError(f"{path} gave no usable response ({type(error).__name__}).")


def _server(error: RequestException) -> str:
    """Return the host and the port that were called, without a user's name or password."""
    address = urlsplit(str(error.request.url) if error.request else "")
    port = f":{address.port}" if address.port else ""
    return f"{address.hostname or 'the server'}{port}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its causes, which urllib3 keeps as `reason`."""
    while error is not None:
        yield error
        inner = error.args[0] if error.args and isinstance(error.args[0], Exception) else None
        reason = getattr(error, "reason", None)
        if not isinstance(reason, Exception):
            reason = None
        error = error.__cause__ or reason or inner or error.__context__


def words_of(detail: Any) -> str:
    """Return the vendor's own words on one line; empty if there are none."""
    if isinstance(detail, list):
        entries = [entry for entry in detail if isinstance(entry, dict) and entry.get("msg")]
        detail = "; ".join(": ".join([*_place(entry), str(entry["msg"])]) for entry in entries)
    if not isinstance(detail, str):
        return ""
    return plain(detail.strip())[:_LONGEST_WORDS].removesuffix(".")


def _passing(answered: str, status: int) -> str:
    if status == 429:
        return f"{answered} (too many requests) on every attempt."
    if status >= 500:
        return f"{answered} on every attempt."
    if status < 300:
        return f"{answered}, which is not a usable response, on every attempt."
    blocked = f"{answered} with a page that is not the API's own, on every attempt."
    if status not in (401, 403):
        return blocked
    return f"{blocked} If this continues, set {variable_of('user_agent')}."


def _detail(response: Response) -> Any:
    """Return what an error of the vendor's says, if only ''; None for a response that is none."""
    try:
        body = response.json()
    except UnusableAnswerError:
        return None
    if not isinstance(body, dict) or "detail" not in body:
        return None
    return body["detail"] or ""


def _place(entry: dict[str, Any]) -> list[str]:
    """Return the parameter that an entry names, if any."""
    place = entry.get("loc")
    return [str(place[-1])] if isinstance(place, list) and place else []


def _refuses_every_call(detail: Any) -> bool:
    """Return whether only parameters unrelated to the day or the horse are refused."""
    entries = detail if isinstance(detail, list) else []
    places = {name for entry in entries if isinstance(entry, dict) for name in _place(entry)}
    return bool(places) and places <= _SAME_IN_EVERY_CALL
