"""Columns that were filled for months and have been empty for a week."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import takewhile
from typing import Final

from pipelines.api.endpoints import DATED, Endpoint
from pipelines.database.reader import Reader
from pipelines.plan.coverage import Coverage, Status
from pipelines.tables import API_TABLES, Column, Kind, Table
from pipelines.tables.model import BOOL, TEXT

WEEK: Final = 7
"""Days with races on which a column has been empty."""
MONTHS: Final = 60
"""Days with races before them."""
FILLED: Final = 0.95
"""Share of those days that had a value: what is given now and then may be missing for a week."""
LATE: Final = timedelta(days=14)
"""How long a late column may stay empty."""
YEAR: Final = timedelta(days=364)
DAYS: Final = ("date", "race_date")
"""Columns that say when a race is."""
LOOK_BACK: Final = YEAR + timedelta(days=70)


def empty_columns(reader: Reader, today: date) -> Iterator[str]:
    """Yield a sentence for each column that has lost its values; raises DestinationError.

    It checks the columns of races and runners, on complete days with races.
    """
    seen: set[tuple[object, ...]] = set()
    for endpoint in DATED:
        days = _complete_days(Coverage(reader, endpoint, today), today - LOOK_BACK)
        if len(days) < WEEK + MONTHS:
            continue
        for table in API_TABLES:
            columns = [
                column
                for column in _columns(table, endpoint)
                if (column.name, column.origins[endpoint.name].paths) not in seen
            ]
            seen |= {(column.name, column.origins[endpoint.name].paths) for column in columns}
            if columns:
                yield from _empty_in(reader, table, columns, days, today)


def _complete_days(coverage: Coverage, first: date) -> list[date]:
    """Return the complete days with races, the oldest first."""
    return sorted(
        day
        for day, status in coverage.statuses.items()
        if day >= first and status is Status.COMPLETE and coverage.loaded[day]
    )


def _columns(table: Table, endpoint: Endpoint) -> list[Column]:
    """Return columns of races or runners that may be empty, and that this endpoint fills first."""
    if table.kind is not Kind.RACE or table.rows_from.get(endpoint.name) not in ("", "runners[]"):
        return []
    return [
        column
        for column in table.columns_from(endpoint.name)
        if column.type != BOOL
        and column.name not in (*table.key, *DAYS)
        and next(other for other in DATED if other.name in column.origins) is endpoint
    ]


def _empty_in(
    reader: Reader, table: Table, columns: Sequence[Column], days: Sequence[date], today: date
) -> Iterator[str]:
    (day,) = (name for name in DAYS if name in table.by_name)
    values = ", ".join(f"count({_value(column)}) AS {column.name}" for column in columns)
    query = f"SELECT {day}, {values} FROM {table} WHERE {day} BETWEEN %s AND %s GROUP BY {day}"
    counts = {row[0]: row[1:] for row in reader.rows(query, days[0], days[-1])}
    for place, column in enumerate(columns):
        newest = today - LATE if column.late else today
        filled = {day: counts[day][place] > 0 for day in days if day in counts and day <= newest}
        since = empty_since(filled)
        if since:
            yield f"{table}.{column.name}: empty since {since}"


def _value(column: Column) -> str:
    """Return the expression that is NULL where a column is empty; a required text may be blank."""
    is_text = column.required and column.type == TEXT
    return f"nullif({column.name}, '')" if is_text else column.name


def empty_since(filled: dict[date, bool]) -> date | None:
    """Return the first empty day of a column that was filled for months; None if there is none.

    The days are those with races, oldest first. A column that was as empty a year ago is seasonal.
    """
    days = list(filled)
    empty = list(takewhile(lambda day: not filled[day], reversed(days)))
    before = days[: len(days) - len(empty)][-MONTHS:]
    if len(empty) < WEEK or len(before) < MONTHS:
        return None
    if sum(filled[day] for day in before) < FILLED * MONTHS:
        return None
    first, last = empty[-1], empty[0]
    year_ago = [filled[day] for day in days if first - YEAR <= day <= last - YEAR]
    return None if year_ago and not any(year_ago) else first
