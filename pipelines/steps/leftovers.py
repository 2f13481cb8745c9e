"""Leftovers: responses that a crashed run fetched and no run has loaded since.

Every run looks for them first, which costs nothing if no run has crashed. Responses that were
loaded after all are marked as loaded. Those as good as new are used by this run. Of the rest,
certain ones stay in the archive as another version, and unreliable ones are set aside; the batch is
closed either way, and no later run looks at it again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from pipelines.api.answers import Answer
from pipelines.api.endpoints import DATED, Endpoint, RequestedBy, requested_by
from pipelines.archive.store import Archive, Batch, Entry, Question
from pipelines.database.database import Database
from pipelines.errors import DamagedError
from pipelines.plan.coverage import Coverage
from pipelines.plan.records import loaded_records

logger = logging.getLogger(__name__)


def find_leftovers(archive: Archive, database: Database, today: date) -> dict[Question, Entry]:
    """Return the leftovers that a run may use, and close batches without any.

    Raises ArchiveError or DestinationError.
    """
    left = archive.unloaded()
    if not left:
        return {}
    archive.tidy()
    versions: defaultdict[Question, list[Entry]] = defaultdict(list)
    for batch in archive.batches():
        for entry in batch:
            versions[entry.question].append(entry)
    theirs = [found for found in versions.values() if any(entry.time in left for entry in found)]
    loaded = loaded_at(database, (entry for found in theirs for entry in found))
    usable: dict[Question, Entry] = {}
    for found in theirs:
        is_newest = True
        for entry in reversed(found):
            answer = _read(archive, entry) if entry.time in left else None
            if answer and not is_loaded(loaded, entry, answer):
                if is_newest and answer.is_as_good_as_new(today):
                    usable[entry.question] = entry
                elif not answer.is_certain:
                    archive.set_aside(entry)
            is_newest &= answer is None and entry.time in left  # a torn file is no version
    for time in left - {entry.time for entry in usable.values()}:
        archive.end(Batch(time, today))
    return usable


def loaded_at(database: Database, entries: Iterable[Entry]) -> dict[Question, datetime]:
    """Return when the loaded days were requested, and those of these records that are loaded."""
    ids: defaultdict[Endpoint, set[str]] = defaultdict(set)
    for entry in entries:
        ids[entry.endpoint.best].add(str(entry.about))
    days: dict[Question, datetime] = {
        (endpoint.name, day): at
        for endpoint in DATED
        for day, at in Coverage(database, endpoint).loaded_at.items()
    }
    records = {
        (endpoint.name, record_id): at
        for endpoint in requested_by(RequestedBy.ID)
        for record_id, at in loaded_records(database, endpoint, ids[endpoint]).items()
        if at
    }
    return days | records


def is_loaded(loaded: Mapping[Question, datetime], entry: Entry, answer: Answer) -> bool:
    """Return whether this response, or a newer one, is loaded."""
    at = loaded.get(entry.question)
    return at is not None and at >= answer.asked_at


def _read(archive: Archive, entry: Entry) -> Answer | None:
    """Read a leftover; a damaged one is set aside and reported once."""
    try:
        answer, _ = archive.read(entry)
    except DamagedError as error:
        logger.warning("%s A crashed run left it there; it is set aside", error)
        archive.set_aside(entry)
        return None
    return answer
