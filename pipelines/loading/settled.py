"""What a process knows to be loaded: rows that are as they were last time need not be loaded again.

A race day loads the same two days every few minutes, and mostly only prices have changed. This
holds as long as nobody else loads anything; reopening the database clears it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date
from typing import Final

import pyarrow as pa

from pipelines.api.endpoints import RACECARDS, RESULTS, Endpoint
from pipelines.mapping.chunk import Chunk
from pipelines.models import names_of
from pipelines.tables import COVERAGE, MODELS, RACE_RESULTS, Table, tables_from

MODELLED: Final = frozenset(table for sources in MODELS.values() for table in sources.values())
"""Tables that models are made from."""

Digests = dict[tuple[Endpoint, date], dict[Table, bytes]]


class Settled:
    """Digests of the rows that were loaded of each day, with all that follows from them."""

    def __init__(self) -> None:
        self._known: Digests = {}
        self._ran: dict[date, set[tuple[str, ...]]] = {}
        """By day the runners whom its results name."""

    def take(self, chunk: Chunk, tables: Collection[Table]) -> tuple[set[Table], Digests]:
        """Return the tables whose rows differ from what is loaded, and the digests to note.

        The models that follow from them are among these: another jockey makes no other horse.
        Until the digests are noted, nothing is known of the days.
        """
        now: Digests = {(chunk.endpoint, day): {} for day in chunk.days}
        loaded = {*tables_from(chunk.endpoint), COVERAGE}.intersection(tables)
        for table in loaded:
            for day, digest in _digests(chunk, table).items():
                now[chunk.endpoint, day][table] = digest
        for model, said in MODELS.items():
            for table in loaded.intersection(said.values()):
                names = names_of(model, table) if model.named_as else ()
                for day, digest in _digests(chunk, table, names).items():
                    now[chunk.endpoint, day][model] = digest
        before = {question: self._known.pop(question, {}) for question in now}
        if chunk.endpoint is RESULTS:
            self._forget_cards_without(chunk)
        changed = {
            table
            for question, digests in now.items()
            for table, digest in digests.items()
            if before[question].get(table) != digest
        }
        return changed, now

    def note(self, digests: Digests) -> None:
        """Note that all of it is loaded."""
        self._known.update(digests)

    def _forget_cards_without(self, chunk: Chunk) -> None:
        """Let cards be loaded again if results do not name a runner any more.

        A horse that has run stays when it leaves the card; one that has not after all does not.
        """
        for day, rows in chunk.rows_by_day(RACE_RESULTS).items():
            ran = set(zip(*(rows[name].to_pylist() for name in RACE_RESULTS.key), strict=True))
            if not self._ran.get(day, {()}) <= ran:
                self._known.pop((RACECARDS, day), None)
            self._ran[day] = ran


def _digests(chunk: Chunk, table: Table, names: Collection[str] = ()) -> dict[date, bytes]:
    """Return for each day a digest of what is to be stored, in all columns or in some.

    It also covers which rows are to be deleted.
    """
    if table is COVERAGE:
        notes = {row["date"]: (row["status"], row["reason"], row["loaded"]) for row in chunk.noted}
        return {day: repr(notes.get(day)).encode() for day in chunk.days}
    absence, found = chunk.absence, {}
    for day, rows in chunk.rows_by_day(table).items():
        is_deleted = repr((day in absence.doubtful, day in absence.whole)).encode()
        chosen = rows.select([*names]) if names else rows
        found[day] = hashlib.sha256(is_deleted + _bytes_of(chosen)).digest()
    return found


def _bytes_of(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows.combine_chunks())
    return bytes(sink.getvalue())
