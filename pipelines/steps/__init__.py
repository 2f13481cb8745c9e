"""The steps of a run: each fetches one part of the API and passes it on to be loaded."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.loading import Loading
from pipelines.plan.modes import Plan
from pipelines.steps.fetcher import Fetcher


@dataclass
class Run(Loading):
    """What every step works with."""

    plan: Plan
    fetcher: Fetcher
    refused: list[str] = field(default_factory=list)
    """Errors of steps that the API has refused: the plan may include less than it did."""
