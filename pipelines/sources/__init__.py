"""Where dlt begins: a source for each endpoint, and in it a resource for each table.

Our own code has fetched, archived and parsed by then (`pipelines.api`, `pipelines.archive`,
`pipelines.mapping`); from here on dlt stages the rows, merges them and keeps the cursor. What is
made of these tables in the database (`pipelines.models`) is ours again.
"""

from pipelines.sources.horse_profiles import horse_profiles
from pipelines.sources.prices import price_histories, price_requests
from pipelines.sources.racecards import racecards
from pipelines.sources.reference import reference
from pipelines.sources.resources import chosen, one_table
from pipelines.sources.results import results

__all__ = [
    "chosen",
    "horse_profiles",
    "one_table",
    "price_histories",
    "price_requests",
    "racecards",
    "reference",
    "results",
]
