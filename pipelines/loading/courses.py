"""Loading the course list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipelines.api.answers import ListAnswer
from pipelines.api.endpoints import COURSES
from pipelines.loading import Loading
from pipelines.loading.unchanged import (
    digest_of,
    digests,
    forget_loaded,
    note_loaded,
    notes_responses,
)
from pipelines.mapping import Inspection
from pipelines.sources import chosen, reference


def load_courses(run: Loading, answers: Sequence[ListAnswer]) -> Counter[str]:
    """Load the course list and return the rows read; raises PipelineError.

    A daily run does not load again what is loaded.
    """
    (answer,) = answers
    found, about = Inspection(), str(answer.about)
    digest = digest_of(answer, run.settings.regions)
    with run.database.held_open():
        loaded = digests(run.database, COURSES)
        if run.options.mode == "daily" and loaded.get(about) == digest:
            run.report.unchanged += 1
            return Counter()
        forget_loaded(run.database, [COURSES], loaded)
        refused = len(run.database.refused)
        read = run.database.load(chosen(reference(answer.records, found), run.tables))
        run.database.follow_up(concludes=False)
        is_sound = not found.issues and not found.unknown and len(run.database.refused) == refused
        if is_sound and answer.is_whole and notes_responses(run, COURSES):
            note_loaded(run.database, COURSES, {about: digest})
    run.report.add_found(found)
    if not answer.is_whole:
        run.report.errors.append(f"courses: {answer.received} of {answer.total} received")
    return read
