"""The step that reads the course list."""

from __future__ import annotations

from pipelines import sources
from pipelines.api.answers import identity_of
from pipelines.endpoints import COURSES
from pipelines.errors import UnavailableError
from pipelines.mapping import Inspection
from pipelines.steps import Run


def load_reference(run: Run) -> None:
    """Ask for the courses of the configured regions and load them; raises PipelineError."""
    with run.counted("courses", 1) as read:
        pages = run.api.courses()
        received = len(
            {identity_of(course, COURSES.identity) for course in pages[0]["courses"]} - {None}
        )
        if not received:
            raise UnavailableError("/v1/courses answered without a single course.")
        run.progress.advance("")
        found = Inspection()
        read.update(run.database.load(sources.reference(pages, run.tables, found)))
        run.database.run_sql("after_load")
        run.report.add_found(found)
        total = pages[0].get("total")
        if received != total:
            run.report.errors.append(f"courses: {received} of {total} received")
