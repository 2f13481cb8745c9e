"""Responses that say what the loaded ones said: a daily run neither reads nor loads them again.

`ra_loaded_responses` has the digest of each response that is loaded as it is: complete, without an
issue, and with nothing loaded since that took a race from it. Where there is none, the response is
loaded; loading it twice changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import pipelines
from pipelines.api.answers import Answer, DayAnswer
from pipelines.api.endpoints import Endpoint
from pipelines.database.database import Database
from pipelines.database.sql import AMONG, SQL_FOLDER, joined
from pipelines.loading import Loading
from pipelines.mapping.chunk import Chunk
from pipelines.plan.coverage import Status
from pipelines.tables import LOADED_RESPONSES, tables_from

READING: Final = ("tables", "parsing", "mapping", "sources", "models", "loading")
"""The packages that decide what becomes of a response."""


class Loaded:
    """The responses of an endpoint that are loaded, as far as they need not be loaded again."""

    def __init__(self, digests: Mapping[str, str], statuses: Mapping[date, Status]) -> None:
        self._digests, self._statuses = digests, statuses

    def has(self, answer: DayAnswer, today: date, regions: list[str]) -> bool:
        """Tell whether loading a response for a day would change nothing but its time.

        A day that was not over has to be loaded once as one that is.
        """
        status = Status.OPEN if answer.day >= today else Status.COMPLETE
        return (
            answer.is_whole
            and self._statuses.get(answer.day) is status
            and self._digests.get(str(answer.about)) == digest_of(answer, regions)
        )


NOTHING: Final = Loaded({}, {})
"""Where every response is loaded."""


def loaded_responses(run: Loading, endpoint: Endpoint, statuses: Mapping[date, Status]) -> Loaded:
    """Return what a daily run need not load again; raises DestinationError."""
    if run.options.mode != "daily" or not notes_responses(run, endpoint):
        return NOTHING
    return Loaded(digests(run.database, endpoint), statuses)


def notes_responses(run: Loading, endpoint: Endpoint) -> bool:
    """Tell whether a run loads all of a response, and moves the cursor."""
    return (
        run.options.mode in ("backfill", "daily")
        and not run.options.test
        and run.tables.issuperset(tables_from(endpoint))
    )


def digests(database: Database, endpoint: Endpoint) -> dict[str, str]:
    """Return the digests of the loaded responses, by what they are about."""
    query = f"SELECT about, digest FROM {LOADED_RESPONSES} WHERE endpoint = %s"
    return dict(database.rows(query, endpoint.name))


def digest_of(answer: Answer, regions: Iterable[str]) -> str:
    """Return the digest of a response, of the regions wanted, and of the code that reads it."""
    wanted = ",".join(sorted(regions)).encode()
    return hashlib.sha256(answer.digest + wanted + _code()).hexdigest()


@cache
def _code() -> bytes:
    """Return the digest of the code that reads and loads: a new version loads everything."""
    package = Path(pipelines.__file__).parent
    files = [file for name in READING for file in (package / name).rglob("*.py")]
    whole = hashlib.sha256()
    for file in sorted([*files, *SQL_FOLDER.glob("*.sql")]):
        whole.update(file.read_bytes())
    return whole.digest()


def as_loaded(chunk: Chunk, regions: list[str]) -> dict[str, str]:
    """Return the digests of a chunk's responses that are loaded as they are."""
    statuses = {row["date"]: row["status"] for row in chunk.noted}
    odd = {issue.day for issue in chunk.found.issues} | chunk.found.doubtful
    return {
        str(answer.about): digest_of(answer, regions)
        for answer in chunk.read.answers
        if answer.is_whole
        and statuses.get(answer.day) in (Status.COMPLETE, Status.OPEN)
        and answer.day not in odd
        and not chunk.days[answer.day].found.unknown
        and not chunk.days[answer.day].elsewhere
    }


def touched_days(chunk: Chunk) -> set[date]:
    """Return the days whose races a chunk takes, moves or replaces, whatever said so."""
    stored = chunk.known.stored
    taken = {*chunk.replaced, *chunk.moved}
    return chunk.left.union(*(stored[race].days for race in taken if race in stored))


def forget_loaded(database: Database, endpoints: Iterable[Endpoint], about: Iterable[str]) -> None:
    """Forget responses, so that they are loaded again when they come; raises DestinationError."""
    names = ", ".join(f"'{endpoint.name}'" for endpoint in endpoints)
    asked = joined(about)
    if asked:
        database.run_together(
            f"DELETE FROM {LOADED_RESPONSES} WHERE endpoint IN ({names}) AND about {AMONG}",
            parameter=asked,
        )


def note_loaded(database: Database, endpoint: Endpoint, noted: Mapping[str, str]) -> None:
    """Note the digests of responses that are loaded; raises DestinationError."""
    if noted:
        said = "unnest(string_to_array(%s, chr(31)))"
        database.rows(
            f"MERGE INTO {LOADED_RESPONSES} AS noted "
            f"USING (SELECT {said} AS about, {said} AS digest) AS said "
            f"ON noted.endpoint = '{endpoint.name}' AND noted.about = said.about "
            "WHEN MATCHED THEN UPDATE SET digest = said.digest "
            "WHEN NOT MATCHED THEN INSERT (endpoint, about, digest, _dlt_load_id) "
            f"VALUES ('{endpoint.name}', said.about, said.digest, '')",
            joined(noted),
            joined(noted.values()),
        )
