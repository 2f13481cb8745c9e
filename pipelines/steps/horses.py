"""The step that fetches profiles of horses without one: the horse queue."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

from pipelines.api.endpoints import HORSE_PRO
from pipelines.mapping.undated import profile_status
from pipelines.parsing.values import is_identifier
from pipelines.plan.horses import horse_queue
from pipelines.steps import Run
from pipelines.steps.records import Records, RecordsStep


class HorsesStep(RecordsStep):
    """Fetches profiles, the first of them while the last days are loaded."""

    name = "horses"

    def __init__(self, run: Run) -> None:
        super().__init__(run, HORSE_PRO, profile_status)
        self._first = Future[list[str]]()
        """Those queued before the last days are loaded."""
        self._others = Future[list[str]]()
        self._waiting = 0

    def begin_early(self) -> None:
        """Let those already queued be fetched while the last days are loaded, which may name more.

        Half of the limit is left for the others: they may be the least known.
        """
        most = self.run.plan.horses
        first = queue(self.run)[: None if most is None else most // 2] if most != 0 else []
        if first:
            self.run.progress.start(self.name, len(first))
        self._first.set_result(first)

    def fetch(self) -> Iterator[Records]:
        """Fetch batch after batch; raises the error that ends the step."""
        if self.run.plan.horses == 0:
            return
        yield Records(self)  # lets the queue be looked at when all days are loaded
        for horses in (self._first, self._others):
            yield from self.fetch_all(horses.result())
            if self.is_over:
                return

    def begin(self) -> None:
        """Queue the horses that have no profile once all days are loaded."""
        run = self.run
        if not self._first.done():
            self._first.set_result([])
        waiting, first = queue(run), self._first.result()
        others = [horse for horse in waiting if horse not in set(first)]
        if run.plan.horses is not None:
            others = others[: run.plan.horses - len(first)]
        run.progress.start(self.name, len(first) + len(others))
        self._waiting = len(waiting)
        self._others.set_result(others)

    def end(self) -> None:
        """Report what became of the profiles, and how many are left."""
        left = self._waiting - self.tally.total() + self.tally["failed"]
        self.run.report.horses = {**self.tally, "waiting": left}
        self.report_failures("profiles")


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
