"""Runs, recorded in the database they loaded, visible from any machine."""

from __future__ import annotations

import logging
from typing import Final

from pipelines.database.database import Database
from pipelines.errors import DestinationError
from pipelines.mapping import Row
from pipelines.report import Report
from pipelines.settings import OPENING_PATIENCE
from pipelines.tables import RUNS

logger = logging.getLogger(__name__)

PATIENCE: Final = 2.0
"""Seconds that the database may be away: a run that was told to stop has no more to give."""


def note_run(database: Database, report: Report) -> None:
    """Record a finished run in ra_runs; if the database is unreachable, that is logged."""
    database.patience, database.limits.statement = PATIENCE, OPENING_PATIENCE
    row: Row = {
        "run_id": report.run_id,
        "mode": report.mode,
        "is_test": report.test,
        "started_at": report.started_at,
        "finished_at": report.finished_at,
        "exit_code": int(report.exit_code),
        "calls": report.calls,
        "missing": "\n".join(report.missing) or None,
        "report": report.as_json().decode(),
    }
    try:
        database.insert(RUNS, row)
    except DestinationError as error:
        logger.warning("This run could not be recorded in %s: %s", RUNS, error)
