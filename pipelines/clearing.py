"""Making room for a rebuild: what the archive can make again is deleted, and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from typing import Any, Final

from pipelines.archive import Archive, Entry
from pipelines.coverage import LOADED, Status
from pipelines.database import Database
from pipelines.endpoints import COURSES, DATED, Endpoint
from pipelines.errors import ArchiveError, UsageError
from pipelines.modes import Options
from pipelines.tables import HORSES, Kind, Table, tables_from
from pipelines.tables.courses import COURSES as COURSE_TABLE

logger = logging.getLogger(__name__)

LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class Holdings:
    """What an archive has: the newest answer for each day, whose profiles, the courses."""

    def __init__(self, archive: Archive, entries: Iterable[Entry]) -> None:
        """Look through entries, the oldest first."""
        self._archive = archive
        self._days: dict[tuple[str, date], Entry] = {}
        self.horses: set[str] = set()
        self.has_courses = False
        for entry in entries:
            if isinstance(entry.about, date):
                self._days[entry.endpoint.name, entry.about] = entry
            elif entry.endpoint is not COURSES:
                self.horses.add(entry.about)
            else:
                self.has_courses = True

    def has(self, endpoint: Endpoint, day: date, loaded_at: datetime = LONG_AGO) -> bool:
        """Tell whether there is an answer for a day, as new as the one that is loaded."""
        entry = self._days.get((endpoint.name, day))
        if entry is None or loaded_at == LONG_AGO:
            return entry is not None
        try:
            return self._archive.asked_at(entry) >= loaded_at
        except ArchiveError as error:
            logger.warning("%s", error)
            return False


def make_room(
    database: Database, options: Options, archive: Holdings
) -> dict[Endpoint, frozenset[date]]:
    """Delete what will be made again, and take back that its days are loaded; return these days.

    All of it in one transaction: a rebuild that is killed leaves days that say so, and the next
    run reads them. Raises UsageError, and deletes nothing, if the archive lacks what is loaded.
    """
    lost = list(_lost(database, options, archive))
    if lost:
        raise UsageError(
            f"The archive lacks what {database.name} has: {'; '.join(lost)}. Read it again first "
            "(--mode manual with these dates), name a later --start-date, or another --destination."
        )
    database.run_together(*_deletions(options), *_retractions(options))
    return {endpoint: _taken_back(database, endpoint, options) for endpoint in DATED}


# What would be lost


def _lost(database: Database, options: Options, archive: Holdings) -> Iterable[str]:
    """Say what is loaded and could not be made again."""
    start = options.start or date.min
    for endpoint in filter(options.wants, DATED):
        loaded = _loaded(database, endpoint, start)
        yield from _told(
            endpoint.name, [day for day, at in loaded if not archive.has(endpoint, day, at)]
        )
    for table in _dated_tables(options):
        yield from _told(table.name, _days_unknown(database, table, start, archive))
    if options.wants_profiles and not options.start:
        query = f"SELECT id FROM {HORSES} WHERE enriched_at IS NOT NULL"
        horses = {horse for (horse,) in database.rows(query)} - archive.horses
        if horses:
            yield f"the profiles of {len(horses)} horses"
    if COURSE_TABLE in options.written and not archive.has_courses:
        yield from ("the courses" for _ in database.rows(f"SELECT 1 FROM {COURSE_TABLE} LIMIT 1"))


def _days_unknown(database: Database, table: Table, start: date, archive: Holdings) -> list[date]:
    """Days of a table that no answer is there for: what runs of chosen tables leave uncovered."""
    endpoints = [endpoint for endpoint in DATED if table in tables_from(endpoint)]
    query = f"SELECT DISTINCT {_day_of(table)} FROM {table} WHERE {_day_of(table)} >= %s"
    days = [day for (day,) in database.rows(query, start)]
    return [day for day in days if not any(archive.has(endpoint, day) for endpoint in endpoints)]


def _loaded(database: Database, endpoint: Endpoint, start: date) -> list[tuple[Any, ...]]:
    return database.rows(
        "SELECT date, loaded_at FROM ra_coverage WHERE endpoint = %s AND date >= %s "
        f"AND status IN ({_quoted(LOADED)})",
        endpoint.name,
        start,
    )


def _told(what: str, days: Collection[date]) -> Iterable[str]:
    if days:
        yield f"{len(days)} days of {what} ({min(days)} to {max(days)})"


# What is deleted


def _dated_tables(options: Options) -> list[Table]:
    return [table for table in sorted(options.written, key=str) if table.kind is Kind.RACE]


def _day_of(table: Table) -> str:
    """Name the column with the day of the race."""
    return "race_date" if "race_date" in table.by_name else "date"


def _deletions(options: Options) -> Iterable[str]:
    """Delete rows of the tables to make; without a first day all of them.

    People, horses and what is known of them have no day: with one, they stay and are mended.
    """
    names = ", ".join(f"'{table}'" for table in options.written)
    if options.start is None:
        yield from (f"TRUNCATE TABLE {table}" for table in sorted(options.written, key=str))
        yield f"DELETE FROM ra_issues WHERE table_name IN ({names})"
        return
    since = f"DATE '{options.start}'"
    for table in _dated_tables(options):
        yield f"DELETE FROM {table} WHERE {_day_of(table)} >= {since}"
    yield f"DELETE FROM ra_issues WHERE table_name IN ({names}) AND date >= {since}"


def _retractions(options: Options) -> Iterable[str]:
    """Take back that days are loaded.

    Where only some tables are made, a day that was not whole before stays what it was.
    """
    since = f"AND date >= DATE '{options.start}'" if options.start else ""
    for endpoint in filter(options.wants, DATED):
        is_all = options.written.issuperset(tables_from(endpoint))
        statuses = LOADED if is_all else {Status.COMPLETE, Status.OPEN}
        yield (
            f"UPDATE ra_coverage SET status = '{Status.PARTIAL}', loaded = NULL, "
            f"reason = '{_reason(options)}' WHERE endpoint = '{endpoint.name}' {since} "
            f"AND status IN ({_quoted(statuses)})"
        )


def _reason(options: Options) -> str:
    """Say why a day is not loaded any more; days that another rebuild has emptied are not ours."""
    tables = ", ".join(sorted(map(str, options.tables))) or "all tables"
    return f"{tables} to be made again by pipeline rebuild"


def _taken_back(database: Database, endpoint: Endpoint, options: Options) -> frozenset[date]:
    query = "SELECT date FROM ra_coverage WHERE endpoint = %s AND reason = %s"
    return frozenset(day for (day,) in database.rows(query, endpoint.name, _reason(options)))


def _quoted(statuses: Iterable[Status]) -> str:
    return ", ".join(f"'{status}'" for status in sorted(statuses))
