"""Parsing a batch of the archive, possibly in another process than the one that loads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast

from pipelines.api.answers import Answer, DayAnswer
from pipelines.api.endpoints import RequestedBy
from pipelines.archive.store import REMEDY, Archive, Entry, Question
from pipelines.errors import ArchiveError
from pipelines.mapping.days import DaysRead, read_days
from pipelines.tables import TABLES


@dataclass
class BatchRead:
    """Responses that were fetched together, read from the archive."""

    answers: list[Answer] = field(default_factory=list)
    asked_on: set[date] = field(default_factory=set)
    """UK days on which the runs that fetched them began."""
    unreadable: dict[Question, str] = field(default_factory=dict)
    """Why others could not be read."""
    days: DaysRead | None = None
    """The parsed days, if the batch is of a dated endpoint."""


@dataclass(frozen=True)
class BatchReader:
    """Reads batches of an archive, for some regions and tables."""

    archive: Archive
    regions: list[str]
    tables: tuple[str, ...]
    loaded: Mapping[Question, datetime]
    """When the loaded data that stays was requested: anything not newer is left out."""
    is_used_now: bool = False
    """Whether the rows are used at once, and need not be compressed."""

    def __call__(self, batch: list[Entry]) -> BatchRead:
        """Read a batch; files that cannot be read are listed."""
        read, endpoint = BatchRead(), batch[0].endpoint
        answers = self._answers(batch, read)
        if endpoint.requested_by is RequestedBy.DAY:
            days = cast(Iterator[DayAnswer], answers)
            tables = frozenset(TABLES[name] for name in self.tables)
            read.days = read_days(
                endpoint, days, self.regions, tables, is_used_now=self.is_used_now
            )
            read.answers += read.days.answers
        else:
            read.answers += answers
        return read

    def _answers(self, batch: list[Entry], read: BatchRead) -> Iterator[Answer]:
        for entry in batch:
            try:
                answer, day = self.archive.read(entry)
            except ArchiveError as error:
                read.unreadable[entry.question] = f"{error} {REMEDY}"
                continue
            at = self.loaded.get(entry.question)
            if at is None or answer.asked_at > at:
                read.asked_on.add(day)
                yield answer
