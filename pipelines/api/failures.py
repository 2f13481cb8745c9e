"""From what went wrong with a call to one sentence for the user."""

from __future__ import annotations

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
    return UnavailableError(f"{path} gave no usable answer ({type(error).__name__}).")


def _detail(response: Response) -> str:
    """Return the vendor's own words about a refused parameter."""
    try:
        detail = response.json()["detail"]
        words = "; ".join(f"{error['loc'][-1]}: {error['msg']}" for error in detail)[:300]
    except (UnusableAnswerError, KeyError, TypeError, IndexError):
        words = ""
    return words or "a parameter is out of range"
