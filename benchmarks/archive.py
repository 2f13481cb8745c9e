"""An archive of whole years, as a backfill leaves it, without loading anything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from benchmarks.errors import NotMeasuredError
from benchmarks.processes import UNLIMITED
from pipelines.api.answers import Answer
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import COURSES, RACECARDS, RESULTS, Endpoint
from pipelines.archive.store import Archive
from pipelines.clock import uk_today
from pipelines.sandbox import SandboxOptions
from pipelines.settings import Settings

DAYS_OF_A_BATCH: Final = 30
"""About as many as a run loads together."""


def fill_archive(folder: Path, url: str, first: date, last: date) -> None:
    """Save what a server has for some days; raises NotMeasuredError if it is not all there."""
    options = SandboxOptions()
    api = RacingApi(
        Settings(
            username=options.username,
            password=options.password,
            base_url=url,
            requests_per_second=UNLIMITED,
            path_limits=False,
        )
    )
    archive = Archive(str(folder))
    _save(archive, [api.listing(COURSES)])
    for endpoint in (RACECARDS, RESULTS):
        days = _newest_first(endpoint, first, last)
        for start in range(0, len(days), DAYS_OF_A_BATCH):
            batch = days[start : start + DAYS_OF_A_BATCH]
            _save(archive, [api.past_day(endpoint, day) for day in batch])


def _newest_first(endpoint: Endpoint, first: date, last: date) -> list[date]:
    first = max(first, endpoint.first_day or first)
    return [last - timedelta(days=n) for n in range((last - first).days + 1)]


def _save(archive: Archive, answers: Iterable[Answer]) -> None:
    batch = archive.begin(uk_today())
    for answer in answers:
        if not answer.is_whole:
            raise NotMeasuredError(f"{answer.endpoint.name} {answer.about}: {answer.error}")
        archive.keep(answer, batch)
    archive.end(batch)
