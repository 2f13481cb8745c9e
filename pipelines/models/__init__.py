"""Tables made of other tables, each by one SELECT: what is true, by what the endpoints say.

A fact that several report is the card's, or the next one's where the card is blank; a column with
a rule of its own declares it. A race or runner has one card and one result. A person or a horse is
named by many; the most recent one that has a fact decides it. A SELECT makes the rows of some days,
whatever was loaded of them and when: a model follows from what its tables say, and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from pipelines.tables import CARD_RUNNERS, MODELS, RACE_RESULTS, RUNNERS, Column, Table
from pipelines.tables.ddl import filled
from pipelines.tables.model import TEXT

HORSE: Final = "horse"
MONTHS: Final = 3
"""What is filled at once: a quarter has forty thousand runners."""

LAST_LOAD: Final = "(SELECT max(load_id) FROM _dlt_loads WHERE status = 0)"
"""What a row that changes is noted to have changed with: the load of what is said now."""


@dataclass(frozen=True)
class Days:
    """The days whose rows are made again."""

    of_rows: frozenset[date]
    """Days of races, by their card or by their result."""
    of_both: frozenset[date]
    """These, and the days that the other of the two has where a race has moved."""


@dataclass(frozen=True)
class Span:
    """Days whose rows are made for the first time: all that are not before or after it."""

    first: date | None
    end: date | None
    """The day after the last one."""


def columns_of(model: Table) -> tuple[Column, ...]:
    """Columns that the SELECT of a model gives."""
    return tuple(column for column in model.columns if column.origins)


def statements(model: Table, of: Days | str) -> tuple[str, ...]:
    """Return the statements that make some rows again: all of them or none.

    A row that stays what it was is not touched. A key is not set to what it is, for which DuckDB
    would delete the row and insert it again. A person whom nobody names any more stays.
    """
    names = [*(column.name for column in columns_of(model)), "_dlt_load_id"]
    facts = [name for name in names if name not in (*model.key, "_dlt_load_id")]
    same = " AND ".join(f"model.{name} = made.{name}" for name in model.key)
    changed = " OR ".join(f"model.{name} IS DISTINCT FROM made.{name}" for name in facts)
    values = ", ".join(f"{name} = made.{name}" for name in (*facts, "_dlt_load_id"))
    merge = (
        f"MERGE INTO {model} AS model USING ({select(model, of)}) AS made ON {same} "
        f"WHEN MATCHED AND ({changed}) THEN UPDATE SET {values} "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(names)}) "
        f"VALUES ({', '.join(f'made.{name}' for name in names)})"
    )
    return (merge,) if isinstance(of, str) else (_deletion(model, of), merge)


def of_everything(model: Table, days: Iterable[date]) -> Iterator[str]:
    """Yield the statements that fill an empty model from all that its tables say.

    A race or runner has one day, whether its card or its result says it, and may be made together
    with those of some months around these days: ten years then take no more memory than one.
    """
    names = [column.name for column in columns_of(model)]
    if model.named_as:
        yield filled(model, names, select(model, None))
        return
    beginnings = sorted({date(day.year, day.month - (day.month - 1) % MONTHS, 1) for day in days})
    for first, end in pairwise([None, *beginnings[1:], None]):
        yield filled(model, names, select(model, Span(first, end)))


def _deletion(model: Table, days: Days) -> str:
    """Return the statement that deletes what nobody says any more."""
    return f"DELETE FROM {model} WHERE {_is_unsaid(model, days)}"


def missed(model: Table, days: Days) -> str:
    """Return the query for rows that nobody says on these days: where none is, none is deleted.

    It reads only rows of these days, where the deletion compares all of them.
    """
    among = dates(days.of_both)
    return f"SELECT 1 FROM {model} WHERE {_is_unsaid(model, days, among)} LIMIT 1"


def _is_unsaid(model: Table, days: Days, among: str = "") -> str:
    said = (
        f"NOT EXISTS (SELECT 1 FROM {table} AS {side} WHERE "
        + " AND ".join(f"{side}.{name} = {model}.{name}" for name in model.key)
        + (f" AND {side}.{day_of(table)} IN ({among})" if among else "")
        + ")"
        for side, table in MODELS[model].items()
    )
    return f"{day_of(model)} IN ({dates(days.of_rows)}) AND {' AND '.join(said)}"


def select(model: Table, of: Days | Span | str | None) -> str:
    """Return the SELECT that makes the rows of some days, or of those whom a query names.

    None stands for all who are named: a person or a horse.
    """
    columns = ",\n    ".join(
        f"{expression(model, column)} AS {column.name}" for column in columns_of(model)
    )
    chosen = f"SELECT\n    {columns},\n    {LAST_LOAD} AS _dlt_load_id\n"
    if isinstance(of, str) or (of is None and model.named_as):
        named = _named_at_all(model) if of is None else of
        made = _of_named(model, is_all=of is None)
        return f"WITH named ({model.key[0]}) AS ({named})\n{chosen}{made}"
    if isinstance(of, Days):
        return f"{chosen}{_of_days(model, of)}"
    assert isinstance(of, Span)
    return f"{chosen}{_of_span(model, of)}"


def expression(model: Table, column: Column) -> str:
    """Return the SQL of one column: its own rule, or the card first and then the result."""
    if column.rule:
        return column.rule
    if model.named_as and column.name in model.key:
        return f"named.{column.name}"
    # By what each endpoint gives, not by name: a rating before the race is not the one after it.
    values = [
        f"{side}.{column.name}"
        for side, said in MODELS[model].items()
        if column.origins.keys() & said.rows_from.keys()
    ]
    if column.required and column.type == TEXT and column.name not in model.key:
        *others, last = values  # a blank is '' in a column that cannot be NULL
        values = [*(f"nullif({value}, '')" for value in others), last, "''"]
    return f"coalesce({', '.join(values)})" if len(values) > 1 else values[0]


def day_of(table: Table) -> str:
    """Name the column with the day of the race."""
    return "race_date" if "race_date" in table.by_name else "date"


def dates(days: Iterable[date]) -> str:
    """Return days as SQL."""
    return ", ".join(f"DATE '{day}'" for day in sorted(days))


# Races and runners: what card and result of the same one say


def _of_days(model: Table, days: Days) -> str:
    """Return what the rows of some days are selected from."""
    day = day_of(model)
    sql = _of_both(model, *(_said(table, day, days.of_both) for table in MODELS[model].values()))
    if days.of_both == days.of_rows:
        return sql
    wanted = (f"{side}.{day} IN ({dates(days.of_rows)})" for side in MODELS[model])
    return f"{sql}\nWHERE {' OR '.join(wanted)}"


def _of_span(model: Table, span: Span) -> str:
    """Return what the rows of days one after the other are selected from."""
    day = day_of(model)
    ends = (
        *([f"{day} >= DATE '{span.first}'"] if span.first else []),
        *([f"{day} < DATE '{span.end}'"] if span.end else []),
    )
    where = f" WHERE {' AND '.join(ends)}" if ends else ""
    return _of_both(model, *(f"SELECT * FROM {table}{where}" for table in MODELS[model].values()))


def _of_both(model: Table, cards: str, results: str) -> str:
    keys = " AND ".join(f"card.{name} = result.{name}" for name in model.key)
    return f"FROM ({cards}) AS card\nFULL JOIN ({results}) AS result ON {keys}"


def _said(table: Table, day: str, days: Collection[date]) -> str:
    between = f"{day} BETWEEN {dates([min(days)])} AND {dates([max(days)])}"
    return f"SELECT * FROM {table} WHERE {between} AND {day} IN ({dates(days)})"


# People and horses: what the most recent of all cards and results say that name one


def named_on(model: Table, days: Days) -> str:
    """Return the query of those whom cards and results of some days name, or named before.

    Whom they named before, the runners still say: those are made again afterwards.
    """
    return " UNION ".join(
        f"SELECT {model.named_as}_id FROM ({_said(table, 'race_date', days.of_rows)}) AS said"
        for table in (CARD_RUNNERS, RACE_RESULTS, RUNNERS)
    )


def _named_at_all(model: Table) -> str:
    """Return the query of all whom a table names that the model is made of."""
    return " UNION ".join(
        f"SELECT {said.key[0] if len(said.key) == 1 else f'{model.named_as}_id'} FROM {said}"
        for said in MODELS[model].values()
    )


def _of_named(model: Table, *, is_all: bool) -> str:
    """Return what the rows of those who are named are selected from."""
    (key,) = model.key
    sides = "\n".join(
        f"LEFT JOIN ({_side(model, said, is_all=is_all)}) AS {side} ON {side}.{key} = named.{key}"
        for side, said in MODELS[model].items()
    )
    if model.named_as == HORSE:
        somebody = ", ".join(f"{side}.{key}" for side in MODELS[model])
        return f"FROM named\n{sides}\nWHERE coalesce({somebody}) IS NOT NULL"
    return f"FROM named\n{sides}\nWHERE {expression(model, model.by_name['name'])} <> ''"


def _side(model: Table, said: Table, *, is_all: bool) -> str:
    """Return the query of what one table says of those who are named, one row for each.

    Of several races the most recent that has a fact decides it; of two on one day it is always the
    same one. A jockey has thousands of rides, of which that one is looked up; the dozen runs of a
    horse are read once for all that they say of it, and so are all rides for all jockeys.
    """
    (key,) = model.key
    facts = _facts(model, said)
    if len(said.key) == 1:
        columns = ", ".join(f"{column.name} AS {name}" for name, column in facts.items())
        return f"SELECT {said.key[0]} AS {key}, {columns} FROM {said}"
    who = f"{model.named_as}_id"
    if model.named_as == HORSE:
        columns = ", ".join(f"{_newest(column)} AS {name}" for name, column in facts.items())
        return (
            f"SELECT {who} AS {key}, {columns} FROM {said} "
            f"WHERE {who} IN (SELECT {key} FROM named) GROUP BY {who}"
        )
    if is_all:
        columns = ", ".join(
            f"{_latest(column, f'CAST({column.name} AS text)')} AS {name}"
            for name, column in facts.items()
        )
        return f"SELECT {who} AS {key}, {columns} FROM {said} GROUP BY {who}"
    columns = ", ".join(
        f"({_looked_up(said, column, f'{who} = named.{key}')}) AS {name}"
        for name, column in facts.items()
    )
    return f"SELECT {key}, {columns} FROM named"


def names_of(model: Table, said: Table) -> list[str]:
    """Name the columns of a table of runners from which people or horses are made."""
    return sorted({f"{model.named_as}_id", *(fact.name for fact in _facts(model, said).values())})


def _facts(model: Table, said: Table) -> dict[str, Column]:
    """Return the columns of a table that have a model's facts, by the names of the model."""
    facts = {}
    for name in (column.name for column in columns_of(model) if column.name not in model.key):
        own = f"{model.named_as}_{name}"
        if found := said.by_name.get(own) or said.by_name.get(name):
            facts[name] = found
    return facts


def _newest(column: Column) -> str:
    """Return the SQL of the most recent value of a group of runners."""
    value = f"nullif({column.name}, '')" if column.required else f"CAST({column.name} AS text)"
    return _latest(column, value)


def _latest(column: Column, value: str) -> str:
    newest = f'substr(max((CAST(race_date AS text) || {value}) COLLATE "C"), 11)'
    return newest if column.type == TEXT else f"CAST({newest} AS {column.type})"


def _looked_up(said: Table, column: Column, is_it: str) -> str:
    """Return the query of the most recent value of one person."""
    value = f'max({column.name} COLLATE "C")'
    newest = f"SELECT max(race_date) FROM {said} WHERE {is_it} AND {column.name} IS NOT NULL"
    return f"SELECT {value} FROM {said} WHERE {is_it} AND race_date = ({newest})"
