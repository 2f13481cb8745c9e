"""/v1/results: what a result says of races and of the horses that ran."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import dlt
from dlt.extract import DltResource

from pipelines.mapping.chunk import Chunk
from pipelines.sources.dispositions import replacing
from pipelines.sources.resources import issues, races, rows
from pipelines.sources.schema import FROZEN
from pipelines.tables import RACE_RESULTS, RESULT_RACES, Table


@dlt.source(schema_contract=FROZEN)
def results(chunk: Chunk, tables: Collection[Table]) -> Iterator[DltResource]:
    """Results of a chunk of days; a horse whom its race does not name any more is deleted."""
    yield races(RESULT_RACES, chunk)
    yield rows(RACE_RESULTS, chunk.rows, replacing(chunk.absence))
    yield issues(chunk.issue_rows(tables))
