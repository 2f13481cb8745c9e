"""The step that reads the course list."""

from __future__ import annotations

from pipelines.errors import UnavailableError
from pipelines.loading.courses import load_courses
from pipelines.steps import Run


def load_reference(run: Run) -> None:
    """Ask for the courses of the configured regions and load them; raises PipelineError."""
    with run.counted("courses", 1) as read:
        batch = run.fetcher.batch()
        answer = run.fetcher.courses(batch)
        if not answer.received:
            raise UnavailableError("/v1/courses answered without a single course.")
        run.progress.advance("")
        read.update(load_courses(run, answer))
        run.fetcher.loaded(batch)
