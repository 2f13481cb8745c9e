"""The checks of sql/checks/: each is a query for rows that should not be there.

A row of an error whose column is_recent is not true is a warning: what is old wakes nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pipelines.database import SQL_FOLDER
from pipelines.mapping import Row
from pipelines.plain import plain
from pipelines.reader import Reader

CHECKS_FOLDER: Final = SQL_FOLDER / "checks"
RECENT: Final = "is_recent"
MOST_ROWS: Final = 100
"""Offending rows read of one check."""


@dataclass(frozen=True)
class Check:
    """One check: an error is wrong whatever the reason, a warning may have a good one."""

    name: str
    is_error: bool
    claim: str
    """What is wrong where it finds a row."""
    sql: str = ""
    """Empty where it is no query of sql/checks."""


@dataclass
class Finding:
    """What a check has found; without rows, its claim says all."""

    check: Check
    rows: list[Row] = field(default_factory=list)

    def __str__(self) -> str:
        if not self.rows:
            return self.check.claim
        more = "or more" if len(self.rows) == MOST_ROWS else ""
        count = " ".join(filter(None, (f"{len(self.rows):,}", more, "times")))
        return f"{self.check.claim} ({count}, such as {_told(self.rows[0])})"


def all_checks() -> list[Check]:
    """Return every check, by name; its first line says how grave it is and what is wrong."""
    return [_read(path) for path in sorted(CHECKS_FOLDER.glob("*.sql"))]


def findings(reader: Reader) -> Iterator[Finding]:
    """Run every check and yield those that find rows; raises DestinationError."""
    for check in all_checks():
        rows = reader.records(f"SELECT * FROM (\n{check.sql}) AS found LIMIT {MOST_ROWS}")
        recent = [row for row in rows if row.get(RECENT, True)]
        others = [row for row in rows if not row.get(RECENT, True)]
        for one, found in ((check, recent), (replace(check, is_error=False), others)):
            if found:
                yield Finding(one, [_without_recent(row) for row in found])


def _read(path: Path) -> Check:
    sql = path.read_text(encoding="utf-8")
    severity, claim = sql.splitlines()[0].removeprefix("-- ").split(": ", 1)
    return Check(path.stem, {"error": True, "warning": False}[severity], claim, sql)


def _without_recent(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != RECENT}


def _told(row: Row) -> str:
    said = (f"{name} {plain(str(value))}" for name, value in row.items() if value is not None)
    return ", ".join(said)
