"""A chunk: days that are loaded together, for every source that loads them.

What the answers say has been read by then. Here it is decided, with what the database knows, which
of it a table gets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import pyarrow as pa

from pipelines.endpoints import RACECARDS, Endpoint
from pipelines.mapping import Inspection, Row, Rows, to_arrow, unique_issues
from pipelines.sources.days import DayRead, DaysRead
from pipelines.sources.known import Known
from pipelines.sources.unique import unique
from pipelines.sources.writes import Absence, Write
from pipelines.tables import RUNNERS, Kind, Table

Newest = Mapping[str, date]
"""For each id the newest day whose card names it."""


@dataclass
class Chunk:
    """Days of one endpoint that are loaded together, or not at all."""

    read: DaysRead
    coverage: list[Row] = field(default_factory=list)
    """Rows of ra_coverage: what became of each day."""
    kept: set[date] = field(default_factory=set)
    """Days that failed now and were loaded before: what is noted of them stays."""
    newest: Mapping[Table, Newest] = field(default_factory=dict)
    known: Known = field(default_factory=Known)
    ahead: set[date] = field(default_factory=set)
    """Days, none of them past, whose answer has every race that the API says it has."""
    moves_cursor: bool = False

    @property
    def endpoint(self) -> Endpoint:
        """What was asked."""
        return self.read.endpoint

    @property
    def days(self) -> dict[date, DayRead]:
        """What the answers say, by the day asked for, newest first."""
        return self.read.days

    @property
    def found(self) -> Inspection:
        """What could not be read, or was not known."""
        return self.read.found

    @property
    def elsewhere(self) -> int:
        """Races of other regions, left out."""
        return sum(day.elsewhere for day in self.days.values())

    @cached_property
    def listed(self) -> Newest:
        """For each race the latest of the days whose answers list it."""
        return {race: day for day in sorted(self.days) for race in self.days[day].races}

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
        return {write.table.name: self._table(write) for write in writes}

    def _table(self, write: Write) -> pa.Table:
        key = [*write.table.key]
        if write.table.kind is Kind.RACE:
            return pa.concat_tables(unique(part, key) for part in self._of_races(write))
        return unique(pa.concat_tables(self._of_others(write)), key)

    def _of_races(self, write: Write) -> Iterator[pa.Table]:
        """Yield, day by day, what is said of the races that no later day has."""
        for day, read in self.days.items():
            rows = read.rows[write.names].unpacked()
            if len(self._current[day]) < len(read.races):
                rows = rows.of(self._current[day])
            table = rows.table
            if self.endpoint is RACECARDS and write.table is RUNNERS:
                table = self._with_outcome(table)
            yield table
            if write.clears:
                yield self._cleared(write, table)

    @cached_property
    def _current(self) -> dict[date, list[int]]:
        """For each day the numbers of its records whose race has not moved."""
        return {
            day: [
                number
                for number, (race, dated) in enumerate(zip(read.races, read.dates, strict=True))
                if not self._has_moved(race, day, dated)
            ]
            for day, read in self.days.items()
        }

    def _has_moved(self, race: str, day: date, dated: date | None) -> bool:
        """Tell whether a later day's card has the race too: this one is out of date."""
        if self.listed[race] > day:
            return True
        return dated is not None and self.known.carded.get(race, dated) > dated

    def _of_others(self, write: Write) -> Iterator[pa.Table]:
        """Yield, newest day first, what is said of people and horses, and not out of date."""
        for read in self.days.values():
            rows = read.rows[write.names].unpacked()
            if write.table in self.newest:
                yield rows.table.filter(
                    pa.array(self._are_current(write.table, read, rows), pa.bool_())
                )
            else:
                yield rows.table

    def _are_current(self, table: Table, read: DayRead, rows: Rows) -> Iterator[bool]:
        """Tell of each row that no newer card, loaded before, has named this person or horse."""
        newest = self.newest[table]
        ids = rows.table[table.key[0]].to_pylist()
        for identity, record in zip(ids, rows.records.to_pylist(), strict=True):
            seen, dated = newest.get(str(identity)), read.dates[record]
            yield seen is None or (dated is not None and seen <= dated)

    def _with_outcome(self, runners: pa.Table) -> pa.Table:
        """Say of runners of a race that is over whether they ran."""
        columns = (runners[name].to_pylist() for name in ("race_id", "horse_id", "race_date"))
        ran = map(self.known.has_run, *columns)
        place = runners.column_names.index("is_scratched")
        said = runners["is_scratched"].to_pylist()
        scratched = [was if has is None else not has for was, has in zip(said, ran, strict=True)]
        return runners.set_column(place, runners.field(place), pa.array(scratched, pa.bool_()))

    def _cleared(self, write: Write, named: pa.Table) -> pa.Table:
        """Return a blank row for each horse that a result has named before and names no more."""
        runners = set(
            zip(*(named[name].to_pylist() for name in ("race_id", "horse_id")), strict=True)
        )
        doubtful = {race for day in self.absence.doubtful for race in self.days[day].races}
        gone = [
            {"race_id": race, "horse_id": horse}
            for race in {race for race, _ in runners} - doubtful
            for horse in self.known.ran.get(race, frozenset())
            if (race, horse) not in runners
        ]
        blank: Row = dict.fromkeys(column.name for column in write.columns)
        return to_arrow(write.table, write.columns, (blank | runner for runner in gone))

    def issue_rows(self, tables: set[str]) -> list[Row]:
        """Rows of ra_issues for what concerns these tables."""
        return unique_issues(issue for issue in self.found.issues if issue.table in tables)
