"""MotherDuck for dlt, except that a merge takes each key once: it has no unique index either."""

from __future__ import annotations

import dlt
from dlt.destinations.impl.motherduck.motherduck import MotherDuckClient

from pipelines.database.duckdb import MergingClient
from pipelines.database.named import NamedAsDlts


class Client(MergingClient, MotherDuckClient):
    """dlt's client, with our merge."""


class MotherDuck(NamedAsDlts, dlt.destinations.motherduck):
    """dlt's own destination by name, with our client."""

    name = "motherduck"

    @property
    def client_class(self) -> type[MotherDuckClient]:
        """Return our client."""
        return Client
