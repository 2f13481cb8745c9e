"""A chunk: the answers of some days, inspected once, for every source that loads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from pipelines.api.answers import DayAnswer
from pipelines.endpoints import Endpoint
from pipelines.mapping import Inspection, Issue, Record, Row, RowReader, inspect
from pipelines.parsing.values import upper
from pipelines.sources.writes import Write
from pipelines.tables import Kind, Table

Newest = Mapping[str, date]
"""For each id the newest day whose card names it."""


@dataclass
class Chunk:
    """Days of one endpoint that are loaded together, or not at all."""

    endpoint: Endpoint
    answers: list[DayAnswer]
    regions: list[str]
    coverage: list[Row] = field(default_factory=list)
    """Rows of ra_coverage: what became of each day."""
    kept: set[date] = field(default_factory=set)
    """Days that failed now and were loaded before: what is noted of them stays."""
    newest: Mapping[Table, Newest] = field(default_factory=dict)
    moves_cursor: bool = False
    horizon: date = date.max
    """A day that no cursor can be beyond."""
    found: Inspection = field(default_factory=Inspection)
    elsewhere: int = 0
    """Races of other regions, left out."""

    @cached_property
    def records(self) -> dict[date, list[Record]]:
        """Usable records of the configured regions by the day asked for, newest first."""
        newest_first = sorted(self.answers, key=lambda answer: answer.day, reverse=True)
        return {answer.day: list(self._usable(answer)) for answer in newest_first}

    def _usable(self, answer: DayAnswer) -> Iterator[Record]:
        wanted = {code.upper() for code in self.regions}
        for body in answer.bodies:
            envelope = {name for name, _ in self.endpoint.dropped} | {self.endpoint.records}
            self.found.unknown.update(body.keys() - envelope)
        for raw in answer.newest_first():
            record = inspect(self.endpoint, raw, answer.day, self.found)
            if record is None:
                continue
            region = upper(record.get("region"))
            if isinstance(region, str) and region not in wanted:
                self.elsewhere += 1
            else:
                yield record

    def rows(self, write: Write, days: Iterable[date]) -> list[Row]:
        """Rows of one table, unique by key: the newest record wins, older ones fill its blanks."""
        assert write.endpoint is not None
        reader = RowReader(write.table, write.endpoint, write.columns)
        unique: dict[tuple[object, ...], Row] = {}
        for day in days:
            for record in self.records.get(day, []):
                for row, issues in reader.rows(record, day):
                    self.found.issues.extend(issues)
                    if row is not None and not self._is_superseded(write.table, row, record):
                        _keep(unique, tuple(row[name] for name in write.table.key), row)
        return list(unique.values())

    def _is_superseded(self, table: Table, row: Row, record: Record) -> bool:
        """Tell whether a newer card, loaded before, has named this person or horse already."""
        if table.kind is not Kind.PERSON_OR_HORSE or table not in self.newest:
            return False
        seen = self.newest[table].get(str(row[table.key[0]]))
        return seen is not None and seen.isoformat() > str(record.get("date", ""))

    def issue_rows(self, tables: set[str]) -> list[Row]:
        """Rows of ra_issues for what concerns these tables."""
        return unique_issues(issue for issue in self.found.issues if issue.table in tables)


def unique_issues(issues: Iterable[Issue]) -> list[Row]:
    """Rows of ra_issues, unique by key."""
    rows = [issue.row() for issue in issues]
    key = ("endpoint", "table_name", "row_key", "field")
    return list({tuple(row[name] for name in key): row for row in reversed(rows)}.values())


def _keep(unique: dict[tuple[object, ...], Row], key: tuple[object, ...], row: Row) -> None:
    kept = unique.get(key)
    if kept is None:
        unique[key] = row
    elif kept != row:
        unique[key] = {name: row[name] if value is None else value for name, value in kept.items()}
