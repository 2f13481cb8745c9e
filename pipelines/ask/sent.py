"""What a saved response says of a row, and where it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from pipelines.api.answers import Answer
from pipelines.api.endpoints import EDITIONS, ENDPOINTS, Endpoint
from pipelines.archive.store import Archive, Entry
from pipelines.errors import ArchiveError
from pipelines.mapping.levels import value_in
from pipelines.tables import Column

Record = dict[str, Any]
ABSENT: Final = "(not in the response)"


@dataclass(frozen=True)
class Sent:
    """What a response says in one field, and where it is kept."""

    file: str
    page: int
    race: int | None
    """Number of the race on the page; None in a profile, which is a page by itself."""
    runner: int | None
    fetched_at: datetime
    fields: dict[str, Any]
    """The value of each field that is read for the column, as sent."""

    @property
    def place(self) -> str:
        """File, page and entry, in words."""
        race = f", page {self.page}, race {self.race}" if self.race else ""
        return f"{self.file}{race}{f', runner {self.runner}' if self.runner else ''}"


@dataclass(frozen=True)
class Found:
    """A row in a response."""

    archive: Archive
    entry: Entry
    answer: Answer
    page: int
    record: Record
    race: int | None = None
    runner: int | None = None
    entry_of_runner: Record | None = None

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint or edition that was requested."""
        return self.entry.endpoint

    def sent(self, column: Column, endpoint: str) -> Sent:
        """Return what it says in the fields of a column."""
        return Sent(
            file=f"{self.archive.name}/{self.entry.path}",
            page=self.page,
            race=self.race,
            runner=self.runner,
            fetched_at=self.answer.asked_at,
            fields={path: self._raw(path) for path in column.origins[endpoint].paths},
        )

    def _raw(self, path: str) -> Any:
        record, rest = self.record, path
        if self.entry_of_runner is not None and path.startswith("runners[]."):
            record, rest = self.entry_of_runner, path.removeprefix("runners[].")
        *lists, last = rest.split("[].")
        keys = tuple(last.split("."))
        if not lists and keys[0] not in record:
            return ABSENT
        return value_in(record, tuple(lists), keys)


class Responses:
    """The saved responses, newest first; without an archive there are none."""

    def __init__(self, archive: Archive | None) -> None:
        self.archive = archive
        self.newest = cache(self._newest)

    def _newest(self, name: str, about: date | str, key: Sequence[str]) -> Found | None:
        """Return the newest loaded response of an endpoint that has a row."""
        if self.archive is None:
            return None
        editions = EDITIONS.get(ENDPOINTS[name], (ENDPOINTS[name],))
        entries = (entry for one in editions for entry in self.archive.about(one, about))
        for entry in sorted(entries, key=lambda entry: entry.time, reverse=True):
            found = next(self._in(entry, key), None)
            if found:
                return found
        return None

    def _in(self, entry: Entry, key: Sequence[str]) -> Iterator[Found]:
        assert self.archive
        try:
            answer, _ = self.archive.read(entry)
        except ArchiveError:
            return  # damaged: an older one may have it
        id, *horse_id = key
        for page, body in enumerate(answer.bodies, 1):
            if not answer.endpoint.records:
                yield Found(self.archive, entry, answer, page, body)
                continue
            for number, race in enumerate(body[answer.endpoint.records], 1):
                if not isinstance(race, dict) or race.get("race_id") != id:
                    continue
                if not horse_id:
                    yield Found(self.archive, entry, answer, page, race, number)
                for place, runner in enumerate(race.get("runners") or (), 1):
                    if isinstance(runner, dict) and [runner.get("horse_id")] == horse_id:
                        where = (number, place, runner)
                        yield Found(self.archive, entry, answer, page, race, *where)
