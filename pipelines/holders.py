"""Who has a DuckDB file open, in words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pipelines.destination import DUCKDB_LOCKED, causes
from pipelines.lock import holder_of

_HELD: Final = re.compile(r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")


def holder_in(error: BaseException) -> str | None:
    """Return the program that an error of DuckDB's names, or None if it is about something else."""
    for cause in causes(error):
        if DUCKDB_LOCKED in str(cause):
            found = _HELD.search(str(cause))
            if not found:
                return "another program"
            return f"{Path(found['program']).name} (process {found['pid']})"
    return None


def run_in(file: Path) -> str | None:
    """Return the run of ours that is at work on a file, or None."""
    holder = holder_of(file)
    return holder[0] if holder else None
