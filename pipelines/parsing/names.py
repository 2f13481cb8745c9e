"""Readers of names and ids: horses, people, courses and bookmakers."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from pipelines.parsing.values import (
    UNKNOWN,
    Reading,
    Unreadable,
    ValueReader,
    fit,
    identifier,
    integer,
    spaced,
    text,
    upper,
    word_reader,
)

REFERENCE: Final = Path(__file__).parent / "reference"

_COUNTRY = re.compile(r"\s*\(([A-Z]{2,4})\)$")
_CLAIM = re.compile(r"\s*\((\d+)\)$")
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]")
PARENT_PREFIX: Final = "^(sir|dam|dsi)_"

_EXCHANGES = {"betfairexchange", "matchbook", "smarkets", "betdaq"}
_MARKETS = dict.fromkeys(_EXCHANGES, "exchange") | {
    "tote": "pool",
    "spreadex": "spread",
    "sportingindex": "spread",
}
SEX_WORDS: Final = {"G": "gelding", "C": "colt", "F": "filly", "M": "mare", "H": "horse"}

sex_code = word_reader(SEX_WORDS, "One of G, C, F, M and H; blank to NULL.")
sex = word_reader(SEX_WORDS.values(), "One of gelding, colt, filly, mare and horse; blank to NULL.")


def without_country(raw: Any) -> str | Unreadable | None:
    """Trimmed, double spaces collapsed, a final country suffix such as (IRE) removed."""
    name = spaced(raw)
    return _COUNTRY.sub("", name) or name if isinstance(name, str) else name


def country(raw: Any) -> str | Unreadable | None:
    """Country suffix of the name; NULL without one."""
    name = spaced(raw)
    if not isinstance(name, str):
        return name
    found = _COUNTRY.search(name)
    return found[1] if found else None


def horse_id_of_parent(raw: Any) -> str | Unreadable | None:
    """The prefix sir_, dam_ or dsi_ replaced by hrs_; blank to NULL."""
    parent = identifier(raw)
    return re.sub(PARENT_PREFIX, "hrs_", parent) if isinstance(parent, str) else parent


def sex_word(raw: Any) -> str | Unreadable | None:
    """Sex code in words: G gelding, C colt, F filly, M mare, H horse; blank to NULL."""
    code = upper(raw)
    return SEX_WORDS.get(code, UNKNOWN) if isinstance(code, str) else code


def is_placeholder(jockey: Any) -> bool:
    """Return whether it is the vendor's NON-RUNNER entry rather than a jockey."""
    name = upper(jockey)
    return isinstance(name, str) and name.startswith("NON-RUNNER")


def jockey_name(raw: Any) -> str | Unreadable | None:
    """Trimmed, double spaces collapsed, a final claim such as (5) removed; NON-RUNNER to NULL."""
    name = spaced(raw)
    if not isinstance(name, str):
        return name
    return None if is_placeholder(name) else _CLAIM.sub("", name) or None


def jockey_id(raw_id: Any, raw_name: Any) -> str | Unreadable | None:
    """Trimmed, lower-case; blank to NULL, and NULL when the name is NON-RUNNER."""
    return None if is_placeholder(raw_name) else identifier(raw_id)


def claim(raw: Any) -> int | Unreadable | None:
    """Number in the brackets after the jockey's name, 0 without; NULL without a jockey."""
    name = spaced(raw)
    if not isinstance(name, str):
        return name
    if is_placeholder(name):
        return None
    found = _CLAIM.search(name)
    return integer(found[1]) if found else 0


def course_name(raw_name: Any, raw_region: Any) -> str | Unreadable | None:
    """Trimmed; a final bracket removed only where it is the region, so (AW) and (July) stay."""
    name, region = spaced(raw_name), text(raw_region)
    if not isinstance(name, str) or not isinstance(region, str):
        return name
    return name.removesuffix(f"({region.upper()})").rstrip() or name


def course_surface(raw: Any) -> str | Unreadable | None:
    """AW when the name contains (AW), else Turf."""
    name = text(raw)
    if not isinstance(name, str):
        return name
    return "AW" if "(AW)" in name else "Turf"


def racing_region(raw: Any) -> str | Unreadable | None:
    """Upper-case code, one of those in reference/regions.csv; blank to NULL."""
    code = upper(raw)
    return code if code in _regions() or not isinstance(code, str) else UNKNOWN


def bookmaker_id(raw: Any) -> str | Unreadable | None:
    """Lower-case, everything but a-z and 0-9 removed."""
    name = text(raw)
    return _NOT_IN_SLUG.sub("", name.lower()) or None if isinstance(name, str) else name


def bookmaker_market(raw: Any) -> str | Unreadable | None:
    """Exchange, pool or spread for the firms that are; fixed_odds for others in
    reference/bookmakers.csv."""
    slug = bookmaker_id(raw)
    if not isinstance(slug, str):
        return slug
    return _MARKETS.get(slug) or ("fixed_odds" if slug in _bookmakers() else UNKNOWN)


def bookmaker_url(raw: Any) -> str | Unreadable | None:
    """Home page from reference/bookmakers.csv; NULL when absent."""
    slug = bookmaker_id(raw)
    return _bookmakers().get(slug) or None if isinstance(slug, str) else slug


def course_fact(column: str) -> ValueReader:
    """Make the reader of a text column of reference/courses.csv."""

    def fact(raw_name: Any, raw_region: Any) -> Reading:
        name, region = course_name(raw_name, raw_region), text(raw_region)
        if not isinstance(name, str) or not isinstance(region, str):
            return None
        return _courses().get((region.upper(), name), {}).get(column) or None

    fact.__doc__ = f"{column} in reference/courses.csv, by region and name; NULL when absent."
    return fact


def course_degrees(column: str) -> ValueReader:
    """Make the reader of a coordinate of reference/courses.csv."""
    find = course_fact(column)

    def degrees(raw_name: Any, raw_region: Any) -> Reading:
        found = find(raw_name, raw_region)
        return fit(Decimal(found), 9, 6) if isinstance(found, str) else None

    degrees.__doc__ = find.__doc__
    return degrees


@cache
def _courses() -> dict[tuple[str, str], dict[str, str]]:
    with (REFERENCE / "courses.csv").open(encoding="utf-8", newline="") as file:
        return {(row["region"], row["name"]): row for row in csv.DictReader(file)}


@cache
def _regions() -> frozenset[str]:
    with (REFERENCE / "regions.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["code"] for row in csv.DictReader(file))


@cache
def _bookmakers() -> dict[str, str]:
    with (REFERENCE / "bookmakers.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["url"] for row in csv.DictReader(file)}
