"""A chunk: days that are loaded together, for every source that loads them.

What the answers say has been read by then. Here it is decided, with what the database knows, which
of it a table gets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

import pyarrow as pa

from pipelines.api.endpoints import RESULTS, Endpoint
from pipelines.mapping import Inspection, Issue, PackedRows, Row, Rows, unique_issues
from pipelines.mapping.days import DayRead, DaysRead
from pipelines.mapping.known import Known, RaceIdentity, StoredRace
from pipelines.mapping.unique import filled
from pipelines.tables import RACES, TABLES, Kind, Table

REUSED_ID: Final = "its id belongs to another race now"


@dataclass(frozen=True)
class Absence:
    """What it means, day by day, that a load's answers do not name a row."""

    doubtful: frozenset[date] = frozenset()
    """Days whose answers held a row that nobody can use: no row of theirs is known to be absent."""
    whole: frozenset[date] = frozenset()
    """Days whose answers have every race: one that they do not list has left."""


@dataclass
class Chunk:
    """Days of one endpoint that are loaded together, or not at all."""

    read: DaysRead
    coverage: list[Row] = field(default_factory=list)
    """Rows of ra_coverage: what became of each day."""
    kept: set[date] = field(default_factory=set)
    """Days that failed now and were loaded before: what is noted of them stays."""
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
    def listed(self) -> Mapping[str, date]:
        """For each race the latest of the days whose answers list it."""
        return {race: day for day in sorted(self.days) for race in self.days[day].races}

    @cached_property
    def absence(self) -> Absence:
        """What it means that the answers do not name a row any more."""
        dated = {day for day in self.ahead if self.days[day].races and self.days[day].is_dated}
        doubtful = frozenset(self.found.doubtful & self.days.keys())
        return Absence(doubtful, whole=frozenset(dated - doubtful))

    def rows(self, table: Table) -> pa.Table:
        """Return the rows of a table, one for each key.

        A race is read from one day only. Of what several days say of a horse's history the newest
        decides, and older ones fill its blanks; within a day a row is taken whole.
        """
        found = pa.concat_tables(self.rows_by_day(table).values())
        return found if table.kind is Kind.RACE else filled(found, [*table.key])

    def rows_by_day(self, table: Table) -> dict[date, pa.Table]:
        """Return, newest day first, what the records say whose races no later day has."""
        return {
            day: self._current(day, read.rows[table.name])
            for day, read in self.days.items()
            if table.name in read.rows
        }

    def _current(self, day: date, kept: Rows | PackedRows) -> pa.Table:
        rows, current = kept.unpacked(), self.current[day]
        is_all = len(current) == len(self.days[day].races)
        return rows.table if is_all else rows.of(current).table

    @property
    def noted(self) -> list[Row]:
        """Rows of ra_coverage that replace what is noted."""
        return [row for row in self.coverage if row["date"] not in self.kept]

    @property
    def asked(self) -> dict[date, datetime]:
        """When each day was asked for that has an answer."""
        return {one.day: one.asked_at for one in self.read.answers if not one.is_failed}

    @property
    def done(self) -> set[object]:
        """Days that are complete, and have a race."""
        return {row["date"] for row in self.noted if row["status"] == "complete" and row["loaded"]}

    @cached_property
    def current(self) -> dict[date, list[int]]:
        """For each day the numbers of its records that are not out of date."""
        return {
            day: [
                number
                for number, (race, identity) in enumerate(
                    zip(read.races, read.identities, strict=True)
                )
                if not self._is_out_of_date(race, day, identity)
            ]
            for day, read in self.days.items()
        }

    def _is_out_of_date(self, race: str, day: date, identity: RaceIdentity) -> bool:
        """Tell whether a later day has the race too, or another race with its id."""
        if self.listed[race] > day:
            return True
        stored = self.known.stored.get(race)
        if stored is None or not stored.day or not identity.day or stored.day <= identity.day:
            return False
        is_result = self.endpoint is RESULTS and identity.is_another(stored)
        return is_result or stored.day in self.known.carded_days

    @cached_property
    def replaced(self) -> dict[str, StoredRace]:
        """Stored races whose ids now belong to other races."""
        return {
            race: stored
            for race, identity in self._newest_identities.items()
            if (stored := self.known.stored.get(race)) and identity.is_another(stored)
        }

    @cached_property
    def _newest_identities(self) -> dict[str, RaceIdentity]:
        """What is said of each race that is not out of date."""
        return {
            self.days[day].races[number]: self.days[day].identities[number]
            for day, numbers in self.current.items()
            for number in numbers
        }

    @property
    def moved_on(self) -> Counter[date]:
        """For each day the number of its stored races that a later day's answer lists."""
        stored = ((race.day, self.listed[name]) for name, race in self.known.stored.items())
        return Counter(day for day, listed in stored if day and day < listed)

    @cached_property
    def left(self) -> set[date]:
        """Days that have fewer races than before: others have them now."""
        stored = self.known.stored
        days = (
            (stored[race].day, identity.day)
            for race, identity in self._newest_identities.items()
            if race in stored
        )
        return {old for old, new in days if old and new and old != new}

    @cached_property
    def moved(self) -> set[str]:
        """Races of which something is stored under another day than theirs."""
        return {
            race
            for race, identity in self._newest_identities.items()
            if race in self.known.stored and identity.day
            if self.known.stored[race].days - {identity.day}
        }

    def reused(self) -> Iterator[Issue]:
        """Yield the races of these days whose ids belong to other races by now."""
        for day, read in self.days.items():
            for number in sorted({*range(len(read.races))} - {*self.current[day]}):
                race, identity = read.races[number], read.identities[number]
                winner = self._newest_identities.get(race) or self.known.stored[race]
                if identity.is_another(winner):
                    yield self.reused_id(race, day, self._rows_of(read, number))

    def reused_id(self, race: str, day: date | None, rows: Mapping[str, list[Row]]) -> Issue:
        """Return the issue for a race, whole, that another one has taken the place of."""
        return Issue(self.endpoint.name, RACES.name, f"{race}/{day}", "", REUSED_ID, rows, day)

    def _rows_of(self, read: DayRead, number: int) -> dict[str, list[Row]]:
        """Return what a record says of its race, and of its horses."""
        found: dict[str, dict[tuple[Any, ...], Row]] = {}
        for name, rows in read.rows.items():
            table = TABLES[name]
            if table.kind in (Kind.RACE, Kind.HISTORY):
                for row in rows.unpacked().of([number]).table.to_pylist():
                    key = tuple(row[column] for column in table.key)
                    found.setdefault(name, {}).setdefault(key, {}).update(row)
        return {name: [*said.values()] for name, said in found.items()}

    def issue_rows(self, tables: Collection[Table]) -> list[Row]:
        """Rows of ra_issues for what concerns these tables."""
        names = {table.name for table in tables}
        return unique_issues(issue for issue in self.found.issues if issue.table in names)
