"""Parsing a batch of the archive again, wherever it is loaded then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast

from pipelines.api.answers import Answer, DayAnswer
from pipelines.api.endpoints import RequestedBy
from pipelines.archive.store import REMEDY, Archive, Entry, Question
from pipelines.errors import ArchiveError
from pipelines.sources.days import DaysRead, read_days
from pipelines.tables import TABLES


@dataclass
class BatchRead:
    """What was asked for together, read from the archive."""

    answers: list[Answer] = field(default_factory=list)
    asked_on: set[date] = field(default_factory=set)
    """UK days on which the runs began that asked for them."""
    unreadable: dict[Question, str] = field(default_factory=dict)
    """Why others could not be read."""
    days: DaysRead | None = None
    """What the answers say, where they are about days."""


@dataclass(frozen=True)
class BatchReader:
    """Reads batches: from which archive, and for which regions and tables."""

    archive: Archive
    regions: list[str]
    tables: tuple[str, ...]
    loaded: Mapping[Question, datetime]
    """When the API was asked for what is loaded, and stays: what is not newer is left out."""

    def __call__(self, batch: list[Entry]) -> BatchRead:
        """Read what can be read of a batch."""
        read, endpoint = BatchRead(), batch[0].endpoint
        answers = self._answers(batch, read)
        if endpoint.requested_by is RequestedBy.DAY:
            days = cast(Iterator[DayAnswer], answers)
            tables = frozenset(TABLES[name] for name in self.tables)
            read.days = read_days(endpoint, days, self.regions, tables)
            read.answers += read.days.answers
        else:
            read.answers += answers
        return read

    def _answers(self, batch: list[Entry], read: BatchRead) -> Iterator[Answer]:
        for entry in batch:
            try:
                is_used_now = entry.endpoint.requested_by is RequestedBy.DAY
                answer, day = self.archive.read(entry, is_used_now=is_used_now)
            except ArchiveError as error:
                read.unreadable[entry.question] = f"{error} {REMEDY}"
                continue
            at = self.loaded.get(entry.question)
            if at is None or answer.asked_at > at:
                read.asked_on.add(day)
                yield answer
