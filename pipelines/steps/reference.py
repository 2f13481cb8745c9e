"""The step that reads the course list."""

from __future__ import annotations

from pipelines import sources
from pipelines.mapping import Inspection
from pipelines.steps import Run


def load_reference(run: Run) -> None:
    """Ask for the courses of the configured regions and load them; raises PipelineError."""
    with run.counted("courses", 1) as read:
        pages = run.api.courses()
        run.progress.advance("")
        found = Inspection()
        read.update(run.database.load(sources.reference(pages, run.tables, found)))
        run.database.run_sql("after_load")
        run.report.add_found(found)
        received, total = len(pages[0]["courses"]), pages[0].get("total")
        if received != total:
            run.report.errors.append(f"courses: {received} of {total} received")
