"""Where a value comes from: the rule, the source table, the saved response and the field in it.

For a missing value it says why: no response, a blank field, an unreadable value, a late one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from pipelines.api.answers import Answer
from pipelines.api.endpoints import EDITIONS, ENDPOINTS
from pipelines.archive.store import Archive, Entry
from pipelines.ask.database import AskedDatabase
from pipelines.errors import ArchiveError, UsageError
from pipelines.mapping.levels import value_in
from pipelines.models import expression
from pipelines.parsing import Unreadable
from pipelines.tables import (
    CARD_RACES,
    CARD_RUNNERS,
    MODELS,
    RACE_RESULTS,
    RACES,
    RESULT_RACES,
    RUNNERS,
    Column,
    Table,
)

Record = dict[str, Any]
EXPLAINED: Final = {
    table.name: table
    for table in (RACES, RUNNERS, CARD_RACES, CARD_RUNNERS, RESULT_RACES, RACE_RESULTS)
}
"""Tables of races and runners: a row of each is one entry of a card and of a result."""
ABSENT: Final = "(not in the response)"


@dataclass(frozen=True)
class Sent:
    """What a response says in one field, and where it is kept."""

    file: str
    page: int
    race: int
    runner: int | None
    fetched_at: datetime
    fields: dict[str, Any]
    """The value of each field that is read for the column, as sent."""

    @property
    def place(self) -> str:
        """File, page and entry, in words."""
        runner = f", runner {self.runner}" if self.runner else ""
        return f"{self.file}, page {self.page}, race {self.race}{runner}"


@dataclass(frozen=True)
class Source:
    """What one source table has of a column."""

    table: str
    endpoint: str
    has_row: bool
    value: Any = None
    loaded_at: datetime | None = None
    sent: Sent | None = None
    notes: list[str] = field(default_factory=list)
    """Why there is no value, where there is none."""


@dataclass(frozen=True)
class Explanation:
    """Where the value of one column comes from."""

    table: str
    key: str
    column: str
    meaning: str
    value: Any
    rule: str
    chosen: str
    """The source table whose value it is; empty if it is none's."""
    sources: list[Source]
    updated_at: datetime | None


def explain(
    database: AskedDatabase, archive: Archive | None, name: str, key: Sequence[str], column: str
) -> list[Explanation]:
    """Explain one column of a row, or all of them; raises UsageError if there is no such row.

    Without an archive nothing is said of responses.
    """
    table = EXPLAINED.get(name)
    if table is None:
        raise UsageError(f"{name!r} cannot be explained: use one of {', '.join(EXPLAINED)}.")
    if len(key) != len(table.key):
        raise UsageError(f"A row of {name} is named by {' and '.join(table.key)}.")
    if column and column not in table.by_name:
        raise UsageError(f"{name} has no column {column!r}: see `pipeline columns {name}`.")
    return list(_Row(database, archive, table, tuple(key)).explanations(column))


class _Row:
    """One row with what is known of it, looked up once for all its columns."""

    def __init__(
        self, database: AskedDatabase, archive: Archive | None, table: Table, key: tuple[str, ...]
    ) -> None:
        self._database, self._archive, self._table, self._key = database, archive, table, key
        self._said = MODELS.get(table) or {"": table}
        found = self._stored(table)
        self._rows = {said: self._stored(said) for said in self._said.values()}
        if not found:
            raise UsageError(f"{table} has no row {' / '.join(key)}.")
        self._row = found
        self._loads = self._loaded_at()
        self._sent = {said: self._newest(said) for said in self._said.values()}

    def explanations(self, wanted: str) -> Iterator[Explanation]:
        for column in self._table.columns:
            if wanted in ("", column.name):
                yield self._explained(column)

    def _explained(self, column: Column) -> Explanation:
        sources = [
            self._source(said, said.by_name[column.name])
            for said in self._said.values()
            if column.origins.keys() & said.rows_from.keys() and column.name in said.by_name
        ]
        value = self._row.get(column.name)
        with_value = [one.table for one in sources if one.value is not None]
        is_taken = with_value and not column.rule and value is not None
        return Explanation(
            table=self._table.name,
            key=" / ".join(self._key),
            column=column.name,
            meaning=column.meaning,
            value=value,
            rule=self._rule(column, sources),
            chosen=with_value[0] if is_taken else "",
            sources=sources,
            updated_at=self._row.get("updated_at"),
        )

    def _rule(self, column: Column, sources: list[Source]) -> str:
        if column.set_by:
            return column.set_by
        if column.rule:
            return f"by its own rule: {expression(self._table, column)}"
        if len(sources) > 1:
            return "what the card says or, where the card is blank, what the result says"
        return f"what {sources[0].table} says" if sources else "no response has it"

    def _source(self, said: Table, column: Column) -> Source:
        (endpoint,) = said.rows_from
        row, found = self._rows[said], self._sent[said]
        sent = found.sent(said, column, endpoint) if found else None
        value = row.get(column.name)
        notes = [] if value is not None else list(self._reasons(said, column, sent))
        loaded = self._loads.get(row.get("_dlt_load_id"))
        return Source(said.name, endpoint, bool(row), value, loaded, sent, notes)

    def _reasons(self, said: Table, column: Column, sent: Sent | None) -> Iterator[str]:
        """Yield why a source table has no value, the most telling first."""
        (endpoint,) = said.rows_from
        if not self._rows[said]:
            yield from self._without_row(said, endpoint)
            return
        origin = column.origins[endpoint]
        yield from self._issues(said, endpoint, origin.paths)
        if sent:
            raws = list(sent.fields.values())
            if all(raw is ABSENT for raw in raws):
                yield "the response does not have this field"
            elif all(raw in (None, "", [], ABSENT) for raw in raws):
                yield "the field is blank in the response"
            else:
                read = origin.read(*(None if raw is ABSENT else raw for raw in raws))
                told = "cannot be read" if isinstance(read, Unreadable) else "stands for no value"
                yield f"what was sent {told}: {origin.transformation}"
        elif self._archive:
            yield "the archive has no response with this row"
        if column.late:
            yield "it arrives up to two weeks after the race"

    def _without_row(self, said: Table, endpoint: str) -> Iterator[str]:
        day = self._day
        query = "SELECT status, reason FROM ra_coverage WHERE endpoint = %s AND date = %s"
        found = self._database.records(query, endpoint, day)
        if not found:
            yield f"no {endpoint} of {day} have been requested"
        elif found[0]["status"] == "complete":
            yield f"the {endpoint} of {day} are complete and do not name it"
        else:
            reason = f" ({found[0]['reason']})" if found[0]["reason"] else ""
            status = str(found[0]["status"]).replace("_", " ")
            yield f"the {endpoint} of {day} are {status}{reason} and do not name it yet"

    def _issues(self, said: Table, endpoint: str, paths: Sequence[str]) -> Iterator[str]:
        query = (
            "SELECT field, problem, raw_value FROM ra_issues "
            "WHERE endpoint = %s AND row_key = %s AND table_name IN (%s, %s)"
        )
        known = said.part_of or said.name
        key = "/".join(self._key)
        for row in self._database.records(query, endpoint, key, said.name, known):
            if any(str(row["field"]).endswith(path) for path in paths):
                yield f"{row['problem']}: {row['field']} = {row['raw_value']}"

    # What is stored

    def _stored(self, table: Table) -> Record:
        condition = " AND ".join(f"{name} = %s" for name in table.key)
        rows = self._database.records(f"SELECT * FROM {table} WHERE {condition}", *self._key)
        return rows[0] if rows else {}

    def _loaded_at(self) -> dict[Any, datetime]:
        loads = [row["_dlt_load_id"] for row in self._rows.values() if row]
        return {
            row["load_id"]: row["inserted_at"]
            for load in set(loads)
            for row in self._database.records(
                "SELECT load_id, inserted_at FROM _dlt_loads WHERE load_id = %s", load
            )
        }

    @property
    def _day(self) -> date:
        day = self._row.get("race_date") or self._row["date"]
        return date.fromisoformat(str(day))

    # What was sent

    def _newest(self, said: Table) -> _Found | None:
        """Return the newest loaded response that has this row."""
        if self._archive is None or not self._rows[said]:
            return None
        (name,) = said.rows_from
        day = self._rows[said].get("race_date") or self._rows[said].get("date")
        entries = [
            entry
            for endpoint in EDITIONS[ENDPOINTS[name]]
            for entry in self._archive.about(endpoint, date.fromisoformat(str(day)))
        ]
        for entry in sorted(entries, key=lambda entry: entry.time, reverse=True):
            found = self._in(entry)
            if found:
                return found
        return None

    def _in(self, entry: Entry) -> _Found | None:
        assert self._archive
        try:
            answer, _ = self._archive.read(entry)
        except ArchiveError:
            return None  # damaged: an older one may have it
        race_id, *horse_id = self._key
        for page, body in enumerate(answer.bodies, 1):
            for number, race in enumerate(body[answer.endpoint.records], 1):
                if not isinstance(race, dict) or race.get("race_id") != race_id:
                    continue
                if not horse_id:
                    return _Found(self._archive, entry, answer, page, (number, race))
                for place, runner in enumerate(race.get("runners") or (), 1):
                    if isinstance(runner, dict) and runner.get("horse_id") == horse_id[0]:
                        where = (number, race), (place, runner)
                        return _Found(self._archive, entry, answer, page, *where)
        return None


@dataclass(frozen=True)
class _Found:
    """A row in a response."""

    archive: Archive
    entry: Entry
    answer: Answer
    page: int
    race: tuple[int, Record]
    runner: tuple[int, Record] | None = None

    def sent(self, said: Table, column: Column, endpoint: str) -> Sent:
        """Return what it says in the fields of a column."""
        paths = column.origins[endpoint].paths
        return Sent(
            file=f"{self.archive.name}/{self.entry.path}",
            page=self.page,
            race=self.race[0],
            runner=self.runner[0] if self.runner else None,
            fetched_at=self.answer.asked_at,
            fields={path: self._raw(path) for path in paths},
        )

    def _raw(self, path: str) -> Any:
        record, rest = self.race[1], path
        if self.runner and path.startswith("runners[]."):
            record, rest = self.runner[1], path.removeprefix("runners[].")
        *lists, last = rest.split("[].")
        keys = tuple(last.split("."))
        if not lists and keys[0] not in record:
            return ABSENT
        return value_in(record, tuple(lists), keys)


def archive_of(location: str) -> Archive | None:
    """Return the archive of the settings; None if they have none."""
    return Archive(location) if location else None
