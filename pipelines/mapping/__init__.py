"""From a response to rows, as the tables declare it.

A record is first inspected once (what no declaration knows, what has no key, what is not the list
it should be), then read once for each table.
"""

from pipelines.mapping.inspection import (
    Inspection,
    Record,
    as_identity,
    inspect,
    known_fields,
    unread_lists,
)
from pipelines.mapping.issues import (
    MISSING_VALUE,
    NO_KEY,
    NOT_A_LIST,
    UNREADABLE_VALUE,
    Issue,
    Row,
    unique_issues,
)
from pipelines.mapping.rows import RowReader

__all__ = [
    "MISSING_VALUE",
    "NOT_A_LIST",
    "NO_KEY",
    "UNREADABLE_VALUE",
    "Inspection",
    "Issue",
    "Record",
    "Row",
    "RowReader",
    "as_identity",
    "inspect",
    "known_fields",
    "unique_issues",
    "unread_lists",
]
