"""The step that fetches profiles of horses without one: the horse queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from itertools import islice

from pipelines.api.answers import RecordAnswer
from pipelines.api.endpoints import HORSE_PRO
from pipelines.archive.store import Batch
from pipelines.errors import AccessError, ApiError
from pipelines.loading.horses import load_profiles, status_of
from pipelines.parsing.values import is_identifier
from pipelines.plan.horses import horse_queue
from pipelines.steps import Part, Run, Step
from pipelines.tables import tables_from


class Profiles(Part):
    """Profiles that were fetched together; none where the step begins."""

    def __init__(self, step: HorsesStep, batch: Batch | None = None) -> None:
        super().__init__(step)
        self.batch = batch
        self.answers: list[RecordAnswer] = []
        self.failures: list[ApiError] = []


class HorsesStep(Step[Profiles]):
    """Fetches profiles in batches, and loads each batch while the next is fetched."""

    name = "horses"

    def __init__(self, run: Run) -> None:
        self.run = run
        self._first = Future[list[str]]()
        """Those queued before the last days are loaded."""
        self._others = Future[list[str]]()

    def begin(self) -> None:
        """Let those already queued be fetched while the last days are loaded, which may name more.

        Half of the limit is left for the others: they may be the least known.
        """
        most = self.run.plan.horses
        first = queue(self.run)[: None if most is None else most // 2] if most != 0 else []
        if first:
            self.run.progress.start(self.name, len(first))
        self._first.set_result(first)

    def fetch(self) -> Iterator[Profiles]:
        """Fetch batch after batch; raises the error that ends the step."""
        if self.run.plan.horses == 0:
            return
        yield Profiles(self)  # lets the queue be looked at when all days are loaded
        for horses in self._batches():
            profiles = self._ask(horses)
            yield profiles
            if self.is_over:
                return
            if profiles.failures and self._is_in_vain(profiles.failures):
                raise profiles.failures[-1]

    def load(self, parts: Iterator[Profiles]) -> None:
        """Load batch after batch; raises PipelineError."""
        run = self.run
        tally, failures = Counter[str](), list[ApiError]()
        if not self._first.done():
            self._first.set_result([])
        waiting, first = queue(run), self._first.result()
        others = [horse for horse in waiting if horse not in set(first)]
        if run.plan.horses is not None:
            others = others[: run.plan.horses - len(first)]
        run.progress.start(self.name, len(first) + len(others))
        self._others.set_result(others)
        try:
            with run.counted(self.name, tables_from(HORSE_PRO)) as read:
                for profiles in parts:
                    read.update(load_profiles(run, profiles.answers))
                    run.fetcher.loaded(profiles.batch)
                    tally.update(map(status_of, profiles.answers))
                    tally["failed"] += len(profiles.failures)
                    failures += profiles.failures
        finally:
            run.report.horses = {**tally, "waiting": len(waiting) - tally.total() + tally["failed"]}
        if failures:
            count = f"horses: {len(failures)} profiles could not be fetched"
            run.report.errors.append(f"{count}, such as: {failures[0]}")

    def _batches(self) -> Iterator[list[str]]:
        for horses in (self._first, self._others):
            left = iter(horses.result())
            while batch := list(islice(left, self.run.settings.horses_per_load)):
                yield batch

    def _ask(self, horses: list[str]) -> Profiles:
        fetcher = self.run.fetcher
        profiles = Profiles(self, fetcher.batch())

        def ask(horse: str) -> RecordAnswer | ApiError:
            try:
                return fetcher.record(HORSE_PRO, horse, profiles.batch)
            except ApiError as error:
                return error

        asked = fetcher.api.ask_all(ask, horses, lambda answer: isinstance(answer, AccessError))
        with closing(asked):
            for horse, answer in asked:
                self.run.progress.advance(self.name, horse)
                if isinstance(answer, ApiError):
                    profiles.failures.append(answer)
                else:
                    profiles.answers.append(answer)
        return profiles

    def _is_in_vain(self, failures: list[ApiError]) -> bool:
        """Return whether fetching another batch would be pointless."""
        has_lost_access = any(isinstance(failure, AccessError) for failure in failures)
        return has_lost_access or self.run.fetcher.api.given_up(HORSE_PRO) is not None


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
