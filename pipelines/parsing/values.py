"""Readers of plain values: text, ids, numbers, dates, instants.

Every reader takes what JSON may hold and returns a typed value, None where the API says nothing,
UNREADABLE where it says something that the column cannot hold, or UNKNOWN for a word that is not on
the column's list. No reader raises, and none has a default for an unknown word. The first sentence
of a reader's docstring is the transformation printed in the column documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from functools import cache
from math import isfinite
from typing import Any, Final
from zoneinfo import ZoneInfo


class Unreadable(Enum):
    """Why a value cannot be stored: the problem that ra_issues names."""

    UNREADABLE = "unreadable"
    UNKNOWN = "unknown word"


UNREADABLE: Final = Unreadable.UNREADABLE
UNKNOWN: Final = Unreadable.UNKNOWN
LONDON: Final = ZoneInfo("Europe/London")

Value = str | int | Decimal | bool | date | datetime
Reading = Value | None | Unreadable
ValueReader = Callable[..., Reading]

BLANKS: Final = frozenset({"", "-", "–", "None"})
BIGINT_MAX: Final = 2**63 - 1
LONGEST_TEXT: Final = 100_000
"""Characters; no text of the API comes near, and some sixty megabytes cost more than a column."""
LONGEST_KEY: Final = 200
"""Characters of an id, and of one column of a key; an index takes some 2,700 bytes in all."""
LONGEST_NUMBER: Final = 400
"""Characters; no column holds more digits, and a million of them overflow Decimal."""
LONGEST_INTEGER: Final = 1024
"""Bits; Python refuses to print integers of several thousand digits."""

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_ZERO_WIDTH = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_INVISIBLE = _ZERO_WIDTH + "".join(filter(str.isspace, map(chr, range(0x3001))))
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_IDENTIFIER = re.compile(r"[a-z0-9_-]+")
_WHOLE = re.compile(r"[+-]?\d{1,19}(?:\.0+)?")


def text(raw: Any) -> str | Unreadable | None:
    """Trimmed; blank to NULL."""
    if not isinstance(raw, str):
        return None if raw is None else _text_of_number(raw)
    if len(raw) > LONGEST_TEXT:
        return UNREADABLE
    if raw.isascii() and "\x00" not in raw:  # as nearly all
        value = raw.strip()
        return None if value in BLANKS else value
    # No database of ours stores some of it, and one of them would cost the whole load.
    value = _UNSTORABLE.sub("", raw).replace("\u00a0", " ").replace("\u2212", "-").strip()
    return None if value in BLANKS or not value.strip(_INVISIBLE) else value


def _text_of_number(raw: Any) -> str | Unreadable:
    """Print a number that a column can hold."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw) if raw.bit_length() <= LONGEST_INTEGER else UNREADABLE
    return str(raw) if isinstance(raw, float) and isfinite(raw) else UNREADABLE


def identifier(raw: Any) -> str | Unreadable | None:
    """Trimmed, lower-case; letters, digits, _ and - only; blank to NULL."""
    value = text(raw)
    if not isinstance(value, str):
        return value
    value = value.strip(_INVISIBLE).lower()
    return value if is_identifier(value) and len(value) <= LONGEST_KEY else UNREADABLE


def is_identifier(value: str) -> bool:
    """Return whether a text can be an id, and so is safe in any path and address."""
    return _IDENTIFIER.fullmatch(value) is not None


def word_reader(words: Iterable[str], transformation: str) -> ValueReader:
    """Make the reader of a column that takes the words of a list, in any case."""
    listed = {word.upper(): word for word in words}

    def word(raw: Any) -> Reading:
        value = upper(raw)
        return listed.get(value.replace("_", " "), UNKNOWN) if isinstance(value, str) else value

    word.__doc__ = transformation
    return word


@cache
def key_reader(read: ValueReader) -> ValueReader:
    """Make the reader of a key column: a value that no index could hold is not a key."""

    def key(*raw: Any) -> Reading:
        value = read(*raw)
        return UNREADABLE if isinstance(value, str) and len(value) > LONGEST_KEY else value

    return key


def spaced(raw: Any) -> str | Unreadable | None:
    """Trimmed, double spaces collapsed; blank to NULL."""
    value = text(raw)
    return " ".join(value.split()) if isinstance(value, str) else value


def upper(raw: Any) -> str | Unreadable | None:
    """Upper-case; blank to NULL."""
    value = text(raw)
    return value.upper() if isinstance(value, str) else value


def lower(raw: Any) -> str | Unreadable | None:
    """Lower-case; blank to NULL."""
    value = text(raw)
    return value.lower() if isinstance(value, str) else value


def flag(raw: Any) -> bool | Unreadable:
    """True or false; missing to false."""
    if isinstance(raw, bool):
        return raw
    value = lower(raw)
    if value is None:
        return False
    return {"true": True, "false": False, "1": True, "0": False}.get(str(value), UNREADABLE)


def integer(raw: Any) -> int | Unreadable | None:
    """Integer; blank to NULL."""
    value = text(raw)
    if not isinstance(value, str):
        return value
    if not _WHOLE.fullmatch(value):
        return UNREADABLE
    number = int(value.partition(".")[0])
    return number if abs(number) <= BIGINT_MAX else UNREADABLE


def positive_integer(raw: Any) -> int | Unreadable | None:
    """Integer; blank and 0 to NULL."""
    number = integer(raw)
    return number or None if isinstance(number, int) else number


def integer_part(raw: Any) -> int | Unreadable | None:
    """Integer part of the number; blank to NULL."""
    number = number_of(raw)
    if not isinstance(number, Decimal):
        return number
    return int(number) if abs(number) <= BIGINT_MAX else UNREADABLE


def number_of(raw: Any) -> Decimal | Unreadable | None:
    """Exact number; blank to NULL."""
    value = text(raw)
    if not isinstance(value, str):
        return value
    is_number = len(value) <= LONGEST_NUMBER and _NUMBER.fullmatch(value)
    return Decimal(value) if is_number else UNREADABLE


def fit(number: Decimal, precision: int, scale: int) -> Decimal | Unreadable:
    """Round half up to the scale of a decimal column; UNREADABLE where it has too many digits."""
    if number.adjusted() >= precision - scale:
        return UNREADABLE
    rounded = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    return rounded if rounded.adjusted() < precision - scale else UNREADABLE


def decimal_reader(precision: int, scale: int) -> ValueReader:
    """Make the reader of a decimal column."""

    def decimal(raw: Any) -> Decimal | Unreadable | None:
        number = number_of(raw)
        return fit(number, precision, scale) if isinstance(number, Decimal) else number

    decimal.__doc__ = f"Number, rounded to {scale} places; blank to NULL."
    return decimal


def positive_decimal_reader(precision: int, scale: int) -> ValueReader:
    """Make the reader of a decimal column where 0 says nothing."""
    plain = decimal_reader(precision, scale)

    def decimal(raw: Any) -> Reading:
        number = plain(raw)
        return number or None if isinstance(number, Decimal) else number

    decimal.__doc__ = f"Number, rounded to {scale} places; blank and 0 to NULL."
    return decimal


def iso_date(raw: Any) -> date | Unreadable | None:
    """ISO date; blank to NULL."""
    value = text(raw)
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        return UNREADABLE


def instant(raw: Any) -> datetime | Unreadable | None:
    """ISO 8601 time with offset, stored as a UTC instant; blank to NULL."""
    moment = _moment(raw)
    if not isinstance(moment, datetime):
        return moment
    return _at(UTC, moment) if moment.tzinfo else UNREADABLE


def london_instant(raw: Any) -> datetime | Unreadable | None:
    """UK wall time without an offset, stored as a UTC instant; blank to NULL."""
    moment = _moment(raw)
    if not isinstance(moment, datetime):
        return moment
    return _at(UTC, moment if moment.tzinfo else moment.replace(tzinfo=LONDON))


def london_clock(raw: Any) -> str | Unreadable | None:
    """HH:MM on the 24-hour clock of Europe/London; blank to NULL."""
    moment = instant(raw)
    if not isinstance(moment, datetime):
        return moment
    local = _at(LONDON, moment)
    return local.strftime("%H:%M") if isinstance(local, datetime) else local


def _moment(raw: Any) -> datetime | Unreadable | None:
    value = text(raw)
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return UNREADABLE


def _at(zone: tzinfo, moment: datetime) -> datetime | Unreadable:
    try:
        return moment.astimezone(zone)
    except OverflowError:  # the first and the last day of the calendar
        return UNREADABLE
