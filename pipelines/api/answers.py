"""What the API answered for one day: the response as it came, and whether it is all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from pipelines.endpoints import Endpoint
from pipelines.errors import ApiError

Body = dict[str, Any]


@dataclass
class DayAnswer:
    """Every page of one endpoint for one day, or the error that ended the asking."""

    endpoint: Endpoint
    day: date
    bodies: list[Body] = field(default_factory=list)
    error: ApiError | None = None
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def total(self) -> int | None:
        """Number of records the server says the day has."""
        totals = [body.get("total") for body in self.bodies]
        return next((total for total in reversed(totals) if isinstance(total, int)), None)

    @property
    def records(self) -> list[Any]:
        """Every record as it came, page after page."""
        return [record for body in self.bodies for record in body[self.endpoint.records]]

    @property
    def received(self) -> int:
        """Number of different records received: one repeated on two pages counts once."""
        identity = self.endpoint.levels[0][1]
        ids = [isinstance(record, dict) and record.get(identity) for record in self.records]
        return len({repr(id_) for id_ in ids if id_}) + sum(not id_ for id_ in ids)

    def newest_first(self) -> list[Any]:
        """Records in one order whatever order they came in: the latest off time first."""
        return sorted(self.records, key=_moment, reverse=True)

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
