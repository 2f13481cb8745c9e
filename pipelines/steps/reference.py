"""The step that reads the course list."""

from __future__ import annotations

from pipelines import sources
from pipelines.errors import UnavailableError
from pipelines.mapping import Inspection
from pipelines.steps import Run


def load_reference(run: Run) -> None:
    """Ask for the courses of the configured regions and load them; raises PipelineError."""
    with run.counted("courses", 1) as read:
        answer = run.api.courses()
        if not answer.received:
            raise UnavailableError("/v1/courses answered without a single course.")
        run.progress.advance("")
        found = Inspection()
        read.update(run.database.load(sources.reference(answer.records, run.tables, found)))
        run.database.run_sql("after_load")
        run.report.add_found(found)
        if not answer.is_whole:
            run.report.errors.append(f"courses: {answer.received} of {answer.total} received")
