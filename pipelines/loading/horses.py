"""Loading profiles of horses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipelines import sources
from pipelines.api.answers import ProfileAnswer
from pipelines.database.sql import AMONG, joined
from pipelines.loading import Loading
from pipelines.mapping import Inspection


def load_profiles(run: Loading, answers: Sequence[ProfileAnswer]) -> Counter[str]:
    """Load profiles and return the rows read; raises PipelineError.

    A horse that no card has named gets from its profile what a card would say.
    """
    if not answers:
        return Counter()
    profiles = [answer.profile for answer in answers]
    found = Inspection()
    packages = [sources.horse_profiles(profiles, run.tables, found)]
    with run.database.held_open():
        carded = _carded(run, [str(answer.about) for answer in answers])
        unnamed = [
            profile
            for profile in profiles
            if profile["id"] not in carded and profile["profile_status"] != "not_found"
        ]
        if unnamed:
            packages.insert(0, sources.profile_entries(unnamed, run.tables, found))
        read = run.database.load(*packages)
        run.database.follow_up()
    run.report.add_found(found)
    return read


def _carded(run: Loading, horses: list[str]) -> set[str]:
    """Return those horses of which more is known than a result says."""
    query = (
        f"SELECT id FROM ra_mst_horses WHERE id {AMONG} "
        "AND enrichment_status IS DISTINCT FROM 'pending'"
    )
    return {horse for (horse,) in run.database.rows(query, joined(horses))}
