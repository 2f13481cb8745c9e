"""Reading the answers of some days: what each day lists, and the rows that its records make.

No database is asked, so that this is done while others are loaded. One day at a time is there as
Python objects, and its rows are packed until they are loaded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pipelines.api.answers import DayAnswer, count_different, identity_of
from pipelines.endpoints import Endpoint
from pipelines.mapping import (
    Inspection,
    Levels,
    PackedRows,
    Record,
    RowReader,
    as_identity,
    inspect,
    unread_lists,
)
from pipelines.parsing.names import racing_region
from pipelines.parsing.values import iso_date
from pipelines.sources.unique import unique_in_records
from pipelines.sources.writes import WRITES, Names
from pipelines.tables import Table


@dataclass(frozen=True)
class DayRead:
    """What the answer for one day lists, and the rows that its records make."""

    races: list[str]
    """The race of each usable record of the configured regions."""
    dates: list[date | None]
    """The day that each of them says."""
    different: int
    """Number of different ones."""
    elsewhere: int
    """Races of other regions, left out."""
    rows: dict[Names, PackedRows]
    """By what was read."""
    found: Inspection
    """What could not be read, or was not known."""

    @property
    def is_dated(self) -> bool:
        """Tell whether each of the records says its day."""
        return None not in self.dates


@dataclass
class DaysRead:
    """The answers of some days, read."""

    endpoint: Endpoint
    answers: list[DayAnswer]
    days: dict[date, DayRead]
    """By the day asked for, newest first."""
    found: Inspection
    """What could not be read, or was not known."""


def read_days(
    endpoint: Endpoint, answers: Iterable[DayAnswer], regions: list[str], tables: frozenset[Table]
) -> DaysRead:
    """Read what these tables take from the answers, as they come.

    A later answer for a day takes the place of an earlier one.
    """
    reader = _Reader(endpoint, regions, tables)
    answered: dict[date, DayAnswer] = {}
    days: dict[date, DayRead] = {}
    for answer in answers:
        answered[answer.day], days[answer.day] = answer, reader.read(answer)
    newest_first = dict(sorted(days.items(), reverse=True))
    found = Inspection()
    for day in days.values():
        found.add(day.found)
    return DaysRead(endpoint, [*answered.values()], newest_first, found)


class _Reader:
    """Reads day after day."""

    def __init__(self, endpoint: Endpoint, regions: list[str], tables: frozenset[Table]) -> None:
        self.endpoint, self.regions = endpoint, regions
        self._unread = unread_lists(endpoint, tables)
        self._envelope = {name for name, _ in endpoint.dropped} | {endpoint.records}
        self._readers = {
            write.names: RowReader(write.table, endpoint, write.columns)
            for writes in WRITES.values()
            for write in writes
            if write.endpoint is endpoint and write.table in tables
        }

    def read(self, answer: DayAnswer) -> DayRead:
        """Read the answer for one day."""
        found = Inspection()
        for page in answer.pages:
            found.note_unknown("", page.names - self._envelope)
        records = self._inspected(answer, found)
        usable = [record for record in records if self._is_wanted(record)]
        identity, levels = self.endpoint.identity, Levels(usable)
        return DayRead(
            races=[str(as_identity(record[identity])) for record in usable],
            dates=[_date(record) for record in usable],
            different=count_different(identity_of(record, identity) for record in usable),
            elsewhere=len(records) - len(usable),
            rows={
                names: unique_in_records(
                    reader.read(levels, answer.day, found), reader.table.key
                ).packed()
                for names, reader in self._readers.items()
            },
            found=found,
        )

    def _inspected(self, answer: DayAnswer, found: Inspection) -> list[Record]:
        inspected = (
            inspect(self.endpoint, raw, answer.day, found, self._unread)
            for raw in answer.newest_first()
        )
        return [record for record in inspected if record is not None]

    def _is_wanted(self, record: Record) -> bool:
        region = racing_region(record.get("region"))
        # Of a region that nobody knows, it may be one of ours.
        return not isinstance(region, str) or region.lower() in self.regions


def _date(record: Record) -> date | None:
    said = iso_date(record.get("date"))
    return said if isinstance(said, date) else None
