"""What a load does with the rows that are there: dlt's dispositions, and what may be deleted."""

from __future__ import annotations

from typing import Any, Final

from pipelines.mapping.chunk import Absence
from pipelines.models import dates
from pipelines.settings import PIPELINE
from pipelines.tables import RACE_RESULTS

UPSERT: Final = {"disposition": "merge", "strategy": "upsert", "skip_unchanged_rows": True}
INSERT_ONLY: Final = {"disposition": "merge", "strategy": "insert-only"}
"""For rows with nothing beside the key to compare, all of which dlt would take for changed ones."""
RAN: Final = f"{PIPELINE}.{RACE_RESULTS}"
HAS_RUN: Final = (
    f"EXISTS (SELECT 1 FROM {RAN} AS ran "
    "WHERE ran.race_id = {table}.race_id AND ran.horse_id = {table}.horse_id)"
)
"""Condition of a runner that a result names."""


def in_dataset(sql: str, dataset: str) -> str:
    """Return a statement of dlt's that uses these conditions, for tables in another dataset.

    The condition is part of a source's schema, which is the same wherever its tables are.
    """
    return sql if dataset == PIPELINE else sql.replace(RAN, f"{dataset}.{RACE_RESULTS}")


def scope(absence: Absence, unless: str = "") -> str:
    """Return the SQL condition of the rows to delete where a load does not have them.

    A race that is not in hand must never be in it: its runners would all be absent.
    """
    condition = "race_id IN (SELECT race_id FROM {staging_table})"
    if absence.doubtful:
        condition += f" AND race_date NOT IN ({dates(absence.doubtful)})"
    if absence.whole:
        # Postgres finds these races by its indexes; for the OR alone it would read all rows.
        whole = f"race_date IN ({dates(absence.whole)})"
        races = "SELECT race_id FROM {staging_table} UNION ALL SELECT race_id FROM {table}"
        condition = f"({condition} OR {whole}) AND race_id IN ({races} WHERE {whole})"
    return f"{condition} AND NOT {unless}" if unless else condition


def replacing(absence: Absence, unless: str = "") -> dict[str, Any]:
    """Return the disposition of an upsert that deletes what is absent, unless it is to stay."""
    deleted = {"destination_scope": scope(absence, unless)}
    return {"disposition": "merge", "strategy": "cdc", "skip_unchanged_rows": True, **deleted}
