"""A chunk: the answers of some days, inspected once, for every source that loads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from pipelines.api.answers import DayAnswer
from pipelines.endpoints import RACECARDS, Endpoint
from pipelines.mapping import (
    Inspection,
    Record,
    Row,
    RowReader,
    as_identity,
    inspect,
    unique_issues,
)
from pipelines.parsing.values import iso_date, upper
from pipelines.sources.known import Known
from pipelines.sources.unique import Key, UniqueRows
from pipelines.sources.writes import Absence, Write
from pipelines.tables import RUNNERS, Kind, Table

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
    known: Known = field(default_factory=Known)
    ahead: set[date] = field(default_factory=set)
    """Days, none of them past, whose answer has every race that the API says it has."""
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
            self.found.note_unknown("", body.keys() - envelope)
        for raw in answer.newest_first():
            record = inspect(self.endpoint, raw, answer.day, self.found)
            if record is None:
                continue
            region = upper(record.get("region"))
            if isinstance(region, str) and region not in wanted:
                self.elsewhere += 1
            else:
                yield record

    @cached_property
    def listed(self) -> Newest:
        """For each race the latest of the days whose answers list it."""
        return {race: day for day in sorted(self.records) for race in self._races(day)}

    def _races(self, day: date) -> list[str]:
        return [self._race(record) for record in self.records[day]]

    def _race(self, record: Record) -> str:
        return str(as_identity(record[self.endpoint.levels[0][1]]))

    @cached_property
    def absence(self) -> Absence:
        """What it means that the answers do not name a row any more."""
        doubtful = frozenset(self.found.doubtful & self.records.keys())
        dated = {
            day
            for day in self.ahead
            if self.records[day]
            and all(isinstance(iso_date(record.get("date")), date) for record in self.records[day])
        }
        return Absence(doubtful, whole=frozenset(dated - doubtful))

    def rows(self, write: Write, days: Iterable[date]) -> list[Row]:
        """Rows of one table, unique by key: the newest record wins, older ones fill its blanks."""
        assert write.endpoint is not None
        reader = RowReader(write.table, write.endpoint, write.columns)
        unique = UniqueRows(write.table.key)
        for day in days:
            for record in self.records.get(day, []):
                if write.table.kind is not Kind.RACE or not self._has_moved(record, day):
                    unique.add(self._rows(reader, record, day))
        if write.clears:
            unique.add(self._cleared(write, unique.by_key))
        return list(unique.by_key.values())

    def _has_moved(self, record: Record, day: date) -> bool:
        """Tell whether a later day's card has the race too: this one is out of date."""
        race, dated = self._race(record), iso_date(record.get("date"))
        if self.listed[race] > day:
            return True
        return isinstance(dated, date) and self.known.carded.get(race, dated) > dated

    def _rows(self, reader: RowReader, record: Record, day: date) -> Iterator[Row]:
        table, is_card = reader.table, self.endpoint is RACECARDS
        for row, issues in reader.rows(record, day):
            self.found.issues.extend(issues)
            if row is None or self._is_superseded(table, row, record):
                continue
            if is_card and table is RUNNERS:
                ran = self.known.has_run(row["race_id"], row["horse_id"], row["race_date"])
                row["is_scratched"] = row["is_scratched"] if ran is None else not ran
            yield row

    def _is_superseded(self, table: Table, row: Row, record: Record) -> bool:
        """Tell whether a newer card, loaded before, has named this person or horse already."""
        if table.kind is not Kind.PERSON_OR_HORSE or table not in self.newest:
            return False
        seen = self.newest[table].get(str(row[table.key[0]]))
        dated = iso_date(record.get("date"))
        return seen is not None and (not isinstance(dated, date) or seen > dated)

    def _cleared(self, write: Write, named: Mapping[Key, Row]) -> Iterator[Row]:
        """Yield a blank row for each horse that a result has named before and names no more."""
        races = {race for race, _ in named}
        doubtful = {race for day in self.absence.doubtful for race in self._races(day)}
        for race in races - doubtful:
            for horse in self.known.ran.get(str(race), frozenset()):
                if (race, horse) not in named:
                    blank: Row = dict.fromkeys(column.name for column in write.columns)
                    yield blank | {"race_id": str(race), "horse_id": horse}

    def issue_rows(self, tables: set[str]) -> list[Row]:
        """Rows of ra_issues for what concerns these tables."""
        return unique_issues(issue for issue in self.found.issues if issue.table in tables)
