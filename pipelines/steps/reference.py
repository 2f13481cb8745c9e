"""The step that fetches the course list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pipelines.api.endpoints import COURSES
from pipelines.errors import UnavailableError
from pipelines.loading.courses import load_courses
from pipelines.steps import Run
from pipelines.tables import tables_from

STEP: Final = COURSES.name


def load_reference(run: Run, then: Callable[[], None]) -> None:
    """Fetch the courses of the configured regions, let the next step begin, and load them.

    Raises PipelineError.
    """
    run.progress.start(STEP, 1)
    with run.counted(STEP, tables_from(COURSES)) as read:
        batch = run.fetcher.batch()
        answer = run.fetcher.listing(COURSES, batch)
        if not answer.received:
            raise UnavailableError("/v1/courses answered without a single course.")
        run.progress.advance(STEP, "")
        then()
        read.update(load_courses(run, [answer]))
        run.fetcher.loaded(batch)
