"""Everything that a run imports on its way, and dlt's functions that remember."""

import dlt.destinations.impl.duckdb.duck
import dlt.destinations.impl.postgres.postgres  # noqa: F401

from tests import quick
from tests.faults import killable  # noqa: F401

quick.remember()
