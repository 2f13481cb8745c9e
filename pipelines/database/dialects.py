"""Our SQL in the words of other databases, translated by sqlglot from the one text.

It is written once, as both Postgres and DuckDB understand it. What sqlglot leaves as it is although
others lack it, is put in simpler terms first.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel
from sqlglot.transforms import eliminate_window_clause

from pipelines.tables import TABLES
from pipelines.tables.model import DATE

SOURCE: Final = "postgres"
DAYS: Final = frozenset(
    column.name for table in TABLES.values() for column in table.columns if column.type == DATE
)
"""Columns that hold a day."""
ONE_VALUE: Final = (exp.Count, exp.Sum, exp.Min, exp.Max, exp.Avg)
"""Aggregates that take a blank for nothing."""

WITHOUT_NULLS_LAST: Final = frozenset({"bigquery"})
"""Dialects whose windows put blanks first, with no word for the opposite."""


def translated(sql: str, dialect: str) -> str:
    """Return one statement in another dialect; %s stays what it is.

    Raises SqlglotError if it cannot be said there.
    """
    tree = _in_simpler_terms(sql)
    if dialect in WITHOUT_NULLS_LAST:
        tree = tree.transform(_blanks_last)
    return str(tree.sql(dialect=dialect, unsupported_level=ErrorLevel.RAISE))


@lru_cache(maxsize=256)
def _in_simpler_terms(sql: str) -> Any:
    """Return the statement's tree, which serves every dialect; nobody changes it."""
    tree: Any = sqlglot.parse_one(sql, read=SOURCE)
    for select in tree.find_all(exp.Select):
        for join in select.args.get("joins", []):
            if isinstance(join.this, exp.Lateral):
                join.replace(_grouped(select.args["from_"].this, join.this))
    return tree.transform(_simpler)


def _simpler(node: Any) -> Any:
    match node:
        case exp.Placeholder():
            return exp.Var(this="%s")
        case exp.Select():
            return eliminate_window_clause(node)
        case exp.Filter(this=exp.AggFunc() as aggregate) if isinstance(aggregate, ONE_VALUE):
            return _where(aggregate, node.expression.this)
        case exp.Sub() if _is_day(node.this) and _is_day(node.expression):
            return exp.DateDiff(
                this=node.this.transform(_simpler),
                expression=node.expression.transform(_simpler),
                unit=exp.Var(this="DAY"),
            )
        case exp.Table(this=exp.ExplodingGenerateSeries() as series):
            return _rows_of(series, node.args["alias"])
        case exp.RegexpReplace() if node.args.get("modifiers"):
            # Others replace every match without being told to.
            return exp.RegexpReplace(
                this=node.this.transform(_simpler),
                expression=node.expression,
                replacement=node.args["replacement"],
            )
        case exp.Div():
            # As DuckDB divides: others would cut off a fraction after a few digits.
            double = exp.cast(node.this.transform(_simpler), "double")
            return exp.Div(this=double, expression=node.expression.transform(_simpler))
        case (
            exp.EQ(expression=exp.Any(this=exp.Paren(this=exp.StringToArray() as texts)))
            | exp.EQ(expression=exp.Any(this=exp.StringToArray() as texts))
        ):
            parts = exp.Split(this=texts.this, expression=texts.expression)
            return exp.ArrayContains(this=parts, expression=node.this).transform(_simpler)
    return node


def _grouped(table: exp.Table, lateral: exp.Lateral) -> exp.Join:
    """Return what a LATERAL counts for each row of a table, counted by the table's key instead.

    A row of which it counts nothing is lost, so that has to be one the query leaves out anyway.
    """
    counts: Any = lateral.this.this
    row, key = table.alias_or_name, TABLES[table.name].key
    own = [exp.column(name, table=row) for name in key]
    by_key = (
        exp.select(*own, *counts.expressions)
        .from_(table.copy())
        .join(counts.args["from_"].this.copy(), on=counts.args["where"].this.copy())
        .group_by(*own)
    )
    same = [exp.column(name, table=lateral.alias).eq(exp.column(name, table=row)) for name in key]
    return exp.Join(this=by_key.subquery(lateral.alias), on=exp.and_(*same))


def _rows_of(series: exp.ExplodingGenerateSeries, alias: exp.TableAlias) -> exp.Subquery:
    """Return the numbers of a short series, one SELECT for each."""
    (column,) = alias.columns
    first, last = (int(series.args[side].name) for side in ("start", "end"))
    numbers = (exp.select(exp.alias_(str(number), column)) for number in range(first, last + 1))
    return exp.Subquery(this=exp.union(*numbers, distinct=False), alias=alias.this.copy())


def _blanks_last(node: Any) -> Any:
    """Order a window or an aggregate by whether a value is blank, and then by the value."""
    if not isinstance(node, exp.Order) or not node.find_ancestor(exp.Window, exp.AggFunc):
        return node
    keys: list[exp.Expression] = []
    for key in node.expressions:
        desc = bool(key.args.get("desc"))
        keys += [
            exp.Ordered(this=exp.Is(this=key.this.copy(), expression=exp.Null()), nulls_first=True),
            exp.Ordered(this=key.this, desc=desc, nulls_first=not desc),
        ]
    return exp.Order(this=node.this, expressions=keys)


def _where(aggregate: Any, condition: Any) -> Any:
    """Return an aggregate of the rows for which a condition holds, without FILTER."""
    simple = aggregate.copy()
    value = simple.this
    if isinstance(value, exp.Star):
        value = exp.Literal.number(1)
    if isinstance(value, exp.Distinct):
        (inner,) = value.expressions
        case = exp.Case().when(condition.copy(), inner.copy())
        simple.set("this", exp.Distinct(expressions=[case]))
    else:
        simple.set("this", exp.Case().when(condition.copy(), value.copy()))
    return simple.transform(_simpler)


def _is_day(node: Any) -> bool:
    """Return whether a value is a day: a column of one, or what a window function gives of it."""
    while isinstance(node, exp.Window | exp.Lag | exp.Lead | exp.Min | exp.Max | exp.Paren):
        node = node.this
    return isinstance(node, exp.Column) and node.name in DAYS
