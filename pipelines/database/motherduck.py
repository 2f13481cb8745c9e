"""MotherDuck for dlt, except that a merge takes each key once: it has no unique index either."""

from __future__ import annotations

from collections.abc import Sequence

import dlt
from dlt.common.destination.client import FollowupJobRequest
from dlt.common.destination.typing import PreparedTableSchema
from dlt.destinations.impl.motherduck.motherduck import MotherDuckClient

from pipelines.database.duckdb import OncePerKey
from pipelines.database.named import NamedAsDlts


class Client(MotherDuckClient):
    """Uses our merge instead of dlt's."""

    def _create_merge_followup_jobs(
        self, table_chain: Sequence[PreparedTableSchema]
    ) -> list[FollowupJobRequest]:
        return [OncePerKey.from_table_chain(table_chain, self.sql_client)]


class MotherDuck(NamedAsDlts, dlt.destinations.motherduck):
    """dlt's own destination by name, with our client."""

    name = "motherduck"

    @property
    def client_class(self) -> type[MotherDuckClient]:
        """Return our client."""
        return Client
