"""Making models in the database, for the days that a load has touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from pipelines.api.endpoints import RACECARDS
from pipelines.database.database import Database
from pipelines.database.errors import is_about_a_value
from pipelines.database.sql import AMONG, joined
from pipelines.errors import DestinationError
from pipelines.mapping import to_arrow
from pipelines.models import LAST_LOAD, Days, columns_of, select, statements
from pipelines.sources.chunk import Chunk
from pipelines.sources.pieces import piece
from pipelines.sources.writes import WRITES
from pipelines.tables import CARD_RACES, CARD_RUNNERS, MODELS, RACE_RESULTS, RESULT_RACES, Table


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


def make_models(
    database: Database, days: Days, tables: Collection[Table], read: Mapping[str, int]
) -> Counter[str]:
    """Make the models among some tables, and return their rows by table; raises DestinationError.

    Of what was read, a model has as many rows as the table that says most of it.
    """
    made = [model for model in MODELS if model in tables]
    for model in made:
        deletion, merge = statements(model, days)
        try:
            database.run_together(deletion, merge)
        except DestinationError as error:
            if not is_about_a_value(error):
                raise
            database.run(deletion)
            _load_rows(database, model, days)
    return Counter({m.name: max(read[said.name] for said in MODELS[m].values()) for m in made})


def _load_rows(database: Database, model: Table, days: Days) -> None:
    """Load the rows of a model as those of a source: what the database refuses is set aside."""
    names = [column.name for column in columns_of(model)]
    rows = (dict(zip(names, row, strict=False)) for row in database.rows(select(model, days)))
    (write,) = (write for write in WRITES["models"] if write.table is model)
    database.load(piece("models", write, to_arrow(model, columns_of(model), rows)))
