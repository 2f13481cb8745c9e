"""Where a value comes from: the rule, the source table, the saved response and the field in it.

For a missing value it says why: no response, a blank field, an unreadable value, a late one. A race
or runner has one card and one result. A person or horse has many: the most recent that has a value
decides it, or else the most recent shows that it is blank.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from pipelines.archive.store import Archive
from pipelines.ask.database import AskedDatabase
from pipelines.ask.sent import ABSENT, Found, Responses, Sent
from pipelines.errors import UsageError
from pipelines.models import expression
from pipelines.parsing import Unreadable
from pipelines.tables import (
    CARD_RACES,
    CARD_RUNNERS,
    HORSE_PROFILES,
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
    for table in (
        *(RUNNERS, RACES),
        *(model for model in MODELS if model.named_as),
        *(CARD_RUNNERS, CARD_RACES, RACE_RESULTS, RESULT_RACES, HORSE_PROFILES),
    )
}
"""Tables whose values come from cards, results and profiles."""


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
        self._database, self._table, self._key = database, table, key
        self._responses = Responses(archive)
        self._said = MODELS.get(table) or {"": table}
        self._row = self._stored(table)
        if not self._row:
            raise UsageError(f"{table} has no row {' / '.join(key)}.")
        self._rows = {
            said: self._stored(said)
            for said in self._said.values()
            if len(said.key) == len(table.key)
        }
        self._loads: dict[str, datetime | None] = {}

    def explanations(self, wanted: str) -> Iterator[Explanation]:
        for column in self._table.columns:
            if wanted in ("", column.name):
                yield self._explained(column)

    def _explained(self, column: Column) -> Explanation:
        sources = [
            self._source(said, named)
            for said in self._said.values()
            if (named := self._column_of(said, column))
        ]
        value = self._row.get(column.name)
        with_value = [one.table for one in sources if one.value not in (None, "")]
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

    def _column_of(self, said: Table, column: Column) -> Column | None:
        """Return the column of a source table that has the fact of a column, if it has one."""
        if column.origins.keys().isdisjoint(said.rows_from):
            return None
        named_as = self._table.named_as
        if named_as and column.name in self._table.key:
            return said.by_name[f"{named_as}_id" if len(said.key) > 1 else said.key[0]]
        return said.by_name.get(f"{named_as}_{column.name}") or said.by_name.get(column.name)

    def _rule(self, column: Column, sources: list[Source]) -> str:
        if column.set_by:
            return column.set_by
        if column.rule:
            return f"by its own rule: {expression(self._table, column)}"
        if self._table.named_as and self._table in MODELS:
            tables = {source.table for source in sources}
            sides = (side for side, said in self._said.items() if said.name in tables)
            most_recent = ", else ".join(f"the most recent {side}" for side in sides)
            return f"what {most_recent} that has a value says"
        if len(sources) > 1:
            return "what the card says or, where the card is blank, what the result says"
        return f"what {sources[0].table} says" if sources else "no response has it"

    def _source(self, said: Table, column: Column) -> Source:
        row = self._rows[said] if said in self._rows else self._deciding(said, column)
        found = self._found(said, row)
        endpoints = [name for name in said.rows_from if name in column.origins]
        endpoint = found.endpoint.best.name if found else endpoints[0]
        if found and found.endpoint.name in endpoints:
            endpoint = found.endpoint.name
        has_field = endpoint in column.origins
        sent = found.sent(column, endpoint) if found and has_field else None
        value = row.get(column.name)
        notes = []
        if value in (None, ""):
            notes = [*self._reasons(said, column, row, endpoint, sent)] if has_field else []
        return Source(said.name, endpoint, bool(row), value, self._loaded_at(row), sent, notes)

    def _reasons(
        self, said: Table, column: Column, row: Record, endpoint: str, sent: Sent | None
    ) -> Iterator[str]:
        """Yield why a source table has no value, the most telling first."""
        if not row:
            yield from self._without_row(said, endpoint)
            return
        if said not in self._rows:
            yield f"no row of {said} that names it has a value; this is the most recent"
        origin = column.origins[endpoint]
        yield from self._issues(said, row, endpoint, origin.paths)
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
        elif self._responses.archive:
            yield "the archive has no response with this row"
        if column.late:
            yield "it arrives up to two weeks after the race"

    def _without_row(self, said: Table, endpoint: str) -> Iterator[str]:
        if len(said.key) == 1 and said is HORSE_PROFILES:
            yield "its profile has not been requested"
            return
        if said not in self._rows:
            yield f"no row of {said} names it"
            return
        query = "SELECT status, reason FROM ra_coverage WHERE endpoint = %s AND date = %s"
        day = date.fromisoformat(str(_day_of(self._row)))
        found = self._database.records(query, endpoint, day)
        if not found:
            yield f"no {endpoint} of {day} have been requested"
        elif found[0]["status"] == "complete":
            yield f"the {endpoint} of {day} are complete and do not name it"
        else:
            reason = f" ({found[0]['reason']})" if found[0]["reason"] else ""
            status = str(found[0]["status"]).replace("_", " ")
            yield f"the {endpoint} of {day} are {status}{reason} and do not name it yet"

    def _issues(
        self, said: Table, row: Record, endpoint: str, paths: Sequence[str]
    ) -> Iterator[str]:
        query = (
            "SELECT field, problem, raw_value FROM ra_issues "
            "WHERE endpoint = %s AND row_key = %s AND table_name IN (%s, %s)"
        )
        known = said.part_of or said.name
        key = "/".join(_key_of(said, row))
        for issue in self._database.records(query, endpoint, key, said.name, known):
            if any(str(issue["field"]).endswith(path) for path in paths):
                yield f"{issue['problem']}: {issue['field']} = {issue['raw_value']}"

    # What is stored

    def _stored(self, table: Table) -> Record:
        condition = " AND ".join(f"{name} = %s" for name in table.key)
        rows = self._database.records(f"SELECT * FROM {table} WHERE {condition}", *self._key)
        return rows[0] if rows else {}

    def _deciding(self, said: Table, column: Column) -> Record:
        """Return the most recent row that names it and has a value, else the most recent one.

        Of two on one day it is the one that the model takes.
        """
        value = f"CAST({column.name} AS text)"
        rows = self._database.records(
            f"SELECT * FROM {said} WHERE {self._table.named_as}_id = %s "
            f"ORDER BY CASE WHEN {value} <> '' THEN 0 ELSE 1 END, race_date DESC, "
            f'{value} COLLATE "C" DESC, race_id LIMIT 1',
            *self._key,
        )
        return rows[0] if rows else {}

    def _loaded_at(self, row: Record) -> datetime | None:
        load = row.get("_dlt_load_id")
        if load and load not in self._loads:
            query = "SELECT inserted_at FROM _dlt_loads WHERE load_id = %s"
            rows = self._database.records(query, load)
            self._loads[load] = rows[0]["inserted_at"] if rows else None
        return self._loads[load] if load else None

    def _found(self, said: Table, row: Record) -> Found | None:
        """Return the newest saved response that has a row of a source table."""
        if not row:
            return None
        name, key = next(iter(said.rows_from)), _key_of(said, row)
        day = _day_of(row)
        about = date.fromisoformat(str(day)) if day else key[0]
        return self._responses.newest(name, about, key)


def _key_of(said: Table, row: Record) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in said.key)


def _day_of(row: Record) -> Any:
    return row.get("race_date") or row.get("date")


def archive_of(location: str) -> Archive | None:
    """Return the archive of the settings; None if they have none."""
    return Archive(location) if location else None
