"""What could not be stored where it belongs, on its way to ra_issues."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

import orjson

from pipelines.parsing import Value
from pipelines.tables import ISSUES

Row = dict[str, Value | None]

NO_KEY = "no key"
NOT_A_LIST = "not a list of objects"
UNREADABLE_VALUE = "unreadable"
MISSING_VALUE = "required value missing"

DEEPEST = 100
"""Levels of a nested value that are shown; JSON writers give up at some two hundred."""
PRINTABLE_BITS = 14_000
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
        digest = hashlib.sha256(f"{self.within} {raw}".encode()).hexdigest()[:16]
        values = (self.endpoint, self.table, self.key or digest, self.field, self.problem, raw)
        names = (column.name for column in ISSUES.columns)
        return dict(zip(names, (*values, self.day), strict=True))


def _storable(raw: Any, depth: int = 0) -> Any:
    """Rid a JSON value of what cannot be stored or written as JSON, so that it can be shown."""
    if depth > DEEPEST:
        return "..."
    if isinstance(raw, dict):
        return {_storable(str(key)): _storable(value, depth + 1) for key, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [_storable(value, depth + 1) for value in raw]
    if isinstance(raw, str):
        return raw.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(raw, float) and not isfinite(raw):
        return str(raw)
    if isinstance(raw, int) and raw.bit_length() > 63:
        return str(raw) if raw.bit_length() < PRINTABLE_BITS else "an integer without end"
    return raw
