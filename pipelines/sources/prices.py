"""/v1/odds/{race_id}/{horse_id}: how the prices of a runner moved, and that it was requested."""

from __future__ import annotations

from collections.abc import Iterator

import dlt
from dlt.extract import DltResource

from pipelines.api.answers import Body
from pipelines.api.endpoints import PRICES
from pipelines.mapping import Inspection, inspect, unique_issues
from pipelines.sources.resources import issues, undated
from pipelines.sources.schema import FROZEN
from pipelines.tables import PRICE_HISTORY, PRICE_REQUESTS


@dlt.source(schema_contract=FROZEN)
def price_histories(histories: list[Body], found: Inspection) -> Iterator[DltResource]:
    """Every price of these histories; what cannot be read is noted in `found`."""
    yield undated(PRICE_HISTORY, PRICES, inspect(PRICES, histories, None, found), found)
    yield issues(unique_issues(found.issues))


@dlt.source(schema_contract=FROZEN)
def price_requests(histories: list[Body]) -> Iterator[DltResource]:
    """Which histories have been requested: loaded once all that they say is stored."""
    found = Inspection()  # price_histories has counted what is in them
    yield undated(PRICE_REQUESTS, PRICES, inspect(PRICES, histories, None, found), found)
