"""Values that the database refuses: found by bisection and set aside in ra_issues.

Parsing removes every value that no database could hold. A value can still be refused by one of
them, because of a constraint or trigger that somebody added, or a letter missing from its encoding.
Parts of the refused rows are loaded until the value and row to blame are known.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Final

import pyarrow as pa
from dlt.extract import DltSource
from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines.api.endpoints import ENDPOINTS
from pipelines.database.errors import causes, is_about_a_value, is_for_good, line_of
from pipelines.database.packages import PackageLoader
from pipelines.errors import RefusedRowsError
from pipelines.mapping import Issue, Row, to_arrow
from pipelines.sources import one_table
from pipelines.tables import ISSUES, TABLES, Column, Table
from pipelines.tables.model import TEXT

logger = logging.getLogger(__name__)

MOST_REFUSED: Final = 20
"""Values set aside in one load; a database that refuses more refuses the load."""
LONGEST_SHOWN: Final = 10_000
REFUSED_VALUE: Final = "refused by the database"
NOTED_BY: Final = "reference"
"""The smallest source that writes ra_issues."""

MOST_COLUMNS: Final = 5
"""Values of one row that are told apart; a row with more of them is set aside whole."""

IsRefused = Callable[[pa.Table], bool]


def set_aside(
    database: PackageLoader, sources: Sequence[DltSource], error: PipelineStepFailed
) -> list[Issue]:
    """Find what a table refuses, record it in ra_issues, and leave it out of its source.

    Returns the issues; raises RefusedRowsError if it is too much.
    """
    source, table = _refused_by(database, sources, error)

    def is_refused(rows: pa.Table) -> bool:
        return _is_refused(database, one_table(source.name, table, rows))

    issues: list[Issue] = []
    cleaned: dict[tuple[Any, ...], Row | None] = {}
    for row in _refused_rows(is_refused, pa.concat_tables(source.resources[table.name])):
        columns = _refused_columns(is_refused, row, table)
        values = row.to_pylist()[0]
        issues += _issues(table, values, columns)
        cleaned[_key(table, values)] = _blanked(row, columns).to_pylist()[0] if columns else None
        if len(issues) > MOST_REFUSED:
            raise RefusedRowsError(
                f"{database.name} refuses more than {MOST_REFUSED} values of {table}: "
                f"{line_of(error)}"
            )
    logger.warning("%s: %s; %d set aside", database.name, line_of(error), len(issues))
    _note(database, issues)
    source.resources[table.name].add_map(lambda rows: _clean(table, rows, cleaned))
    return issues


def _refused_by(
    database: PackageLoader, sources: Sequence[DltSource], error: PipelineStepFailed
) -> tuple[DltSource, Table]:
    """Return the source and table being loaded: dlt's job is named after the table."""
    job: Any = next((cause for cause in causes(error) if hasattr(cause, "job_id")), None)
    if job is not None:
        name = database.pipeline.get_load_package_info(job.load_id).schema_name
        table = str(job.job_id).partition(".")[0]
        for source in sources:
            if source.name == name and table in source.resources:
                return source, TABLES[table]
    raise error


def _is_refused(database: PackageLoader, rows: DltSource) -> bool:
    try:
        database.deliver(rows)
    except PipelineStepFailed as error:
        if not is_for_good(error):
            raise
        database.pipeline.abort_packages()
        if not is_about_a_value(error):
            raise
        return True
    return False


def _refused_rows(is_refused: IsRefused, rows: pa.Table) -> Iterator[pa.Table]:
    """Yield each row that is refused on its own; the others are loaded meanwhile."""
    if not is_refused(rows):
        return
    if rows.num_rows == 1:
        yield rows
        return
    half = rows.num_rows // 2
    yield from _refused_rows(is_refused, rows.slice(0, half))
    yield from _refused_rows(is_refused, rows.slice(half))


def _refused_columns(is_refused: IsRefused, row: pa.Table, table: Table) -> list[Column]:
    """Return the columns that must be blank for the row to be stored; none if nothing helps."""
    suspects = [column for column in table.loaded if _can_be_blank(column, table)]
    guilty: list[Column] = []
    if is_refused(_blanked(row, suspects)):
        return []
    while len(guilty) <= MOST_COLUMNS:
        if guilty and not is_refused(_blanked(row, guilty)):
            return guilty
        # The shortest beginning of the suspects that has to be blank ends with a guilty one.
        refused, stored = 0, len(suspects)
        while stored - refused > 1:
            middle = (refused + stored) // 2
            if is_refused(_blanked(row, [*guilty, *suspects[:middle]])):
                refused = middle
            else:
                stored = middle
        guilty.append(suspects[stored - 1])
        suspects = suspects[: stored - 1]
    return []


def _can_be_blank(column: Column, table: Table) -> bool:
    return column.name not in table.key and (not column.required or column.type == TEXT)


def _blanked(row: pa.Table, columns: list[Column]) -> pa.Table:
    values = row.to_pylist()[0]
    blanks = {column.name: "" if column.required else None for column in columns}
    return pa.Table.from_pylist([values | blanks], schema=row.schema)


def _issues(table: Table, values: Row, columns: list[Column]) -> list[Issue]:
    key = "/".join(map(str, _key(table, values)))
    day = values.get("race_date") or values.get("date")
    refused: list[tuple[str, str, Any]] = [
        (*_field(column), values[column.name]) for column in columns
    ]
    if not columns:
        refused = [(next(iter(table.rows_from), ""), "", values)]
    return [
        Issue(
            endpoint,
            table.name,
            key,
            field,
            REFUSED_VALUE,
            _ascii(value),
            day if isinstance(day, date) else None,
        )
        for endpoint, field, value in refused
    ]


def _field(column: Column) -> tuple[str, str]:
    """Return endpoint and field of a column: of a model, those that come first."""
    name = next(iter(column.origins), "")
    if not name:
        return "", column.name
    return name, ENDPOINTS[name].root + column.origins[name].paths[0]


def _ascii(value: Any) -> str:
    """Write a value so that any database can hold it."""
    return json.dumps(value, default=str)[:LONGEST_SHOWN]


def _key(table: Table, values: Row) -> tuple[Any, ...]:
    return tuple(values[name] for name in table.key)


def _note(database: PackageLoader, issues: list[Issue]) -> None:
    """Load the issues first: not every source writes ra_issues."""
    rows = to_arrow(ISSUES, ISSUES.columns, [issue.row() for issue in issues])
    database.deliver(one_table(NOTED_BY, ISSUES, rows))


def _clean(table: Table, rows: pa.Table, cleaned: dict[tuple[Any, ...], Row | None]) -> pa.Table:
    kept = [cleaned.get(_key(table, values), values) for values in rows.to_pylist()]
    return pa.Table.from_pylist([row for row in kept if row is not None], schema=rows.schema)
