"""DuckDB for dlt, except that a merge takes each key once, and leaves keys that are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import dlt
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.destination.client import FollowupJobRequest
from dlt.common.destination.typing import PreparedTableSchema
from dlt.destinations.impl.duckdb.duck import DuckDbClient
from dlt.destinations.sql_client import SqlClientBase
from dlt.destinations.sql_jobs import SqlMergeFollowupJob

from pipelines.database.named import NamedAsDlts

VALUES_OF_A_STATEMENT: Final = 1_500_000
"""Values that one statement merges. A month's prices are five million: one statement takes 150 MB
for them, and each of four 60."""


class OncePerKey(SqlMergeFollowupJob):
    """Merges one row of each key, however often it is staged.

    If a run is killed between the commit of a file and dlt's note of it, the next one stages the
    file again, and all of its rows are there twice (dlt-hub/dlt#3023). A table without a unique
    index would get both.
    """

    @classmethod
    def gen_upsert_merge_sql(  # type: ignore[override] # what else it takes, it passes on
        cls, table: str, staging: str, keys: Sequence[str], *args: Any, **options: Any
    ) -> list[str]:
        """Return dlt's statements for what is staged, without repetitions."""
        first = f"row_number() OVER (PARTITION BY {', '.join(keys)}) = 1"
        once = f"(SELECT * FROM {staging} QUALIFY {first})"
        return super().gen_upsert_merge_sql(table, once, keys, *args, **options)


class KeepsKeys(OncePerKey):
    """Merges many rows in several statements, and sets no key to itself.

    For an indexed column, DuckDB deletes the row and inserts it again, with all its columns, and
    looks it up in the index: 12,000 runners took 4.7 s that way, and take 0.03 s without.
    """

    @classmethod
    def gen_upsert_sql(
        cls,
        table_chain: Sequence[PreparedTableSchema],
        sql_client: SqlClientBase[Any],
        *args: Any,
        **options: Any,
    ) -> list[str]:
        """Return dlt's statements, each merge as often as it takes; one transaction runs them."""
        statements = super().gen_upsert_sql(table_chain, sql_client, *args, **options)
        (table, *_) = table_chain
        _, staging = sql_client.get_qualified_table_names(str(table["name"]))
        with sql_client:
            ((rows,),) = sql_client.execute_sql(f"SELECT count(*) FROM {staging}") or ()
        parts = 1 + rows * len(table["columns"]) // VALUES_OF_A_STATEMENT
        if parts == 1:
            return statements
        key = next(name for name, column in table["columns"].items() if column.get("primary_key"))
        whole = f"FROM {staging} QUALIFY"
        return [
            sql.replace(whole, f"FROM {staging} WHERE hash({key}) % {parts} = {part} QUALIFY")
            for sql in statements
            for part in range(parts if whole in sql else 1)
        ]

    @classmethod
    def gen_upsert_merge_sql(  # type: ignore[override]
        cls, table: str, staging: str, keys: Sequence[str], *args: Any, **options: Any
    ) -> list[str]:
        """Return dlt's statements without the keys among what is set."""
        statements = super().gen_upsert_merge_sql(table, staging, keys, *args, **options)
        for key in keys:
            statements = [sql.replace(f"{key} = s.{key}, ", "") for sql in statements]
        return statements


class MergingClient(DuckDbClient):
    """A client of any kind of DuckDB that uses a merge of ours instead of dlt's."""

    merge: ClassVar[type[SqlMergeFollowupJob]] = OncePerKey

    def _create_merge_followup_jobs(
        self, table_chain: Sequence[PreparedTableSchema]
    ) -> list[FollowupJobRequest]:
        return [self.merge.from_table_chain(table_chain, self.sql_client)]


class Client(MergingClient):
    """dlt's client of a DuckDB file, with our merge."""

    merge = KeepsKeys


class DuckDB(NamedAsDlts, dlt.destinations.duckdb):
    """dlt's own destination by name, with our client.

    It loads one table after the other: each statement uses all cores, and takes its memory.
    """

    name = "duckdb"

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        capabilities = super()._raw_capabilities()
        capabilities.loader_parallelism_strategy = "sequential"
        return capabilities

    @property
    def client_class(self) -> type[DuckDbClient]:
        """Return our client."""
        return Client
