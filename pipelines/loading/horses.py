"""Loading profiles of horses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipelines.api.answers import Body, RecordAnswer
from pipelines.loading import Loading
from pipelines.loading.models import make_models_of_horses
from pipelines.mapping import Inspection
from pipelines.sources import chosen, horse_profiles


def status_of(answer: RecordAnswer) -> str:
    """Return where a profile came from: pro, standard, or not_found."""
    return answer.endpoint.path.rpartition("/")[2] if answer.pages else "not_found"


def profile_of(answer: RecordAnswer) -> Body:
    """Return what the API sent, with profile_status and profile_at added."""
    added = {"profile_status": status_of(answer), "profile_at": answer.asked_at.isoformat()}
    return {**(answer.record or {"id": answer.id}), **added}


def load_profiles(run: Loading, answers: Sequence[RecordAnswer]) -> Counter[str]:
    """Load profiles, and the horses that follow, and return the rows read; raises PipelineError."""
    if not answers:
        return Counter()
    profiles, found = [profile_of(answer) for answer in answers], Inspection()
    horses = sorted({answer.id for answer in answers})
    with run.database.held_open():
        read = run.database.load(chosen(horse_profiles(profiles, found), run.tables))
        read += make_models_of_horses(run.database, horses, run.tables)
        run.database.follow_up()
    run.report.add_found(found)
    return read
