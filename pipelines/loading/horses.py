"""Loading profiles of horses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipelines import sources
from pipelines.api.answers import ProfileAnswer
from pipelines.loading import Loading
from pipelines.loading.models import make_models_of_horses
from pipelines.mapping import Inspection


def load_profiles(run: Loading, answers: Sequence[ProfileAnswer]) -> Counter[str]:
    """Load profiles, and the horses that follow, and return the rows read; raises PipelineError."""
    if not answers:
        return Counter()
    profiles, found = [answer.profile for answer in answers], Inspection()
    horses = sorted({str(answer.about) for answer in answers})
    with run.database.held_open():
        read = run.database.load(sources.horse_profiles(profiles, run.tables, found))
        read += make_models_of_horses(run.database, horses, run.tables)
        run.database.follow_up()
    run.report.add_found(found)
    return read
