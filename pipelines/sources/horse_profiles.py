"""/v1/horses/{id}/pro, and /standard where there is none: what a profile says of a horse."""

from __future__ import annotations

from collections.abc import Iterator

import dlt
from dlt.extract import DltResource

from pipelines.api.answers import Body
from pipelines.api.endpoints import HORSE_PRO
from pipelines.mapping import Inspection, inspect, unique_issues
from pipelines.sources.resources import issues, undated
from pipelines.sources.schema import FROZEN
from pipelines.tables import HORSE_PROFILES


@dlt.source(schema_contract=FROZEN)
def horse_profiles(profiles: list[Body], found: Inspection) -> Iterator[DltResource]:
    """Profiles, and that they have been asked for; what cannot be read is noted in `found`."""
    yield undated(HORSE_PROFILES, HORSE_PRO, inspect(HORSE_PRO, profiles, None, found), found)
    yield issues(unique_issues(found.issues))
