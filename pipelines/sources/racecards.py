"""/v1/racecards/pro: what a card says of races, runners, prices and horses."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import dlt
from dlt.extract import DltResource

from pipelines.mapping.chunk import Chunk
from pipelines.sources.dispositions import HAS_RUN, INSERT_ONLY, replacing
from pipelines.sources.resources import issues, races, rows
from pipelines.sources.schema import FROZEN
from pipelines.tables import CARD_RACES, CARD_RUNNERS, Table
from pipelines.tables.histories import MEDICAL, PREVIOUS_OWNERS, PREVIOUS_TRAINERS, QUOTES
from pipelines.tables.odds import RUNNER_ODDS
from pipelines.tables.people import BOOKMAKERS


@dlt.source(schema_contract=FROZEN)
def racecards(chunk: Chunk, tables: Collection[Table]) -> Iterator[DltResource]:
    """Racecards of a chunk of days.

    A runner whom its race does not name any more is deleted, unless it has run. A bookmaker's name
    follows from its id, but for capitals: it stays as it was said first.
    """
    yield races(CARD_RACES, chunk)
    yield rows(CARD_RUNNERS, chunk.rows, replacing(chunk.absence, unless=HAS_RUN))
    yield rows(RUNNER_ODDS, chunk.rows)
    yield rows(BOOKMAKERS, chunk.rows, INSERT_ONLY)
    yield rows(PREVIOUS_TRAINERS, chunk.rows)
    yield rows(PREVIOUS_OWNERS, chunk.rows)
    yield rows(MEDICAL, chunk.rows, INSERT_ONLY)
    yield rows(QUOTES, chunk.rows)
    yield issues(chunk.issue_rows(tables))
