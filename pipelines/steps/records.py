"""What the steps that request records by their ids share: batches, fetched and loaded in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice

from pipelines.api.answers import RecordAnswer
from pipelines.api.endpoints import Endpoint
from pipelines.archive.store import Batch
from pipelines.errors import AccessError, ApiError
from pipelines.loading.loaders import LOADERS
from pipelines.steps import Part, Run, Step
from pipelines.tables import tables_from


class Records(Part):
    """Records that were fetched together; none where the step begins."""

    def __init__(self, step: RecordsStep, batch: Batch | None = None) -> None:
        super().__init__(step)
        self.batch = batch
        self.answers: list[RecordAnswer] = []
        self.failures: list[ApiError] = []


class RecordsStep(Step[Records]):
    """Fetches records in batches, and loads each batch while the next is fetched."""

    def __init__(
        self, run: Run, endpoint: Endpoint, status_of: Callable[[RecordAnswer], str]
    ) -> None:
        self.run, self.endpoint, self.status_of = run, endpoint, status_of
        self.tables = tables_from(endpoint)
        self.tally = Counter[str]()
        """Records by what became of them."""
        self.failures: list[ApiError] = []

    def fetch_all(self, ids: Iterable[str]) -> Iterator[Records]:
        """Fetch batch after batch; raises the error that ends the step."""
        left = iter(ids)
        while batch := list(islice(left, self.run.settings.horses_per_load)):
            records = self._ask(batch)
            yield records
            if self.is_over:
                return
            if records.failures and self._is_in_vain(records.failures):
                raise records.failures[-1]

    def load(self, part: Records) -> Mapping[str, int]:
        """Load a batch; raises PipelineError."""
        read = LOADERS[self.endpoint](self.run, part.answers)
        self.run.fetcher.loaded(part.batch)
        self.tally.update(map(self.status_of, part.answers))
        self.tally["failed"] += len(part.failures)
        self.failures += part.failures
        return read

    def report_failures(self, what: str) -> None:
        """Put into the report how many could not be fetched, and why one of them."""
        if self.failures:
            count = f"{self.name}: {len(self.failures)} {what} could not be fetched"
            self.run.report.errors.append(f"{count}, such as: {self.failures[0]}")

    def _ask(self, ids: list[str]) -> Records:
        fetcher = self.run.fetcher
        records = Records(self, fetcher.batch())

        def ask(record_id: str) -> RecordAnswer | ApiError:
            try:
                return fetcher.record(self.endpoint, record_id, records.batch)
            except ApiError as error:
                return error

        asked = fetcher.api.ask_all(ask, ids, lambda answer: isinstance(answer, AccessError))
        with closing(asked):
            for record_id, answer in asked:
                self.run.progress.advance(self.name, record_id)
                if isinstance(answer, ApiError):
                    records.failures.append(answer)
                else:
                    records.answers.append(answer)
        return records

    def _is_in_vain(self, failures: list[ApiError]) -> bool:
        """Return whether fetching another batch would be pointless."""
        has_lost_access = any(isinstance(failure, AccessError) for failure in failures)
        return has_lost_access or self.run.fetcher.api.given_up(self.endpoint) is not None
