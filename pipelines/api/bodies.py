"""Parsing a body as JSON, once, and checking that it is what was requested."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

import orjson
from requests import Response

from pipelines.api.attempts import UnusableAnswerError
from pipelines.api.endpoints import Endpoint
from pipelines.api.failures import words_of

DEEPEST: Final = 100
"""Levels of nesting; the API has six, and Python's own limit is met at an unknown place later."""
TOO_DEEP: Final = f"sent JSON nested more than {DEEPEST} deep"
LONGEST_INTEGER: Final = 4000
"""Digits; Python reads and prints a few more, and refuses those beyond."""
DIGITS: Final = bytes(ord("0") if chr(byte) in "0123456789" else ord(" ") for byte in range(256))
LONG_NUMBER: Final = b"0" * 19
"""Nineteen digits, once all of them are zeros: what may be an integer beyond 64 bits."""
OBJECT_BYTES, LIST_BYTES, VALUE_BYTES = 200, 100, 60
"""What Python takes for a small object, a small list, and a value in one of them."""


def read_once(response: Response) -> Response:
    """Make response.json() parse the body by the rules of `parse`, once."""
    content = response.content  # a circle would keep the response until the collector comes
    response.json = cache(lambda: parse(content))  # type: ignore[method-assign,assignment]
    return response


def parse(content: bytes) -> Any:
    """Parse JSON; raises UnusableAnswerError if it is not JSON, or nested absurdly deep."""
    try:
        body = read(content)
    except ValueError as error:
        raise UnusableAnswerError("sent a body that is not JSON") from error
    except RecursionError as error:
        raise UnusableAnswerError(TOO_DEEP) from error
    level = _inside([body])
    for _ in range(DEEPEST):
        if not level:
            return body
        level = [inner for outer in level for inner in _inside(outer)]
    raise UnusableAnswerError(TOO_DEEP)


def read(content: bytes) -> Any:
    """Parse JSON that `parse` has accepted before.

    orjson is faster by far, but takes an integer beyond 64 bits for a float, and refuses some of
    what Python's own parser reads: other encodings, NaN, half a surrogate pair.
    """
    if LONG_NUMBER not in content.translate(DIGITS):
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError:
            pass
    return json.loads(content, parse_int=_integer)


def memory_of(content: bytes) -> int:
    """Return roughly how many bytes JSON takes at most as Python objects, before parsing it.

    A day's cards take some five times their size; three bytes of `{},` take eighty.
    """
    return (
        len(content)
        + OBJECT_BYTES * content.count(b"{")
        + LIST_BYTES * content.count(b"[")
        + VALUE_BYTES * content.count(b",")
    )


def fault_of(body: Any, endpoint: Endpoint) -> str | None:
    """Say why a body is not usable, as the end of a sentence about a path."""
    name = endpoint.records
    if not isinstance(body, dict):
        return "answered without an object"
    error = body.get("error") or body.get("detail")
    if error:
        said = words_of(error)
        return f"answered with an error{f': {said}' if said else ''}"
    if not name:
        missing = [name for name in endpoint.identity if not body.get(name)]
        return f"answered without {missing[0]}" if missing else None
    if not isinstance(body.get(name), list):
        return f"answered without a list of {name}"
    if len(body[name]) > endpoint.most_records:
        return f"sent {len(body[name])} {name}, more than a page may have"
    return None


def as_utf8(content: bytes) -> bytes:
    """Return JSON in UTF-8, whichever of its encodings it came in."""
    encoding = json.detect_encoding(content)
    if encoding == "utf-8":
        return content
    return content.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")


def _integer(digits: str) -> int | float:
    """Read an integer; an absurd one becomes infinite, which no column takes."""
    return int(digits) if len(digits) <= LONGEST_INTEGER else float(digits)


def _inside(outer: Any) -> list[Any]:
    """Return the lists and objects directly inside one."""
    values = outer.values() if isinstance(outer, dict) else outer
    return [value for value in values if isinstance(value, dict | list)]
