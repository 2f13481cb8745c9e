"""The API's response to one request: its unmodified pages, and whether they are complete.

A page is kept compressed and unmodified, and parsed again when its content is needed: a month of
cards takes 5 MB this way, and many times that as Python objects.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, Final, cast

from pipelines.api.bodies import read
from pipelines.api.endpoints import BETWEEN_IDS, RESULTS, SURE_DAYS, Endpoint, RequestedBy
from pipelines.errors import ApiError, RefusedError
from pipelines.system.compression import compress, decompress

Body = dict[str, Any]

SETTLED_AFTER: Final = timedelta(days=14)
"""A day does not change any more: late ratings and prices are there."""
SURE: Final = timedelta(days=SURE_DAYS)


@dataclass(frozen=True)
class Outline:
    """What must be known about a page while others are being fetched."""

    total: int | None
    identities: list[str | None]
    days: list[date | None]
    query: Any
    names: frozenset[str]
    """Fields beside the records."""


class Page:
    """One unmodified response."""

    def __init__(self, endpoint: Endpoint, content: bytes, body: Body | None = None) -> None:
        """Take a response, and its body if that has been parsed already.

        If it has not, it will be soon: the response stays as it is until then.
        """
        self.digest = hashlib.sha256(content).digest()
        self._endpoint = endpoint
        self._compressed = compress(content)
        self._content = content if body is None else None
        self._outline = None if body is None else _outline_of(endpoint, body)

    @property
    def content(self) -> bytes:
        """The unmodified response."""
        content, self._content = self._content, None
        return decompress(self._compressed) if content is None else content

    @property
    def body(self) -> Body:
        """The parsed response, parsed again each time."""
        return cast(Body, read(self.content))

    @property
    def outline(self) -> Outline:
        """What must be known about it; it is parsed unless that has been noted."""
        if self._outline is None:
            self._outline = _outline_of(self._endpoint, self.body)
        return self._outline

    def note(self, body: Body) -> None:
        """Note its outline from a part of its body, with each record's identity and date."""
        self._outline = _outline_of(self._endpoint, body)


@dataclass
class Answer:
    """The pages of one request, and the error that ended it, if any."""

    endpoint: Endpoint
    about: date | str
    """What was requested: a UK day, the id of a record, or regions such as gb-ire."""
    pages: list[Page] = field(default_factory=list)
    error: ApiError | None = None
    doubt: str | None = None
    """Why something may be missing, even if the numbers agree."""
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def bodies(self) -> Iterator[Body]:
        """The parsed pages, one after the other."""
        return (page.body for page in self.pages)

    @property
    def records(self) -> list[Any]:
        """Every unmodified record, page after page."""
        return [record for body in self.bodies for record in body[self.endpoint.records]]

    @property
    def total(self) -> int | None:
        """Number of records the server says there are, on the last page that says it."""
        totals = [page.outline.total for page in self.pages]
        return next((total for total in reversed(totals) if total is not None), None)

    @property
    def digest(self) -> bytes:
        """Digest of everything received."""
        return hashlib.sha256(b"".join(page.digest for page in self.pages)).digest()

    @property
    def received(self) -> int:
        """Number of different records received: one repeated on two pages counts once."""
        return count_different(
            identity for page in self.pages for identity in page.outline.identities
        )

    @property
    def is_whole(self) -> bool:
        """Return whether every record that the server says it has is certainly there."""
        return not self.error and not self.doubt and self.received == self.total

    @property
    def is_certain(self) -> bool:
        """Return whether it can be used although the run that fetched it crashed."""
        return self.is_whole and self.received > 0

    @property
    def is_worth_keeping(self) -> bool:
        """Return whether there is anything to save."""
        return bool(self.pages)

    @property
    def is_of_its_question(self) -> bool:
        """Return whether its content belongs to what was requested."""
        return True

    def is_as_good_as_new(self, today: date) -> bool:
        """Return whether a new request on a UK day would bring the same."""
        return datetime.now(UTC) - self.asked_at < self.endpoint.good_for


class ListAnswer(Answer):
    """The whole list of an endpoint, for some regions."""

    @property
    def received(self) -> int:
        """Number of different records; one without an id is none."""
        ids = {identity for page in self.pages for identity in page.outline.identities}
        return len(ids - {None})


class DayAnswer(Answer):
    """What one endpoint has for one UK day."""

    @property
    def day(self) -> date:
        """The UK day requested."""
        assert isinstance(self.about, date)
        return self.about

    @property
    def is_failed(self) -> bool:
        """Return whether no page arrived; pages that arrived before an error are kept."""
        return self.error is not None and not self.pages

    @property
    def is_empty(self) -> bool:
        """Return whether the server says that the day has no race."""
        return self.error is None and not self.received and not self.total

    @property
    def is_refused(self) -> bool:
        """Return whether the server refuses the day."""
        return self.is_failed and isinstance(self.error, RefusedError)

    @property
    def of_other_days(self) -> int:
        """Number of records with another date than the one requested."""
        return sum(day not in (None, self.day) for page in self.pages for day in page.outline.days)

    @property
    def is_of_its_question(self) -> bool:
        """Return whether any record has this date, or none has a date; others may be there too."""
        days = {day for page in self.pages for day in page.outline.days if day}
        return not days or self.day in days

    def is_as_good_as_new(self, today: date) -> bool:
        """Return whether it is complete, and either new or about a day that no longer changes."""
        is_settled = self.asked_at.date() - self.day >= SETTLED_AFTER
        may_be_beyond = self.endpoint is RESULTS and self.day < today - SURE
        is_sure = self.is_whole and (self.received > 0 or not may_be_beyond)
        return is_sure and (is_settled or super().is_as_good_as_new(today))

    def newest_first(self) -> list[Any]:
        """The day's distinct records, latest first, whatever order they arrived in."""
        records = self.records
        own = [records[place] for place in self.places_newest_first(records)]
        return [record for _, same in groupby(own, _moment) for record in _different(list(same))]

    def places_newest_first(self, records: Sequence[Any]) -> list[int]:
        """Return the places of the day's records, latest first."""
        own = [n for n, record in enumerate(records) if _day_of(record) in (None, self.day)]
        return sorted(own, key=lambda place: _moment(records[place]), reverse=True)

    def misread(self, regions: list[str]) -> str | None:
        """Say how the server misunderstood the request, if it did."""
        wanted = {self.endpoint.region_parameter: set(regions)} | {
            name: {self.day.isoformat()} for name in ("date", "start_date", "end_date")
        }
        for name, values in wanted.items():
            echoed = {value for page in self.pages for value in _echo(page.outline.query, name)}
            if echoed and echoed != values:
                return f"the API answered for {name} {', '.join(sorted(echoed))}"
        return None


class RecordAnswer(Answer):
    """One record, requested by its id; without a page if there is no such record."""

    @property
    def id(self) -> str:
        """The id requested."""
        return str(self.about)

    @property
    def record(self) -> Body | None:
        """The unmodified record, if there is one."""
        return next(self.bodies, None)

    @property
    def is_whole(self) -> bool:
        """Always: a record is there, or it does not exist."""
        return True

    @property
    def is_certain(self) -> bool:
        """Always: nothing could be missing from it."""
        return True

    @property
    def is_worth_keeping(self) -> bool:
        """Always: that a record does not exist is worth saving too."""
        return True

    @property
    def is_of_its_question(self) -> bool:
        """Return whether it is the record with this id."""
        return all(page.outline.identities == [repr(self.about)] for page in self.pages)


ANSWERS: Final = {
    RequestedBy.NOTHING: ListAnswer,
    RequestedBy.DAY: DayAnswer,
    RequestedBy.ID: RecordAnswer,
}
"""The type of an endpoint's responses, by what it is requested by."""


def _outline_of(endpoint: Endpoint, body: Body) -> Outline:
    records = body[endpoint.records] if endpoint.records else [body]
    return Outline(
        total=total_of(body),
        identities=[identity_of(record, endpoint.identity) for record in records],
        days=[_day_of(record) for record in records],
        query=body.get("query"),
        names=frozenset(body),
    )


def total_of(body: Body) -> int | None:
    """Return the number of records a page says there are, if it says a number."""
    total = body.get("total")
    if not isinstance(total, int) or isinstance(total, bool):
        return None
    return total if 0 <= total < 2**63 else None


def identity_of(record: Any, names: tuple[str, ...]) -> str | None:
    """Return what identifies a record, or None if that is missing."""
    values = [record.get(name) for name in names] if isinstance(record, dict) else [None]
    if not all(values):
        return None
    return repr(values[0] if len(values) == 1 else BETWEEN_IDS.join(map(str, values)))


def count_different(identities: Iterable[str | None]) -> int:
    """Count distinct records; each one without an id counts."""
    ids = list(identities)
    return len(set(filter(None, ids))) + ids.count(None)


def _different(records: list[Any]) -> list[Any]:
    """Return different records that claim to be the same race, in an order that they decide."""
    if len(records) == 1:
        return records
    by_content = {repr(record): record for record in records}
    return [by_content[content] for content in sorted(by_content, reverse=True)]


def _day_of(record: Any) -> date | None:
    """Return the day a record says it is of; None if that cannot be read."""
    raw = record.get("date") if isinstance(record, dict) else None
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        return None


def _moment(record: Any) -> tuple[str, ...]:
    """Order of records: the latest off time first."""
    if not isinstance(record, dict):
        return ("", "", "")
    return tuple(str(record.get(name) or "") for name in ("date", "off_dt", "race_id"))


def _echo(query: Any, name: str) -> list[str]:
    pairs = query if isinstance(query, list) else []
    return [
        str(pair[1])
        for pair in pairs
        if isinstance(pair, list) and pair[:1] == [name] and len(pair) == 2
    ]
