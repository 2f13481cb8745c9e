"""Values and rows that could not be stored, for ra_issues."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from math import isfinite
from typing import Any, Final

import orjson

from pipelines.parsing import UNKNOWN, UNREADABLE, Value
from pipelines.parsing.values import LONGEST_KEY
from pipelines.tables import ISSUES
from pipelines.text import plain

Row = dict[str, Value | None]

NO_KEY = "no key"
NOT_A_LIST = "not a list of objects"
UNREADABLE_VALUE = UNREADABLE.value
UNKNOWN_WORD = UNKNOWN.value
MISSING_VALUE = "required value missing"

DEEPEST: Final = 100
"""Levels of a nested value that are shown; JSON writers give up at some two hundred."""
LONGEST_SHOWN: Final = 10_000
"""Characters of one text that are shown."""
MOST_SHOWN: Final = 1_000
"""Entries of one list, or fields of one object, that are shown."""
PRINTABLE_BITS: Final = 14_000
"""Python refuses to print integers of more than 4,300 digits."""


@dataclass(frozen=True)
class Issue:
    """One value, or one whole row, that could not be stored where it belongs."""

    endpoint: str
    table: str
    key: str
    field: str
    problem: str
    raw: Any
    day: date | None
    within: str = ""
    """Ids of the records around a row without a key: they tell equal ones apart."""

    def row(self) -> Row:
        """Row of ra_issues."""
        raw = orjson.dumps(_storable(self.raw), default=str).decode()
        key = self.key if 0 < len(self.key) <= LONGEST_KEY else self._digest(raw)
        values = (self.endpoint, self.table, key, self.field, self.problem, raw)
        names = (column.name for column in ISSUES.columns)
        return dict(zip(names, (*values, self.day), strict=True))

    def _digest(self, raw: str) -> str:
        whole = f"{self.key}{self.within} {raw}"
        return hashlib.sha256(whole.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def unique_issues(issues: Iterable[Issue]) -> list[Row]:
    """Rows of ra_issues, unique by key, independent of the order of the issues."""
    rows = sorted((issue.row() for issue in issues), key=lambda row: str(row["raw_value"]))
    return list({tuple(row[name] for name in ISSUES.key): row for row in rows}.values())


def printable(name: str) -> str:
    """Return the start of a name in ASCII, on one line."""
    shown = name if len(name) <= LONGEST_KEY else f"{name[:LONGEST_KEY]}..."
    return plain(shown).encode("ascii", "backslashreplace").decode()


def _storable(raw: Any, depth: int = 0) -> Any:
    """Remove from a JSON value whatever cannot be stored or written as JSON."""
    if depth > DEEPEST:
        return "..."
    if isinstance(raw, dict):
        shown = {
            _storable(str(key)): _storable(value, depth + 1)
            for key, value in islice(raw.items(), MOST_SHOWN)
        }
        return shown | ({"...": f"{len(raw)} fields in all"} if len(raw) > MOST_SHOWN else {})
    if isinstance(raw, list | tuple):
        entries = [_storable(value, depth + 1) for value in islice(raw, MOST_SHOWN)]
        return entries + ([f"... {len(raw)} entries in all"] if len(raw) > MOST_SHOWN else [])
    if isinstance(raw, str):
        return _shown(raw)
    if isinstance(raw, float) and not isfinite(raw):
        return str(raw)
    if isinstance(raw, int) and raw.bit_length() > 63:
        return str(raw) if raw.bit_length() < PRINTABLE_BITS else "an integer without end"
    return raw


def _shown(raw: str) -> str:
    start = raw[:LONGEST_SHOWN].replace("\x00", "").encode("utf-8", "replace").decode()
    return start if len(raw) <= LONGEST_SHOWN else f"{start}... {len(raw)} characters in all"
