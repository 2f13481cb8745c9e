"""Loading the vendor's price histories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipelines.api.answers import Body, RecordAnswer
from pipelines.api.endpoints import BETWEEN_IDS
from pipelines.loading import Loading
from pipelines.mapping import Inspection
from pipelines.models.prices import of_history
from pipelines.sources import chosen, price_histories, price_requests


def status_of(answer: RecordAnswer) -> str:
    """Return whether the API has a history."""
    return "found" if answer.pages else "not_found"


def load_prices(run: Loading, answers: Sequence[RecordAnswer]) -> Counter[str]:
    """Load price histories, then their changes, then that they were requested.

    In this order a history counts as loaded only once all of it is. Returns the rows read; raises
    PipelineError.
    """
    if not answers:
        return Counter()
    runners = [tuple(answer.id.split(BETWEEN_IDS)) for answer in answers]
    requested = [
        (race, horse, answer.asked_at)
        for (race, horse), answer in zip(runners, answers, strict=True)
    ]
    histories, found = list(map(_history_of, answers)), Inspection()
    with run.database.held_open():
        read = run.database.load(chosen(price_histories(histories, found), run.tables))
        run.database.run_together(of_history(requested))
        read += run.database.load(chosen(price_requests(histories), run.tables))
        run.database.follow_up(concludes=False)
    run.report.add_found(found)
    return read


def _history_of(answer: RecordAnswer) -> Body:
    """Return what the API sent, with what the request was and what became of it."""
    race, horse = answer.id.split(BETWEEN_IDS)
    added = {"status": status_of(answer), "requested_at": answer.asked_at.isoformat()}
    return {**(answer.record or {"race_id": race, "horse_id": horse}), **added}
