"""Making models in the database, for the days that a load has touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

from pipelines.api.endpoints import RACECARDS
from pipelines.database.database import Database
from pipelines.database.errors import is_about_a_value
from pipelines.database.sql import AMONG, joined
from pipelines.errors import DestinationError
from pipelines.mapping import Row, to_arrow
from pipelines.mapping.chunk import Chunk
from pipelines.models import (
    LAST_LOAD,
    Days,
    columns_of,
    dates,
    day_of,
    missed,
    named_on,
    select,
    statements,
)
from pipelines.sources import one_table
from pipelines.tables import (
    CARD_RACES,
    CARD_RUNNERS,
    COVERAGE,
    HORSE_PROFILES,
    MODELS,
    RACE_RESULTS,
    RESULT_RACES,
    RUNNERS,
    Table,
    models_of,
)
from pipelines.tables.model import TIMESTAMP


def move_runners(database: Database, chunk: Chunk) -> None:
    """Let runners that stay with a race that has moved go along: no race is of two days.

    Raises DestinationError.
    """
    is_card = chunk.endpoint is RACECARDS
    races, runners = (CARD_RACES, CARD_RUNNERS) if is_card else (RESULT_RACES, RACE_RESULTS)
    if chunk.moved:
        database.run_together(
            f"UPDATE {runners} SET race_date = race.date, _dlt_load_id = {LAST_LOAD} "
            f"FROM {races} AS race WHERE race.id = {runners}.race_id "
            f"AND race.date <> {runners}.race_date AND race.id {AMONG}",
            parameter=joined(chunk.moved),
        )


KINDS: Final = {TIMESTAMP: "timestamptz"}
"""What SQL calls a type of dlt's."""

PROFILED: Final = f"SELECT id FROM {HORSE_PROFILES} WHERE id {AMONG}"
"""Query of the horses whose profiles have been loaded."""


def make_models_of_days(database: Database, days: Days, tables: Collection[Table]) -> Counter[str]:
    """Make the models among some tables, and return their rows; raises DestinationError."""
    made = [model for model in MODELS if model in tables]
    for model in made:
        _make(database, model, named_on(model, days) if model.named_as else days)
    return _rows_of(database, made, days)


def note_coverage(database: Database, rows: Sequence[Row]) -> None:
    """Note what became of some days; raises DestinationError.

    Not a load of dlt's, whose package costs more than the models. A column is one parameter: a text
    of all its values.
    """
    if not rows:
        return
    names = [column.name for column in COVERAGE.columns]
    said = ", ".join(
        f"CAST(nullif({column.name}, '') AS {KINDS.get(column.type, column.type)}) AS {column.name}"
        for column in COVERAGE.columns
    )
    values = ", ".join(f"unnest(string_to_array(%s, chr(31))) AS {name}" for name in names)
    same = " AND ".join(f"noted.{name} = said.{name}" for name in COVERAGE.key)
    facts = ", ".join(f"{name} = said.{name}" for name in names if name not in COVERAGE.key)
    load = f"coalesce({LAST_LOAD}, '')"
    database.rows(
        f"MERGE INTO {COVERAGE} AS noted USING (SELECT {said} FROM (SELECT {values}) AS texts) "
        f"AS said ON {same} WHEN MATCHED THEN UPDATE SET {facts}, _dlt_load_id = {load} "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(names)}, _dlt_load_id) "
        f"VALUES ({', '.join(f'said.{name}' for name in names)}, {load})",
        *(joined(_text(row[name]) for row in rows) for name in names),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value).replace("\x1f", " ")


def make_models_of_horses(
    database: Database, horses: Sequence[str], tables: Collection[Table]
) -> Counter[str]:
    """Make the models that profiles decide, and return their rows; raises DestinationError."""
    made = [model for model in models_of([HORSE_PROFILES]) if model in tables]
    for model in made:
        _make(database, model, PROFILED, joined(horses))
    return Counter(dict.fromkeys(map(str, made), len(horses)))


def _make(database: Database, model: Table, of: Days | str, parameter: str | None = None) -> None:
    *deletion, merge = statements(model, of)
    if isinstance(of, Days) and not database.rows(missed(model, of)):
        deletion = []
    try:
        database.run_together(*deletion, merge, parameter=parameter)
    except DestinationError as error:
        if not is_about_a_value(error):
            raise
        database.run(*deletion)
        _load_rows(database, model, of, parameter)


def _rows_of(database: Database, models: Sequence[Table], days: Days) -> Counter[str]:
    """Return how many rows of each model there are of some days."""
    if not models:
        return Counter()
    counts = (
        f"SELECT '{model}', count(DISTINCT {model.named_as}_id) FROM {RUNNERS} "
        f"WHERE race_date IN ({dates(days.of_rows)})"
        if model.named_as
        else f"SELECT '{model}', count(*) FROM {model} "
        f"WHERE {day_of(model)} IN ({dates(days.of_rows)})"
        for model in models
    )
    return Counter(dict(database.rows(" UNION ALL ".join(counts))))


def _load_rows(database: Database, model: Table, of: Days | str, parameter: str | None) -> None:
    """Load the rows of a model as those of a source: what the database refuses is set aside."""
    names = [column.name for column in columns_of(model)]
    parameters = () if parameter is None else (parameter,)
    found = database.rows(select(model, of), *parameters)
    rows = (dict(zip(names, row, strict=False)) for row in found)
    database.load(one_table("models", model, to_arrow(model, columns_of(model), rows)))
