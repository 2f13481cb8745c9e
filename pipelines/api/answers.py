"""What the API answered for one day: the response as it came, and whether it is all of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from pipelines.endpoints import Endpoint
from pipelines.errors import ApiError, RefusedError

Body = dict[str, Any]


@dataclass
class DayAnswer:
    """Every page of one endpoint for one day that came, and the error that ended the asking."""

    endpoint: Endpoint
    day: date
    bodies: list[Body] = field(default_factory=list)
    error: ApiError | None = None
    doubt: str | None = None
    """Why the pages may not be all there is, whatever their numbers say."""
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def is_failed(self) -> bool:
        """Tell whether nothing came; pages that came before an error are kept."""
        return self.error is not None and not self.bodies

    @property
    def is_refused(self) -> bool:
        """Tell whether the server refuses the day."""
        return self.is_failed and isinstance(self.error, RefusedError)

    @property
    def total(self) -> int | None:
        """Number of records the server says the day has, on the last page that says it."""
        totals = [total_of(body) for body in self.bodies]
        return next((total for total in reversed(totals) if total is not None), None)

    @property
    def records(self) -> list[Any]:
        """Every record as it came, page after page."""
        return [record for body in self.bodies for record in body[self.endpoint.records]]

    @property
    def received(self) -> int:
        """Number of different records received: one repeated on two pages counts once."""
        return count_different(self.records, self.endpoint.identity)

    @property
    def of_other_days(self) -> int:
        """Number of records whose date is another day than the one asked for."""
        return sum(not self._is_of_day(record) for record in self.records)

    def newest_first(self) -> list[Any]:
        """Different records of the day in one order whatever order they came in, latest first."""
        own = [record for record in self.records if self._is_of_day(record)]
        return [record for record, _ in groupby(sorted(own, key=_moment, reverse=True))]

    def misread(self, regions: list[str]) -> str | None:
        """Say how the server understood the question otherwise than it was asked, if it did."""
        wanted = {self.endpoint.region_parameter: set(regions)} | {
            name: {self.day.isoformat()} for name in ("date", "start_date", "end_date")
        }
        for name, values in wanted.items():
            echoed = {value for body in self.bodies for value in _echo(body, name)}
            if echoed and echoed != values:
                return f"the API answered for {name} {', '.join(sorted(echoed))}"
        return None

    def _is_of_day(self, record: Any) -> bool:
        """Tell a record of the day, or without a date that can be read, from one of another day."""
        raw = record.get("date") if isinstance(record, dict) else None
        try:
            return date.fromisoformat(str(raw)) == self.day
        except ValueError:
            return True


def total_of(body: Body) -> int | None:
    """Return the number of records a page says there are, if it says a number."""
    total = body.get("total")
    if not isinstance(total, int) or isinstance(total, bool):
        return None
    return total if 0 <= total < 2**63 else None


def identity_of(record: Any, name: str) -> str | None:
    """Return what tells a record from others, or None if it does not say."""
    value = record.get(name) if isinstance(record, dict) else None
    return repr(value) if value else None


def count_different(records: Iterable[Any], name: str) -> int:
    """Count records by a field; each without it counts."""
    ids = [identity_of(record, name) for record in records]
    return len(set(filter(None, ids))) + ids.count(None)


def _moment(record: Any) -> tuple[str, ...]:
    """Order of records; the content decides between two that claim to be the same race."""
    if not isinstance(record, dict):
        return ("", "", "", repr(record))
    names = ("date", "off_dt", "race_id")
    return (*(str(record.get(name) or "") for name in names), repr(record))


def _echo(body: Body, name: str) -> list[str]:
    pairs = body.get("query")
    pairs = pairs if isinstance(pairs, list) else []
    return [
        str(pair[1])
        for pair in pairs
        if isinstance(pair, list) and pair[:1] == [name] and len(pair) == 2
    ]
