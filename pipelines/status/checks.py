"""The checks of sql/checks/: each is a query for rows that should not exist.

Rows of an error with is_recent false are only a warning, so old ones alert nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pipelines.database.reader import Reader
from pipelines.database.sql import SQL_FOLDER
from pipelines.mapping import Row
from pipelines.text import plain

CHECKS_FOLDER: Final = SQL_FOLDER / "checks"
RECENT: Final = "is_recent"
MOST_ROWS: Final = 100
"""Most rows read per check."""


@dataclass(frozen=True)
class Check:
    """One check: an error is wrong whatever the reason, a warning may have a good one."""

    name: str
    is_error: bool
    claim: str
    """What is wrong if it finds a row."""
    sql: str = ""
    """Empty if it is not a query in sql/checks."""


@dataclass
class Finding:
    """The rows a check has found; without rows, the claim says everything."""

    check: Check
    rows: list[Row] = field(default_factory=list)

    def __str__(self) -> str:
        if not self.rows:
            return self.check.claim
        example = _row_in_words(self.rows[0])
        if len(self.rows) == 1:
            return f"{self.check.claim} (1 row: {example})"
        more = "+" if len(self.rows) == MOST_ROWS else ""
        return f"{self.check.claim} ({len(self.rows):,}{more} rows, such as {example})"


def all_checks() -> list[Check]:
    """Return every check, by name; the first line of a file has its severity and claim."""
    return [_read(path) for path in sorted(CHECKS_FOLDER.glob("*.sql"))]


def findings(reader: Reader) -> Iterator[Finding]:
    """Run every check and yield those that find rows; raises DestinationError."""
    with reader.held_open():
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


def _row_in_words(row: Row) -> str:
    said = (f"{name} {plain(str(value))}" for name, value in row.items() if value is not None)
    return ", ".join(said)
