"""Everything that a run imports on its way, and dlt's functions that remember."""

from importlib import import_module

from tests import quick

for name in (
    "adbc_driver_manager.dbapi",
    "dlt.destinations.impl.duckdb.duck",
    "dlt.destinations.impl.postgres.postgres",
    "pipelines.cli.app",
    "pipelines.rebuild.rebuild",
    "pipelines.run",
    "tests.faults.killable",
    "tests.faults.raceday",
):
    import_module(name)
quick.remember()
