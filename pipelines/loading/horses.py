"""Loading profiles of horses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipelines.api.answers import RecordAnswer
from pipelines.loading import Loading
from pipelines.loading.models import make_models_of_horses
from pipelines.mapping import Inspection
from pipelines.mapping.undated import profile_of
from pipelines.sources import chosen, horse_profiles


def load_profiles(run: Loading, answers: Sequence[RecordAnswer]) -> Counter[str]:
    """Load profiles, and the horses that follow, and return the rows read; raises PipelineError."""
    if not answers:
        return Counter()
    profiles, found = [profile_of(answer) for answer in answers], Inspection()
    horses = sorted({answer.id for answer in answers})
    with run.database.held_open():
        read = run.database.load(chosen(horse_profiles(profiles, found), run.tables))
        read += make_models_of_horses(run.database, horses, run.tables)
        run.database.follow_up(concludes=False)
    run.report.add_found(found)
    return read
