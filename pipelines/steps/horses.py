"""The step that fetches profiles of horses without one: the horse queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pipelines.api.answers import RecordAnswer
from pipelines.api.endpoints import HORSE_PRO
from pipelines.archive.store import Batch
from pipelines.errors import AccessError, ApiError
from pipelines.loading.horses import load_profiles, status_of
from pipelines.parsing.values import is_identifier
from pipelines.plan.horses import horse_queue
from pipelines.steps import Run
from pipelines.system.threads import Ahead
from pipelines.tables import models_of, tables_from

STEP: Final = "horses"


@dataclass
class FetchedProfiles:
    """Profiles that were fetched together."""

    batch: Batch | None
    profiles: list[RecordAnswer]
    failures: list[ApiError]
    error: ApiError | None = None
    """What ends the step."""


class HorsesStep:
    """Fetches profiles in batches, and loads each batch while the next is fetched."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._first: list[str] = []
        """Those queued before the last days are loaded."""
        self._others = Future[list[str]]()
        self._asked = Ahead(self._ask_all(), most=2)

    def begin(self) -> None:
        """Fetch those already queued, while the last days, which may name others, are loaded.

        Half of the limit is left for the others: they may be the least known.
        """
        most = self.run.plan.horses
        if most == 0:
            return
        self._first = queue(self.run)[: None if most is None else most // 2]
        if self._first:
            self.run.progress.start(STEP, len(self._first))
            self._asked.begin()

    def load(self) -> None:
        """Load batch after batch; raises PipelineError."""
        run = self.run
        tally, failures = Counter[str](), list[ApiError]()
        waiting = queue(run)
        first = set(self._first)
        others = [horse for horse in waiting if horse not in first]
        if run.plan.horses is not None:
            others = others[: run.plan.horses - len(first)]
        run.progress.start(STEP, len(first) + len(others))
        self._others.set_result(others)
        try:
            self._load(tally, failures)
        finally:
            run.report.horses = {**tally, "waiting": len(waiting) - tally.total() + tally["failed"]}
        if failures:
            count = f"horses: {len(failures)} profiles could not be fetched"
            run.report.errors.append(f"{count}, such as: {failures[0]}")

    def _load(self, tally: Counter[str], failures: list[ApiError]) -> None:
        run = self.run
        tables = tables_from(HORSE_PRO)
        with run.counted(STEP, [*tables, *models_of(tables)]) as read:
            for asked in self._asked:
                read.update(load_profiles(run, asked.profiles))
                run.fetcher.loaded(asked.batch)
                tally.update(map(status_of, asked.profiles))
                tally["failed"] += len(asked.failures)
                failures += asked.failures
                if asked.error:
                    raise asked.error

    def _ask_all(self) -> Iterator[FetchedProfiles]:
        """Fetch batch after batch, until an error that ends the step."""
        for some in self._batches():
            asked = _ask(self.run, some)
            if asked.failures and _is_over(self.run, asked.failures):
                asked.error = asked.failures[-1]
            yield asked
            if asked.error:
                return

    def _batches(self) -> Iterator[list[str]]:
        yield from _batches(self._first, self.run.settings.horses_per_load)
        yield from _batches(self._others.result(), self.run.settings.horses_per_load)


def queue(run: Run) -> list[str]:
    """Horses without a profile: least known first, then most recently seen.

    Ids stored by earlier versions that cannot be part of an address are left out; a check names
    them.
    """
    wants_all = run.settings.profiles_for_colour_codes
    return [
        horse
        for horse, lacks_facts in horse_queue(run.database, run.plan.access)
        if (lacks_facts or wants_all) and is_identifier(horse)
    ]


def _batches(horses: list[str], size: int) -> Iterator[list[str]]:
    left = iter(horses)
    while batch := list(islice(left, size)):
        yield batch


def _ask(run: Run, horses: list[str]) -> FetchedProfiles:
    batch = run.fetcher.batch()
    profiles: list[RecordAnswer] = []
    failures: list[ApiError] = []

    def ask(horse: str) -> RecordAnswer | ApiError:
        try:
            return run.fetcher.record(HORSE_PRO, horse, batch)
        except ApiError as error:
            return error

    asked = run.fetcher.api.ask_all(ask, horses, lambda answer: isinstance(answer, AccessError))
    with closing(asked):
        for horse, answer in asked:
            run.progress.advance(STEP, horse)
            if isinstance(answer, ApiError):
                failures.append(answer)
            else:
                profiles.append(answer)
    return FetchedProfiles(batch, profiles, failures)


def _is_over(run: Run, failures: list[ApiError]) -> bool:
    """Return whether fetching another batch would be pointless."""
    has_lost_access = any(isinstance(failure, AccessError) for failure in failures)
    return has_lost_access or run.fetcher.api.given_up(HORSE_PRO) is not None
