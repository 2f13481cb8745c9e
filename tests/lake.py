"""What tests of DuckLake and Spark run on: installed by make beside .venv, once."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from filelock import FileLock

from tests.faults.forked import PROJECT

INSTALLED: Final = PROJECT / ".ducklake"
DUCKDB: Final = INSTALLED / "duckdb"
"""For PYTHONPATH: the DuckDB that the extensions are for."""
S3: Final = INSTALLED / "s3"
SPARK: Final = INSTALLED / "spark"
GLOBAL_CONFIG: Final = json.dumps({"extension_directory": str(INSTALLED / "extensions")})


@cache
def install(target: Path) -> None:
    """Build what a target of the Makefile names; the test is skipped where that fails."""
    with FileLock(PROJECT / ".ducklake.lock"):
        built = subprocess.run(
            ["make", str(target.relative_to(PROJECT))],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
    if built.returncode:
        reason = built.stderr.strip().splitlines()[-1]
        pytest.skip(f"{target.name} of DuckLake's tests cannot be installed here: {reason}")
