"""Tables made of other tables, each by one SELECT: what is true, by what card and result say.

A fact that both report is the card's, or the result's where the card is blank; a column with a rule
of its own declares it. A SELECT makes the rows of some days, whatever was loaded of them and when,
so that a model follows from what its tables say and from nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from pipelines.tables import MODELS, Column, Table
from pipelines.tables.model import TEXT

LAST_LOAD: Final = "(SELECT max(load_id) FROM _dlt_loads WHERE status = 0)"
"""What a row that changes is noted to have changed with: the load of what is said now."""


@dataclass(frozen=True)
class Days:
    """The days whose rows are made again."""

    of_rows: frozenset[date]
    """Days of races, by their card or by their result."""
    of_both: frozenset[date]
    """These, and the days that the other of the two has where a race has moved."""


def columns_of(model: Table) -> tuple[Column, ...]:
    """Columns that the SELECT of a model gives."""
    return tuple(column for column in model.columns if column.origins)


def statements(model: Table, days: Days) -> tuple[str, str]:
    """Return the statements that make the rows of some days again: all of them or none.

    A row that stays what it was is not touched. A key is not set to what it is, for which DuckDB
    would delete the row and insert it again.
    """
    names = [*(column.name for column in columns_of(model)), "_dlt_load_id"]
    facts = [name for name in names if name not in (*model.key, "_dlt_load_id")]
    same = " AND ".join(f"model.{name} = made.{name}" for name in model.key)
    changed = " OR ".join(f"model.{name} IS DISTINCT FROM made.{name}" for name in facts)
    values = ", ".join(f"{name} = made.{name}" for name in (*facts, "_dlt_load_id"))
    merge = (
        f"MERGE INTO {model} AS model USING ({select(model, days)}) AS made ON {same} "
        f"WHEN MATCHED AND ({changed}) THEN UPDATE SET {values} "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(names)}) "
        f"VALUES ({', '.join(f'made.{name}' for name in names)})"
    )
    return _deletion(model, days), merge


def _deletion(model: Table, days: Days) -> str:
    """Return the statement that deletes what nobody says any more."""
    said = (
        f"NOT EXISTS (SELECT 1 FROM {table} AS {side} WHERE "
        + " AND ".join(f"{side}.{name} = {model}.{name}" for name in model.key)
        + ")"
        for side, table in MODELS[model].items()
    )
    return (
        f"DELETE FROM {model} WHERE {day_of(model)} IN ({dates(days.of_rows)}) "
        f"AND {' AND '.join(said)}"
    )


def select(model: Table, days: Days) -> str:
    """Return the SELECT that makes the rows of a model for some days."""
    card, result = MODELS[model].values()
    columns = ",\n    ".join(
        f"{expression(model, column)} AS {column.name}" for column in columns_of(model)
    )
    day = day_of(model)
    keys = " AND ".join(f"card.{name} = result.{name}" for name in model.key)
    sql = (
        f"SELECT\n    {columns},\n    {LAST_LOAD} AS _dlt_load_id\n"
        f"FROM ({_said(card, day, days.of_both)}) AS card\n"
        f"FULL JOIN ({_said(result, day, days.of_both)}) AS result ON {keys}"
    )
    if days.of_both == days.of_rows:
        return sql
    wanted = (f"{side}.{day} IN ({dates(days.of_rows)})" for side in MODELS[model])
    return f"{sql}\nWHERE {' OR '.join(wanted)}"


def expression(model: Table, column: Column) -> str:
    """Return the SQL of one column: its own rule, or the card first and then the result."""
    if column.rule:
        return column.rule
    # By what each endpoint gives, not by name: a rating before the race is not the one after it.
    values = [
        f"{side}.{column.name}"
        for side, said in MODELS[model].items()
        if column.origins.keys() & said.rows_from.keys()
    ]
    if column.required and column.type == TEXT and column.name not in model.key:
        values[0] = f"nullif({values[0]}, '')"  # what is blank is '' where it must not be NULL
        values.append("''")
    return f"coalesce({', '.join(values)})" if len(values) > 1 else values[0]


def day_of(table: Table) -> str:
    """Name the column with the day of the race."""
    return "race_date" if "race_date" in table.by_name else "date"


def dates(days: Iterable[date]) -> str:
    """Return days as SQL."""
    return ", ".join(f"DATE '{day}'" for day in sorted(days))


def _said(table: Table, day: str, days: Collection[date]) -> str:
    between = f"{day} BETWEEN {dates([min(days)])} AND {dates([max(days)])}"
    return f"SELECT * FROM {table} WHERE {between} AND {day} IN ({dates(days)})"
