"""A run from start to end: what was planned, part by part, whatever becomes of one part."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pipelines.api import RacingApi
from pipelines.coverage import Coverage
from pipelines.database import Database
from pipelines.endpoints import RACECARDS, RESULTS, Endpoint
from pipelines.errors import AccessError, DestinationError, PipelineError
from pipelines.modes import Options, Plan, make_plan
from pipelines.report import Report
from pipelines.settings import Settings
from pipelines.steps import Progress, Run
from pipelines.steps.days import load_days
from pipelines.steps.horses import load_horses
from pipelines.steps.reference import load_reference

logger = logging.getLogger(__name__)


def execute(
    options: Options,
    settings: Settings,
    database: Database,
    progress: Progress,
    announce: Callable[[Plan, Settings], Any] = lambda plan, settings: None,
) -> Report:
    """Plan, ask and load; every failure is in the report, none is raised."""
    coverage = cache(lambda endpoint: Coverage(database, endpoint))
    plan = make_plan(options, settings, coverage)
    announce(plan, settings)
    report = Report(options.mode, database.name, options.test, notes=list(plan.notes))
    report.undeliverable = [f"{endpoint}: {text}" for endpoint, text in plan.undeliverable]
    report.windows = _windows(plan)
    run = Run(settings, database, RacingApi(settings), plan, report, progress)
    try:
        _steps(run, coverage)
    except KeyboardInterrupt:
        report.errors.append("stopped by hand: run it again and it goes on where it was")
    report.calls, report.retries = run.api.counts.calls, run.api.counts.retries
    report.finished_at = datetime.now(UTC)
    return report


def _steps(run: Run, coverage: Callable[[Endpoint], Coverage]) -> None:
    """Take the steps in order; one that fails does not stop the others."""
    steps: list[tuple[str, bool, Callable[[], None]]] = [
        ("courses", run.plan.reference, lambda: load_reference(run)),
        *(
            (endpoint.name, run.plan.days(endpoint) > 0, _days_step(run, endpoint, coverage))
            for endpoint in (RACECARDS, RESULTS)
        ),
        ("horses", run.plan.horses != 0, lambda: load_horses(run)),
    ]
    for name, is_wanted, step in steps:
        if is_wanted and not _survives(run, name, step):
            return


def _days_step(
    run: Run, endpoint: Endpoint, coverage: Callable[[Endpoint], Coverage]
) -> Callable[[], None]:
    return lambda: load_days(run, endpoint, coverage(endpoint))


def _survives(run: Run, name: str, step: Callable[[], None]) -> bool:
    """Take one step and tell whether the next makes sense."""
    try:
        step()
    except PipelineError as error:
        logger.error("%s: %s", name, error)
        run.report.errors.append(f"{name}: {error}")
        is_locked_out = isinstance(error, AccessError) and not run.api.answered
        return not is_locked_out and not isinstance(error, DestinationError)
    return True


def _windows(plan: Plan) -> dict[str, dict[str, Any]]:
    return {
        endpoint.name: {"from": first, "to": last, "days_asked": plan.days(endpoint)}
        for endpoint, (first, last) in plan.windows.items()
    }
