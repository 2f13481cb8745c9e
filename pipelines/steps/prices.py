"""The step that fetches the vendor's price histories: the queue of runners."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace

from pipelines.api.endpoints import PRICES
from pipelines.errors import AccessError
from pipelines.loading.prices import status_of
from pipelines.plan.access import store_access
from pipelines.plan.prices import price_queue, waiting_prices
from pipelines.steps import Run
from pipelines.steps.records import Records, RecordsStep
from pipelines.text import plain


class PricesStep(RecordsStep):
    """Fetches price histories, of the most recent races first."""

    name = PRICES.name

    def __init__(self, run: Run) -> None:
        super().__init__(run, PRICES, status_of)
        self._queue = Future[list[str]]()
        self._waiting = 0
        self._refusal: AccessError | None = None
        """What says that the plan does not include them."""

    def fetch(self) -> Iterator[Records]:
        """Fetch batch after batch; raises the error that ends the step."""
        if not self.run.plan.prices:
            return
        yield Records(self)  # lets the queue be looked at when all days are loaded
        first, others = self._queue.result()[:1], self._queue.result()[1:]
        try:
            yield from self.fetch_all(first)  # alone: the plan may not include them
            yield from self.fetch_all(others)
        except AccessError as error:
            if not self.run.fetcher.api.answered:  # the key itself may be wrong
                raise
            self._refusal = error

    def begin(self) -> None:
        """Queue the runners whose prices are wanted."""
        run, today = self.run, self.run.options.today
        self._waiting = waiting_prices(run.database, today)
        wanted = price_queue(run.database, today, run.plan.prices)
        run.progress.start(self.name, len(wanted))
        self._queue.set_result(wanted)

    def end(self) -> None:
        """Report what became of them, and how many are left."""
        left = self._waiting - self.tally.total() + self.tally["failed"]
        self.run.report.prices = {**self.tally, "waiting": left}
        if self._refusal:
            self._note_refusal(self._refusal)
        self.report_failures(PRICES.title)

    def _note_refusal(self, error: AccessError) -> None:
        """Note that the plan does not include price histories: the next runs do not request any."""
        access = self.run.plan.access
        refused = {**access.refused, PRICES.path: error.words}
        store_access(self.run.database, replace(access, refused=refused), access)
        self.failures = [one for one in self.failures if not isinstance(one, AccessError)]
        self.run.report.notes.append(
            f"your plan includes no {PRICES.title}. The API says: {plain(error.words)}"
        )
