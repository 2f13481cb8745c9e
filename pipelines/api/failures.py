"""From what went wrong with a call to one sentence for the user."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from requests import RequestException, Response

from pipelines.api.attempts import UnusableAnswerError
from pipelines.errors import AccessError, ApiError, NotFoundError, RefusedError, UnavailableError

_ACCESS = (
    "{path} answered {status}: the credentials are wrong, the plan does not cover this path, "
    "or a bill is unpaid; see your account at The Racing API."
)


def failure_of(response: Response, path: str) -> ApiError | None:
    """Return the error a response stands for, or None if it is a 200."""
    status = response.status_code
    if status == 200:
        return None
    if status in (401, 403):
        return AccessError(_ACCESS.format(path=path, status=status))
    if status == 404:
        return NotFoundError(f"{path} answered 404: there is nothing at this address.")
    if status == 422:
        return RefusedError(f"{path} answered 422: {_detail(response)}.")
    if status == 429:
        return UnavailableError(f"{path} answered 429, too fast, until the last try.")
    if status >= 500:
        return UnavailableError(f"{path} answered {status} until the last try.")
    if 200 < status < 300:
        return UnavailableError(
            f"{path} answered {status}, which is no answer, until the last try."
        )
    return ApiError(f"{path} answered {status}, which this software does not expect.")


def failure_from(error: RequestException, path: str) -> UnavailableError:
    """Return the error for a call that got no usable answer at all."""
    if isinstance(error, UnusableAnswerError):
        return UnavailableError(f"{path} {error}, until the last try.")
    server = _server(error)
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return UnavailableError(
                f"{path} cannot be fetched: the name {server} is not known (DNS). Check BASE_URL "
                "and this machine's network."
            )
        if isinstance(cause, ConnectionRefusedError):
            return UnavailableError(
                f"{path} cannot be fetched: {server} refuses the connection. Nothing is listening "
                "there, or a firewall is in between."
            )
        if isinstance(cause, ssl.SSLCertVerificationError):
            return UnavailableError(
                f"{path} cannot be fetched: the certificate of {server} is not valid "
                f"({cause.verify_message}). Check the clock and the certificates of this machine."
            )
    return UnavailableError(f"{path} gave no usable answer ({type(error).__name__}).")


def _server(error: RequestException) -> str:
    """Return the host and the port that were called, without a user's name or password."""
    address = urlsplit(str(error.request.url) if error.request else "")
    port = f":{address.port}" if address.port else ""
    return f"{address.hostname or 'the server'}{port}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what caused it; urllib3 keeps the cause as a reason."""
    while error is not None:
        yield error
        inner = error.args[0] if error.args and isinstance(error.args[0], Exception) else None
        reason = getattr(error, "reason", None)
        if not isinstance(reason, Exception):
            reason = None
        error = error.__cause__ or reason or inner or error.__context__


def _detail(response: Response) -> str:
    """Return the vendor's own words about a refused parameter."""
    try:
        detail = response.json()["detail"]
        words = "; ".join(f"{error['loc'][-1]}: {error['msg']}" for error in detail)[:300]
    except (UnusableAnswerError, KeyError, TypeError, IndexError):
        words = ""
    return words or "a parameter is out of range"
