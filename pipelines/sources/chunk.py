"""A chunk: the answers of some days, for every source that loads them.

They are read twice, day after day: once for what they list, which decides what a day may change,
and once for the rows. No more than one day is ever there as Python objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import pyarrow as pa

from pipelines.api.answers import DayAnswer, count_different, identity_of
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
from pipelines.sources.schema import to_arrow
from pipelines.sources.unique import Key, UniqueRows
from pipelines.sources.writes import Absence, Write
from pipelines.tables import RUNNERS, Kind, Table

Newest = Mapping[str, date]
"""For each id the newest day whose card names it."""


@dataclass(frozen=True)
class Listed:
    """What the answer for one day lists."""

    races: list[str]
    """Usable races of the configured regions."""
    different: int
    """Number of different ones."""
    is_dated: bool
    """Whether each of them says its day."""
    elsewhere: int
    """Races of other regions, left out."""
    is_sound: bool
    """Whether inspecting has set nothing aside: the records can be read as they came."""


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
    unread: frozenset[str] = frozenset()
    """Lists inside a record that no table to be written is read from."""

    @cached_property
    def days(self) -> dict[date, Listed]:
        """What the answers list, by the day asked for, newest first."""
        envelope = {name for name, _ in self.endpoint.dropped} | {self.endpoint.records}
        for page in (page for answer in self.answers for page in answer.pages):
            self.found.note_unknown("", page.names - envelope)
        return {day: self._listed(day) for day in self._by_day}

    @cached_property
    def _by_day(self) -> dict[date, DayAnswer]:
        newest_first = sorted(self.answers, key=lambda answer: answer.day, reverse=True)
        return {answer.day: answer for answer in newest_first}

    @property
    def elsewhere(self) -> int:
        """Races of other regions, left out."""
        return sum(listed.elsewhere for listed in self.days.values())

    def _listed(self, day: date) -> Listed:
        issues = len(self.found.issues)
        found = list(self._inspected(day, self.found))
        usable = [record for record in found if self._is_wanted(record)]
        return Listed(
            [self._race(record) for record in usable],
            count_different(identity_of(record, self.endpoint.identity) for record in usable),
            all(isinstance(iso_date(record.get("date")), date) for record in usable),
            len(found) - len(usable),
            len(self.found.issues) == issues,
        )

    def _inspected(self, day: date, found: Inspection) -> Iterator[Record]:
        for raw in self._by_day[day].newest_first():
            record = inspect(self.endpoint, raw, day, found, self.unread)
            if record is not None:
                yield record

    def _records(self, day: date) -> Iterable[Record]:
        """Yield the usable records of a day that has been inspected before."""
        if self.days[day].is_sound:
            return self._by_day[day].newest_first()
        return self._inspected(day, Inspection())

    def _is_wanted(self, record: Record) -> bool:
        region = upper(record.get("region"))
        return not isinstance(region, str) or region.lower() in self.regions

    @cached_property
    def listed(self) -> Newest:
        """For each race the latest of the days whose answers list it."""
        return {race: day for day in sorted(self.days) for race in self.days[day].races}

    def _race(self, record: Record) -> str:
        return str(as_identity(record[self.endpoint.levels[0][1]]))

    @cached_property
    def absence(self) -> Absence:
        """What it means that the answers do not name a row any more."""
        dated = {day for day in self.ahead if self.days[day].races and self.days[day].is_dated}
        doubtful = frozenset(self.found.doubtful & self.days.keys())
        return Absence(doubtful, whole=frozenset(dated - doubtful))

    def tables(self, writes: Sequence[Write]) -> dict[str, pa.Table]:
        """Rows of each table, unique by key: the newest record wins, older ones fill its blanks.

        A race is read from one day only, so that what it says is unique when that day is.
        """
        found = [_Rows(write) for write in writes]
        for day in self.days:
            records = list(filter(self._is_wanted, self._records(day)))
            for rows in found:
                self._read(records, day, rows)
                if rows.write.table.kind is Kind.RACE:
                    rows.close()
        return {rows.write.table.name: rows.table() for rows in found}

    def _read(self, records: list[Record], day: date, rows: _Rows) -> None:
        for record in records:
            if rows.write.table.kind is not Kind.RACE or not self._has_moved(record, day):
                rows.unique.add(self._rows(rows.reader, record, day))
        if rows.write.clears:
            rows.unique.add(self._cleared(rows.write, rows.unique.by_key))

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
        doubtful = {race for day in self.absence.doubtful for race in self.days[day].races}
        for race in races - doubtful:
            for horse in self.known.ran.get(str(race), frozenset()):
                if (race, horse) not in named:
                    blank: Row = dict.fromkeys(column.name for column in write.columns)
                    yield blank | {"race_id": str(race), "horse_id": horse}

    def issue_rows(self, tables: set[str]) -> list[Row]:
        """Rows of ra_issues for what concerns these tables."""
        return unique_issues(issue for issue in self.found.issues if issue.table in tables)


class _Rows:
    """Rows of one table in the making: closed from time to time, they are no Python objects."""

    def __init__(self, write: Write) -> None:
        assert write.endpoint is not None
        self.reader = RowReader(write.table, write.endpoint, write.columns)
        self.write, self._closed = write, list[pa.Table]()
        self.unique = UniqueRows(write.table.key)

    def close(self) -> None:
        """Let the rows so far be unique by themselves."""
        rows, write = self.unique.by_key.values(), self.write
        self._closed.append(to_arrow(write.table, write.columns, rows))
        self.unique = UniqueRows(write.table.key)

    def table(self) -> pa.Table:
        """Return all of them."""
        self.close()
        return pa.concat_tables(self._closed)
