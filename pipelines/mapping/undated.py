"""Reading records without a day: courses, profiles of horses, price histories."""

from __future__ import annotations

import pyarrow as pa

from pipelines.api.answers import Body, RecordAnswer
from pipelines.api.endpoints import Endpoint
from pipelines.mapping.inspection import Inspection, Record
from pipelines.mapping.levels import Levels, ObjectLevel
from pipelines.mapping.rows import RowReader
from pipelines.mapping.unique import whole
from pipelines.tables import Table


def read_undated(
    table: Table, endpoint: Endpoint, records: list[Record], found: Inspection
) -> pa.Table:
    """Read the rows of one table from records without a date, one for each key."""
    reader = RowReader(table, endpoint, table.loaded)
    read, _ = whole(reader.read(Levels(ObjectLevel(records)), None, found), table.key)
    return read.table


def profile_status(answer: RecordAnswer) -> str:
    """Return where a profile came from: pro, standard, or not_found."""
    return answer.endpoint.path.rpartition("/")[2] if answer.pages else "not_found"


def profile_of(answer: RecordAnswer) -> Body:
    """Return what the API sent, with profile_status and profile_at added."""
    added = {"profile_status": profile_status(answer), "profile_at": answer.asked_at.isoformat()}
    return {**(answer.record or {"id": answer.id}), **added}
