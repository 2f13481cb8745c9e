"""The tables from Python, as typed Arrow, polars or pandas: nothing is fetched, nothing is written.

from pipelines.ask import card, connect, history

card("2025-10-13")                                   # Arrow
connect("racing_read.duckdb", "pandas").history("Frankel")
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, overload

import pyarrow as pa

from pipelines.ask import queries
from pipelines.ask.database import NOT_COMPUTED, AskedDatabase
from pipelines.ask.dictionary import FEATURE_TABLES, meanings
from pipelines.clock import day_of
from pipelines.errors import UsageError
from pipelines.parsing.names import without_country
from pipelines.settings import PIPELINE

FrameT = TypeVar("FrameT")
Frame = Literal["arrow", "polars", "pandas"]
FRAMES = ("arrow", "polars", "pandas")
COLUMNS = pa.schema({name: pa.string() for name in ("column", "type", "meaning")})


class Racing(Generic[FrameT]):
    """The tables of one database; every method returns a frame of the kind that was chosen."""

    def __init__(self, database: AskedDatabase, frame: Frame) -> None:
        self.database, self._frame = database, frame

    def card(self, day: date | str | None = None) -> FrameT:
        """Return the card of a day as it was known before the first race; today without a day.

        One row per runner, with the columns of the view today_card.
        """
        return self._framed(queries.card(self._day(day)))

    def runners(self, day: date | str | None = None) -> FrameT:
        """Return the rows of ra_runners of a day, each with the facts of its race."""
        return self._framed(queries.runners(self._day(day)))

    def results(self, day: date | str | None = None) -> FrameT:
        """Return every horse that ran on a day, in finishing order: the rows of the view runs."""
        return self._framed(queries.results(self._day(day)))

    def history(self, horse: str, before: date | str | None = None) -> FrameT:
        """Return the runs of a horse, newest first, each with what was known before it.

        The horse is an id, or a name that only one horse has; raises UsageError otherwise.
        """
        until = as_date(before) if before else date.max
        return self._framed(queries.HISTORY, self.horse_id(horse), until)

    def horse_id(self, horse: str) -> str:
        """Return the id of a horse by its id or name; raises UsageError unless there is one."""
        name = without_country(horse)
        known = self.database.records(queries.HORSES_NAMED, horse, name)
        if len(known) != 1:
            raise UsageError(_not_one(horse, [f"{row['name']} {row['id']}" for row in known]))
        return str(known[0]["id"])

    def table(self, name: str) -> FrameT:
        """Return a whole table or view; raises UsageError for a name that is neither."""
        return self._framed(f'SELECT * FROM "{self._named(name)}"')

    def columns(self, name: str) -> FrameT:
        """Return the columns of a table or view: name, type in a frame, and meaning."""
        table = self.database.arrow(f'SELECT * FROM "{self._named(name)}" LIMIT 0')
        said = meanings(name)
        rows = [
            {"column": field.name, "type": str(field.type), "meaning": said.get(field.name)}
            for field in table.schema
            if not field.name.startswith("_dlt")
        ]
        framed: FrameT = _as(self._frame, pa.Table.from_pylist(rows, COLUMNS))
        return framed

    def sql(self, text: str) -> FrameT:
        """Return the rows of one SELECT; raises UsageError for anything else."""
        return self._framed(text)

    def tables(self) -> list[str]:
        """Return the names of all tables and views."""
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
        names = (row["table_name"] for row in self.database.records(query, PIPELINE))
        return sorted(name for name in names if not name.startswith("_"))

    def latest_day(self) -> date:
        """Return the latest day, up to today in the UK, that has races; raises UsageError."""
        ((day,),) = (row.values() for row in self.database.records(queries.LATEST_DAY))
        if day is None:
            raise UsageError(f"{self.database.place} has no races yet: run `pipeline run` first.")
        return date.fromisoformat(str(day))

    def _named(self, name: str) -> str:
        """Return the name of a table or view; raises UsageError if there is no such one."""
        names = self.tables()
        if name in FEATURE_TABLES and name not in names:
            raise UsageError(NOT_COMPUTED)
        if name not in names:
            raise UsageError(f"Unknown table or view {name!r}: use one of {', '.join(names)}.")
        return name

    def _day(self, day: date | str | None) -> date:
        return as_date(day) if day else self.latest_day()

    def _framed(self, sql: str, *parameters: Any) -> FrameT:
        table: Any = self.database.arrow(sql, *parameters)
        own = [name for name in table.column_names if name.startswith("_dlt")]
        framed: FrameT = _as(self._frame, table.drop_columns(own))
        return framed


@overload
def connect(database: str | Path = "", frame: Literal["arrow"] = "arrow") -> Racing[pa.Table]: ...
@overload
def connect(database: str | Path = "", *, frame: Literal["polars", "pandas"]) -> Racing[Any]: ...
@overload
def connect(database: str | Path, frame: Literal["polars", "pandas"]) -> Racing[Any]: ...
def connect(database: str | Path = "", frame: Frame = "arrow") -> Racing[Any]:
    """Return the tables of a database; raises UsageError if it cannot be found.

    It is a .duckdb file, a postgresql:// address, or the name of a destination whose settings are
    used; without one, the destination of the settings, and its read copy where there is one.
    """
    if frame not in FRAMES:
        raise UsageError(f"Unknown frame {frame!r}: use {', '.join(FRAMES)}.")
    return Racing(AskedDatabase(database), frame)


def card(day: date | str | None = None) -> pa.Table:
    """Return the card of a day as Arrow: see Racing.card."""
    return connect().card(day)


def runners(day: date | str | None = None) -> pa.Table:
    """Return the runners of a day as Arrow: see Racing.runners."""
    return connect().runners(day)


def results(day: date | str | None = None) -> pa.Table:
    """Return the results of a day as Arrow: see Racing.results."""
    return connect().results(day)


def history(horse: str, before: date | str | None = None) -> pa.Table:
    """Return the runs of a horse as Arrow: see Racing.history."""
    return connect().history(horse, before)


def table(name: str) -> pa.Table:
    """Return a table or view as Arrow: see Racing.table."""
    return connect().table(name)


def columns(name: str) -> pa.Table:
    """Return what the columns of a table or view mean as Arrow: see Racing.columns."""
    return connect().columns(name)


def sql(text: str) -> pa.Table:
    """Return the rows of one SELECT as Arrow: see Racing.sql."""
    return connect().sql(text)


def as_date(day: date | str) -> date:
    """Return a day, however it is written; raises UsageError."""
    return day if isinstance(day, date) else day_of(day)


def _not_one(horse: str, known: list[str]) -> str:
    if not known:
        return f"No horse {horse!r} is loaded."
    return f"{len(known)} horses are called {horse!r}; use an id: {', '.join(known[:5])}."


def _as(frame: Frame, table: pa.Table) -> Any:
    if frame == "polars":
        import polars

        return polars.from_arrow(table)
    if frame == "pandas":
        import pandas as pd

        return table.to_pandas(types_mapper=pd.ArrowDtype)
    return table


__all__ = [
    "Racing",
    "card",
    "columns",
    "connect",
    "history",
    "results",
    "runners",
    "sql",
    "table",
]
