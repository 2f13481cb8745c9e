"""Readers of prices and money: starting prices, odds, prizes and dividends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pipelines.parsing.values import (
    LONGEST_NUMBER,
    UNKNOWN,
    UNREADABLE,
    Reading,
    Unreadable,
    ValueReader,
    fit,
    number_of,
    positive_decimal_reader,
    text,
    upper,
)

_FRACTION = re.compile(r"\d+/\d+")
_PRICE = re.compile(r"(\d+/\d+|evens|evs)\s*(?:(F)|([JC])F?)?", re.IGNORECASE)

_WORDS: dict[str, str | None] = {"SP": None, "EVS": "1/1", "EVENS": "1/1"}

_CURRENCIES = {"£": "GBP", "€": "EUR"}
_AMOUNT = re.compile(r"[£€]?\s?(\d[\d,]*(?:\.\d*)?|\.\d+)")

_odds_decimal = positive_decimal_reader(10, 2)


def starting_price(raw: Any) -> str | Unreadable | None:
    """Fraction without its favourite mark; Evens to 1/1; blank to NULL."""
    found = _price(raw)
    if not isinstance(found, re.Match):
        return found
    return "1/1" if found[1][0] in "Ee" else found[1]


def favourite_mark(raw: Any) -> str | Unreadable | None:
    """F favourite, J joint favourite, C co-favourite; else NULL."""
    found = _price(raw)
    if not isinstance(found, re.Match):
        return None
    mark = found[2] or found[3]
    return mark.upper() if mark else None


def _price(raw: Any) -> re.Match[str] | Unreadable | None:
    value = text(raw)
    return _PRICE.fullmatch(value) or UNREADABLE if isinstance(value, str) else value


def fractional_odds(fractional: Any, decimal: Any) -> str | Unreadable | None:
    """n/n as is; a bare n to n/1 only when the decimal is n + 1; SP, other numbers, - to NULL."""
    value = text(fractional)
    if not isinstance(value, str) or _FRACTION.fullmatch(value):
        return value
    bare, odds = number_of(value), number_of(decimal)
    if not isinstance(bare, Decimal):
        return _WORDS.get(value.upper(), UNKNOWN)
    whole = bare == bare.to_integral_value() and bare.adjusted() < 18
    return f"{int(bare)}/1" if whole and odds == bare + 1 else None


def price_status(fractional: Any, decimal: Any) -> str | Unreadable:
    """Priced when the decimal odds are, sp when the fraction says SP, else none."""
    if isinstance(_odds_decimal(decimal), Decimal):
        return "priced"
    if fractional_odds(fractional, decimal) is UNKNOWN:
        return UNKNOWN
    return "sp" if upper(fractional) == "SP" else "none"


def first_currency(raw: Sequence[Any]) -> Reading:
    """€ gives EUR, £ or no sign gives GBP, the same for every prize; NULL without prizes."""
    found = {currency(prize) for prize in raw} - {None}
    return UNREADABLE if len(found) > 1 else next(iter(found), None)


def total_prizes(raw: Sequence[Any]) -> Reading:
    """Sum of the prizes won, all of one currency; NULL without prizes."""
    read = [amount(prize) for prize in raw]
    if UNREADABLE in read or isinstance(first_currency(raw), Unreadable):
        return UNREADABLE
    prizes = [prize for prize in read if isinstance(prize, Decimal)]
    return fit(sum(prizes, Decimal()), 12, 2) if prizes else None


def place_dividends(raw: Any) -> str | Unreadable | None:
    """Currency signs removed, joined by one space; blank to NULL."""
    value = text(raw)
    if not isinstance(value, str):
        return value
    return " ".join(re.sub(r"[£€]", " ", value).split()) or None


# Money


def amount(raw: Any) -> Decimal | Unreadable | None:
    """Number without currency sign and thousands commas; blank to NULL."""
    value = text(raw)
    if not isinstance(value, str):
        return value
    found = _AMOUNT.fullmatch(value) if len(value) <= LONGEST_NUMBER else None
    return Decimal(found[1].replace(",", "")) if found else UNREADABLE


def money_reader(precision: int, scale: int) -> ValueReader:
    """Make the reader of a money column."""

    def money(raw: Any) -> Reading:
        number = amount(raw)
        return fit(number, precision, scale) if isinstance(number, Decimal) else number

    money.__doc__ = "Currency sign and thousands commas removed; blank to NULL."
    return money


def whole_money(raw: Any) -> int | Unreadable | None:
    """Currency sign and commas removed, whole units; blank to NULL."""
    number = amount(raw)
    if not isinstance(number, Decimal):
        return number
    whole = fit(number, 18, 0)
    return int(whole) if isinstance(whole, Decimal) else whole


def currency(raw: Any) -> str | Unreadable | None:
    """€ gives EUR, £ or no sign gives GBP; blank to NULL."""
    value = text(raw)
    if not isinstance(value, str):
        return value
    if value[0].isdigit() or value[0] == ".":
        return "GBP"
    return _CURRENCIES.get(value[0], UNKNOWN)
