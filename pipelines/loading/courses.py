"""Loading the course list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipelines.api.answers import ListAnswer
from pipelines.loading import Loading
from pipelines.mapping import Inspection
from pipelines.sources import chosen, reference


def load_courses(run: Loading, answers: Sequence[ListAnswer]) -> Counter[str]:
    """Load the course list and return the rows read; raises PipelineError."""
    (answer,) = answers
    found = Inspection()
    with run.database.held_open():
        read = run.database.load(chosen(reference(answer.records, found), run.tables))
        run.database.follow_up()
    run.report.add_found(found)
    if not answer.is_whole:
        run.report.errors.append(f"courses: {answer.received} of {answer.total} received")
    return read
