"""Query parameters, checked as the vendor checks them, and its error responses."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.responses import Response


class ProblemError(Exception):
    """A response other than 200."""

    def __init__(self, status: int, detail: object, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status}: {detail}")
        self.response = Response(
            orjson.dumps({"detail": detail}), status, headers, "application/json"
        )


def invalid(name: str, message: str, kind: str, **context: Any) -> ProblemError:
    """Say what is wrong with a parameter."""
    error = {"loc": ["query", name], "msg": message, "type": kind}
    return ProblemError(422, [{**error, "ctx": context} if context else error])


def echo(query: QueryParams, known: Collection[str]) -> list[tuple[str, str]]:
    """Repeat the parameters that were understood, in the order sent."""
    return [(name, value) for name, value in query.multi_items() if name in known]


def page(query: QueryParams, limit: int, limit_at_most: int, skip_at_most: int) -> tuple[int, int]:
    """Read limit and skip, each within its bounds."""
    limit, skip = _integer(query, "limit", limit), _integer(query, "skip", 0)
    for name, value, high in (("limit", limit, limit_at_most), ("skip", skip, skip_at_most)):
        if value > high:
            message = f"ensure this value is less than or equal to {high}"
            raise invalid(name, message, "value_error.number.not_le", limit_value=high)
    if limit < 1:
        message = "ensure this value is greater than or equal to 1"
        raise invalid("limit", message, "value_error.number.not_ge", limit_value=1)
    return limit, max(0, skip)


def _integer(query: QueryParams, name: str, default: int) -> int:
    """Read a number."""
    try:
        return int(query.get(name, default))
    except ValueError as error:
        raise invalid(name, "value is not a valid integer", "type_error.integer") from error


def near_day(query: QueryParams, today: date) -> date:
    """Read a day that is today or tomorrow."""
    named = query.get("day", "today")
    if named not in ("today", "tomorrow"):
        raise invalid("day", "day must be 'today' or 'tomorrow'", "value_error")
    return today + timedelta(days=named == "tomorrow")


def day(query: QueryParams, name: str, default: date) -> date:
    """Read a date."""
    if name not in query:
        return default
    try:
        return date.fromisoformat(query[name])
    except ValueError as error:
        raise invalid(name, "invalid date format, use YYYY-MM-DD", "value_error.date") from error
