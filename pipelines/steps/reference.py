"""The step that fetches the course list, and the one that applies definitions to what is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipelines.api.answers import ListAnswer
from pipelines.api.endpoints import COURSES
from pipelines.archive.store import Batch
from pipelines.database.definitions import apply_to_new
from pipelines.errors import UnavailableError
from pipelines.loading.courses import load_courses
from pipelines.steps import Part, Run, Step
from pipelines.tables import tables_from


class Courses(Part):
    """The course list, as the API sent it."""

    def __init__(self, step: Step[Courses], answer: ListAnswer, batch: Batch | None) -> None:
        super().__init__(step)
        self.answer, self.batch = answer, batch


class CoursesStep(Step[Courses]):
    """Fetches the courses of the configured regions."""

    name = COURSES.name
    tables = tables_from(COURSES)

    def __init__(self, run: Run) -> None:
        self.run = run

    def fetch(self) -> Iterator[Courses]:
        """Yield the course list; raises PipelineError."""
        self.run.progress.start(self.name, 1)
        batch = self.run.fetcher.batch()
        answer = self.run.fetcher.listing(COURSES, batch)
        if not answer.received:
            raise UnavailableError("/v1/courses answered without a single course.")
        self.run.progress.advance(self.name, "")
        yield Courses(self, answer, batch)

    def load(self, part: Courses) -> Mapping[str, int]:
        """Load it; raises PipelineError."""
        read = load_courses(self.run, [part.answer])
        self.run.fetcher.loaded(part.batch)
        return read


class DefinitionsStep(Step[Part]):
    """Applies indexes, comments and views to a database that has none yet."""

    name = "definitions"

    def __init__(self, run: Run) -> None:
        self.run = run

    def fetch(self) -> Iterator[Part]:
        """Fetch nothing."""
        yield Part(self)

    def load(self, part: Part) -> Mapping[str, int]:
        """Apply them; raises DestinationError."""
        apply_to_new(self.run.database)
        return {}
