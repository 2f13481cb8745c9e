"""Some rows of one table as a source of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import dlt
import pyarrow as pa
from dlt.extract import DltResource, DltSource

from pipelines.sources.schema import FROZEN, resource_hints
from pipelines.sources.writes import INSERT_ONLY, UPSERT, Absence, Write


def piece(name: str, write: Write, rows: pa.Table) -> DltSource:
    """Rows of one table of the source of this name; they add or change rows and delete none."""
    disposition = INSERT_ONLY if write.disposition is INSERT_ONLY else UPSERT

    @dlt.source(name=name, schema_contract=FROZEN)
    def declared() -> Iterator[DltResource]:
        yield dlt.resource(
            [rows], **resource_hints(replace(write, disposition=disposition), Absence())
        )

    source = declared()
    source.schema.update_schema(source.discover_schema())
    return source
