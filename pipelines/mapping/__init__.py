"""From a response to rows, as the tables declare them.

A record is first inspected (undeclared fields, missing keys, values that should be lists), then
read once for each table.
"""

from pipelines.mapping.arrow import ContractError, to_arrow
from pipelines.mapping.inspection import (
    Inspection,
    Record,
    as_identity,
    identity_in,
    inspect,
    known_fields,
    unread_lists,
)
from pipelines.mapping.issues import (
    MISSING_VALUE,
    NO_KEY,
    NOT_A_LIST,
    UNKNOWN_WORD,
    UNREADABLE_VALUE,
    Issue,
    Row,
    unique_issues,
)
from pipelines.mapping.levels import Levels
from pipelines.mapping.rows import PackedRows, RowReader, Rows
from pipelines.mapping.versions import SECOND_ROW, best_first, latest_instant

__all__ = [
    "MISSING_VALUE",
    "NOT_A_LIST",
    "NO_KEY",
    "SECOND_ROW",
    "UNKNOWN_WORD",
    "UNREADABLE_VALUE",
    "ContractError",
    "Inspection",
    "Issue",
    "Levels",
    "PackedRows",
    "Record",
    "Row",
    "RowReader",
    "Rows",
    "as_identity",
    "best_first",
    "identity_in",
    "inspect",
    "known_fields",
    "latest_instant",
    "to_arrow",
    "unique_issues",
    "unread_lists",
]
