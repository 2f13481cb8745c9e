"""Databases as the pipeline leaves them before its first row: made once, and copied for each test.

To create the tables, views and comments takes a second; to copy a file or a database hardly any.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest

from tests.faults.tables import Tables, run_on


@cache
def template_file() -> Tables:
    """Return a DuckDB file with every table and view, and no row."""
    folder = Path(tempfile.mkdtemp(prefix="racing_template_"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return _prepared(Tables("duckdb", str(folder / "racing_data.duckdb")), folder)


@cache
def template_database(server: str) -> Tables:
    """Return a database of this Postgres with every table and view, and no row."""
    name = f"template_{uuid4().hex}"
    run_on(server, f'CREATE DATABASE "{name}"')
    folder = Path(tempfile.mkdtemp(prefix="racing_template_"))
    try:
        credentials = server.replace("/postgres?", f"/{name}?")
        return _prepared(Tables("postgres", credentials), folder)
    finally:
        shutil.rmtree(folder)


def _prepared(tables: Tables, folder: Path) -> Tables:
    from pipelines.database.database import Database
    from pipelines.database.definitions import apply_definitions

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv(f"DESTINATION__{tables.destination.upper()}__CREDENTIALS", tables.credentials)
        assert apply_definitions(Database(tables.destination)) == []
    return tables
