"""Making room for a rebuild: only what the archive can recreate is deleted."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from typing import Any, Final

from pipelines.api.endpoints import DATED, Endpoint, RequestedBy, requested_by
from pipelines.archive.store import REMEDY, Archive, Entry, Question, question_of
from pipelines.database.database import Database
from pipelines.errors import ArchiveError, UsageError
from pipelines.models import day_of
from pipelines.models.changes import derived
from pipelines.plan.coverage import LOADED, Status
from pipelines.plan.modes import Options
from pipelines.plan.records import loaded_records
from pipelines.rebuild.unfinished import note_begun
from pipelines.settings import PIPELINE
from pipelines.tables import (
    HORSE_PROFILES,
    HORSES,
    LAST_RESPONSES,
    LAST_SEEN,
    LOADED_RESPONSES,
    MODELS,
    PRICE_CHANGES,
    PRICE_HISTORY,
    PRICE_REQUESTS,
    RACE_CHANGES,
    REFERENCES,
    RUNNER_CHANGES,
    RUNNER_ODDS,
    Kind,
    Table,
    tables_from,
)

logger = logging.getLogger(__name__)

LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
HISTORY: Final = "history"
PRICES_FROM: Final = {"cards": RUNNER_ODDS, HISTORY: PRICE_HISTORY}
"""The table that price changes of each origin are made from."""
MOST_NAMED: Final = 5
"""Ids named of those whose records the archive lacks."""


class Holdings:
    """What an archive has for each question: readable files, not just file names."""

    def __init__(self, archive: Archive, entries: Iterable[Entry]) -> None:
        """Take entries, oldest first; files are opened only when needed."""
        self._archive = archive
        self._versions: defaultdict[Question, list[Entry]] = defaultdict(list)
        for entry in entries:
            self._versions[entry.question].append(entry)
        self.damaged: list[str] = []
        """Why some that matter cannot be read."""

    def has(self, endpoint: Endpoint, about: date | str, loaded_at: datetime = LONG_AGO) -> bool:
        """Return whether the archive can recreate what is loaded for a question.

        It can if it has a response as new as the loaded one, and every older one back to one that
        was complete: anything before that no longer matters.
        """
        is_there = False
        for entry in reversed(self._versions[question_of(endpoint, about)]):
            try:
                summary = self._archive.summary(entry)
            except ArchiveError as error:
                self.damaged.append(str(error))
                if is_there:
                    return False
                continue
            if not is_there and summary.asked_at < loaded_at:
                return False
            is_there = True
            if summary.is_whole:
                return True
        return is_there

    def has_list(self, endpoint: Endpoint) -> bool:
        """Return whether the archive has a list of an endpoint, for any regions."""
        regions = [about for name, about in [*self._versions] if name == endpoint.name]
        return any(self.has(endpoint, about) for about in regions)


def ensure_kept(database: Database, options: Options, archive: Holdings) -> None:
    """Raise UsageError if the archive lacks what is loaded and would be deleted."""
    lost = list(_lost(database, options, archive))
    if lost:
        damaged = f" {archive.damaged[0]} {REMEDY}" if archive.damaged else ""
        raise UsageError(
            f"The archive lacks data that {database.name} has: {'; '.join(lost)}.{damaged} Fetch "
            "it again first (days with --mode manual and these dates; profiles with a daily run, "
            f"after setting enriched_at of these horses to NULL in {PIPELINE}.{HORSES} and "
            f"{PIPELINE}.{HORSE_PROFILES}; price histories with --prices, after deleting their "
            f"rows of {PIPELINE}.{PRICE_REQUESTS}), use a later --start-date, or use another "
            "--destination."
        )


def make_room(database: Database, options: Options) -> dict[Endpoint, frozenset[date]]:
    """Delete what will be rebuilt, and mark its days as not loaded; return these days.

    All in one transaction: if the rebuild is killed, its days are still marked, and the next run
    finishes it.
    """
    database.run_together(*note_begun(options), *_deletions(options), *_retractions(options))
    return {endpoint: taken_back(database, endpoint, options) for endpoint in DATED}


# What would be lost


def _lost(database: Database, options: Options, archive: Holdings) -> Iterable[str]:
    """Say what is loaded and could not be rebuilt."""
    start = options.start or date.min
    for endpoint in filter(options.wants, DATED):
        loaded = _loaded(database, endpoint, start)
        yield from _span_of(
            endpoint.name, [day for day, at in loaded if not archive.has(endpoint, day, at)]
        )
    for table in (one for one in _dated_tables(options) if one not in MODELS):
        yield from _span_of(table.name, _days_unknown(database, table, start, archive))
    for endpoint in filter(options.wants, requested_by(RequestedBy.ID)):
        loaded_at = {} if options.start else loaded_records(database, endpoint)
        ids = [
            one for one, at in loaded_at.items() if not archive.has(endpoint, one, at or LONG_AGO)
        ]
        if ids:
            named = ", ".join(ids[:MOST_NAMED]) + (", ..." if ids[MOST_NAMED:] else "")
            yield f"{len(ids)} {endpoint.title} ({named})"
    for endpoint in filter(options.wants, requested_by(RequestedBy.NOTHING)):
        table, *_ = tables_from(endpoint)
        is_loaded = database.rows(f"SELECT 1 FROM {table} LIMIT 1")
        if is_loaded and not archive.has_list(endpoint):
            yield f"the {endpoint.title}"


def _days_unknown(database: Database, table: Table, start: date, archive: Holdings) -> list[date]:
    """Days of a table without an archived response; runs of some tables leave no coverage."""
    endpoints = [endpoint for endpoint in DATED if table in tables_from(endpoint)]
    query = f"SELECT DISTINCT {day_of(table)} FROM {table} WHERE {day_of(table)} >= %s"
    days = [day for (day,) in database.rows(query, start)]
    return [day for day in days if not any(archive.has(endpoint, day) for endpoint in endpoints)]


def _loaded(database: Database, endpoint: Endpoint, start: date) -> list[tuple[Any, ...]]:
    return database.rows(
        "SELECT date, loaded_at FROM ra_coverage WHERE endpoint = %s AND date >= %s "
        f"AND status IN ({_quoted(LOADED)})",
        endpoint.name,
        start,
    )


def _span_of(what: str, days: Collection[date]) -> Iterable[str]:
    if days:
        yield f"{len(days)} days of {what} ({min(days)} to {max(days)})"


# What is deleted


def _emptied(options: Options) -> list[Table]:
    """Return the tables to empty: a model only together with all its source tables.

    Other rows of a model stay; its days are made again as they are loaded.
    """
    return [
        table
        for table in sorted(options.written, key=str)
        if options.written.issuperset(MODELS.get(table, {}).values())
    ]


def _dated_tables(options: Options) -> list[Table]:
    return [table for table in _emptied(options) if table.kind is Kind.RACE]


def _emptying(table: Table) -> str:
    # Postgres truncates nothing that a foreign key refers to, enforced or not.
    is_referred_to = table.name in REFERENCES.values()
    return f"DELETE FROM {table}" if is_referred_to else f"TRUNCATE TABLE {table}"


def _deletions(options: Options) -> Iterable[str]:
    """Delete rows of the tables to rebuild; without a first day, all of them.

    People, horses and what is known of them have no day: with a first day, they stay.
    """
    yield f"DELETE FROM {LOADED_RESPONSES}"
    names = ", ".join(f"'{table}'" for table in options.written)
    changes = derived(options.written)
    seen = list(_seen_last(changes))
    if changes:
        days = f" WHERE date >= DATE '{options.start}'" if options.start else ""
        yield f"DELETE FROM {LAST_RESPONSES}{days}"
    if options.start is None:
        yield from map(_emptying, [*_emptied(options), *_other_than_prices(changes)])
        yield from _deleted_prices(options)
        yield from (f"DELETE FROM {LAST_SEEN} WHERE {condition}" for condition in seen)
        yield f"DELETE FROM ra_issues WHERE table_name IN ({names})"
        return
    since = f"DATE '{options.start}'"
    for table in (*_dated_tables(options), *_other_than_prices(changes)):
        yield f"DELETE FROM {table} WHERE {day_of(table)} >= {since}"
    yield from _deleted_prices(options)
    for condition in seen:
        yield f"DELETE FROM {LAST_SEEN} WHERE {condition} AND race_date >= {since}"
    yield f"DELETE FROM ra_issues WHERE table_name IN ({names}) AND date >= {since}"


def _other_than_prices(changes: Collection[Table]) -> list[Table]:
    return [table for table in changes if table is not PRICE_CHANGES]


def _deleted_prices(options: Options) -> Iterable[str]:
    """Delete the price changes of what is made again; with a first day, a history stays whole."""
    origins = {origin for origin, table in PRICES_FROM.items() if table in options.written}
    if options.start:
        origins.discard(HISTORY)
    if origins == PRICES_FROM.keys():
        yield _emptying(PRICE_CHANGES)
    elif origins:
        since = f" AND race_date >= DATE '{options.start}'" if options.start else ""
        yield f"DELETE FROM {PRICE_CHANGES} WHERE origin IN ({_quoted(origins)}){since}"


def _seen_last(changes: Collection[Table]) -> Iterable[str]:
    """Return the conditions of what was seen of races and runners whose changes are made again."""
    if RUNNER_CHANGES in changes:
        yield "horse_id <> ''"
    if RACE_CHANGES in changes:
        yield "horse_id = ''"


def _retractions(options: Options) -> Iterable[str]:
    """Mark days as not loaded.

    If only some tables are rebuilt, a day that was not complete before keeps its status.
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
    """Say why a day is no longer loaded; days emptied by another rebuild have another reason."""
    tables = ", ".join(sorted(map(str, options.tables))) or "all tables"
    return f"{tables} to be rebuilt by pipeline rebuild"


def taken_back(database: Database, endpoint: Endpoint, options: Options) -> frozenset[date]:
    """Return the days that a rebuild has emptied and not loaded again yet."""
    query = "SELECT date FROM ra_coverage WHERE endpoint = %s AND reason = %s"
    return frozenset(day for (day,) in database.rows(query, endpoint.name, _reason(options)))


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))
