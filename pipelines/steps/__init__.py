"""The steps of a run: each fetches one part of the API and passes it on to be loaded."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pipelines.errors import AccessError
from pipelines.loading import Loading
from pipelines.plan.modes import Plan
from pipelines.steps.fetcher import Fetcher
from pipelines.tables import Table


@dataclass
class Run(Loading):
    """What every step works with."""

    plan: Plan
    fetcher: Fetcher
    refused: list[str] = field(default_factory=list)
    """Errors of steps that the API has refused: the plan may include less than it did."""

    def is_locked_out(self, error: Exception) -> bool:
        """Tell whether nothing else need be asked: the key was refused from the start."""
        return isinstance(error, AccessError) and not self.fetcher.api.answered


class Part:
    """A part of a step, such as a chunk of days; by itself it only begins the step."""

    def __init__(self, step: Step[Any]) -> None:
        self.step = step

    def read(self) -> None:
        """Parse what was fetched, in a thread that does not use the database."""


SomePart = TypeVar("SomePart", bound=Part)


class Step(ABC, Generic[SomePart]):
    """A step of a run: parts that are fetched by one thread and loaded by another."""

    name: str
    tables: Collection[Table] = ()
    """Tables that it loads, whose rows the report counts."""
    is_over = False
    """Whether loading has ended, perhaps by an error: nothing more need be fetched."""

    @abstractmethod
    def fetch(self) -> Iterator[SomePart]:
        """Yield the parts, in a thread that does not use the database; raises PipelineError."""

    def begin(self) -> None:
        """Do what comes before the first part is loaded; raises PipelineError."""

    @abstractmethod
    def load(self, part: SomePart) -> Mapping[str, int]:
        """Load a part, and return the rows read by table; raises PipelineError."""

    def end(self) -> None:
        """Do what comes after the last part, or after an error; raises PipelineError."""
