"""/v1/courses: the courses of the configured regions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt
from dlt.extract import DltResource

from pipelines.api.endpoints import COURSES as ENDPOINT
from pipelines.mapping import Inspection, inspect, unique_issues
from pipelines.sources.resources import issues, undated
from pipelines.sources.schema import FROZEN
from pipelines.tables.courses import COURSES


@dlt.source(schema_contract=FROZEN)
def reference(courses: list[Any], found: Inspection) -> Iterator[DltResource]:
    """Courses; what cannot be read of them is noted in `found`."""
    yield undated(COURSES, ENDPOINT, inspect(ENDPOINT, courses, None, found), found)
    yield issues(unique_issues(found.issues))
