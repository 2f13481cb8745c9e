"""Reading the answers of some days: what each day lists, and the rows that its records make.

No database is asked, so that this is done while others are loaded. One day at a time is there as
Python objects, and its rows are packed until they are loaded.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from pipelines.api.answers import DayAnswer
from pipelines.api.endpoints import Endpoint
from pipelines.errors import FaultError
from pipelines.mapping import (
    Inspection,
    Levels,
    PackedRows,
    Record,
    RowReader,
    Rows,
    as_identity,
    identity_in,
    inspect,
    latest_instant,
    unread_lists,
)
from pipelines.mapping.columns import are_plain, columns_of
from pipelines.mapping.inspection import known_level
from pipelines.mapping.known import RaceIdentity
from pipelines.mapping.levels import ColumnLevel, ObjectLevel
from pipelines.mapping.unique import whole
from pipelines.parsing.names import racing_region
from pipelines.parsing.values import iso_date
from pipelines.tables import Kind, Table, tables_from

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DayRead:
    """What the answer for one day lists, and the rows that its records make."""

    races: list[str]
    """The race of each usable record of the configured regions."""
    identities: list[RaceIdentity]
    """What each of them says that tells the race from others."""
    elsewhere: int
    """Races of other regions, left out."""
    rows: Mapping[str, Rows | PackedRows]
    """By the name of the table."""
    found: Inspection
    """What could not be read, or was not known."""

    @property
    def is_dated(self) -> bool:
        """Tell whether each of the records says its day."""
        return all(identity.day for identity in self.identities)


@dataclass
class DaysRead:
    """The answers of some days, read."""

    endpoint: Endpoint
    answers: list[DayAnswer]
    days: dict[date, DayRead]
    """By the day asked for, newest first."""
    found: Inspection
    """What could not be read, or was not known."""
    unchanged: list[DayAnswer] = field(default_factory=list)
    """Answers that say what is loaded, and were not read."""

    def add(self, other: DaysRead) -> None:
        """Add other days."""
        self.answers += other.answers
        self.days = dict(sorted({**self.days, **other.days}.items(), reverse=True))
        self.found.add(other.found)


def read_days(
    endpoint: Endpoint,
    answers: Iterable[DayAnswer],
    regions: list[str],
    tables: frozenset[Table],
    *,
    is_used_now: bool = False,
) -> DaysRead:
    """Read what these tables take from the answers, as they come.

    A later answer for a day takes the place of an earlier one. Rows are kept compressed, unless
    they are used at once.
    """
    reader = _Reader(endpoint, regions, tables, is_packed=not is_used_now)
    answered: dict[date, DayAnswer] = {}
    days: dict[date, DayRead] = {}
    for answer in answers:
        answered[answer.day], days[answer.day] = reader.read(answer)
    newest_first = dict(sorted(days.items(), reverse=True))
    found = Inspection()
    for day in days.values():
        found.add(day.found)
    return DaysRead(endpoint, [*answered.values()], newest_first, found)


@dataclass(frozen=True)
class _Said:
    """The records of a day."""

    races: list[Record]
    """Those of the configured regions, or only what tells which races they are."""
    elsewhere: int
    levels: Levels
    found: Inspection


class _Reader:
    """Reads day after day."""

    def __init__(
        self, endpoint: Endpoint, regions: list[str], tables: frozenset[Table], *, is_packed: bool
    ) -> None:
        self.endpoint, self.regions, self._is_packed = endpoint, regions, is_packed
        self._unread = unread_lists(endpoint, tables)
        self._envelope = {name for name, _ in endpoint.dropped} | {endpoint.records}
        self._readers = {
            table.name: RowReader(table, endpoint, table.loaded)
            for table in tables_from(endpoint)
            if table in tables
        }

    def read(self, answer: DayAnswer) -> tuple[DayAnswer, DayRead]:
        """Read the answer for one day; a fault of this software costs that day, and no other."""
        try:
            return answer, self._read(answer)
        except Exception as error:
            logger.exception("%s of %s", self.endpoint.name, answer.day)
            failed = DayAnswer(self.endpoint, answer.day, error=FaultError(error))
            return failed, self._read(failed)

    def _read(self, answer: DayAnswer) -> DayRead:
        said = self._by_column(answer) or self._by_object(answer)
        return DayRead(
            races=[str(identity_in(race, self.endpoint.identity)) for race in said.races],
            identities=[_identity(race) for race in said.races],
            elsewhere=said.elsewhere,
            rows={
                name: self._rows(reader, said.levels, answer.day, said.found)
                for name, reader in self._readers.items()
            },
            found=said.found,
        )

    def _by_column(self, answer: DayAnswer) -> _Said | None:
        found, columns = Inspection(), columns_of(answer)
        level = known_level(self.endpoint, self._unread)
        if columns is None or not are_plain(columns, level, found):
            return None
        wanted = [n for n, head in enumerate(columns.heads) if self._is_wanted(head)]
        usable = columns.take(wanted)
        records = ColumnLevel(usable.objects, cache(lambda: self._by_object(answer).levels))
        elsewhere = len(columns.heads) - len(wanted)
        return _Said(usable.heads, elsewhere, Levels(records), found)

    def _by_object(self, answer: DayAnswer) -> _Said:
        found = Inspection()
        for page in answer.pages:
            found.note_unknown("", page.outline.names - self._envelope)
        records = inspect(self.endpoint, answer.newest_first(), answer.day, found, self._unread)
        usable = [record for record in records if self._is_wanted(record)]
        return _Said(usable, len(records) - len(usable), Levels(ObjectLevel(usable)), found)

    def _is_wanted(self, record: Record) -> bool:
        region = racing_region(record.get("region"))
        # Of a region that nobody knows, it may be one of ours.
        return not isinstance(region, str) or region.lower() in self.regions

    def _rows(
        self, reader: RowReader, records: Levels, day: date, found: Inspection
    ) -> Rows | PackedRows:
        table = reader.table
        rows, rejected = whole(reader.read(records, day, found), table.key)
        if table.kind is not Kind.PERSON_OR_HORSE:  # many runners name one person in their own way
            found.issues += (
                reader.second_row(row, day)
                for row, kept in rejected
                if latest_instant(row) == latest_instant(kept)  # else it is an older price
            )
        return rows.packed() if self._is_packed else rows


def _identity(record: Record) -> RaceIdentity:
    runners = record.get("runners")
    entries = runners if isinstance(runners, list) else []
    horses = (as_identity(entry.get("horse_id")) for entry in entries if isinstance(entry, dict))
    day, course = iso_date(record.get("date")), as_identity(record.get("course_id"))
    return RaceIdentity(
        day=day if isinstance(day, date) else None,
        course=course if isinstance(course, str) else None,
        horses=frozenset(horse for horse in horses if isinstance(horse, str)),
    )
