"""What can be set about a sandbox."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from pipelines.sandbox.clock import Clock
from pipelines.sandbox.editions import Plan
from pipelines.sandbox.fixtures import World
from pipelines.sandbox.formats import LONDON

Refusal = Literal["422", "401", "403", "empty"]


@dataclass(frozen=True)
class SandboxOptions:
    """Settings of a sandbox; `refusal` is its answer to results beyond a year without `history`."""

    seed: int = 1
    latency: float = 0.0
    limits: bool = True
    today: date | None = None
    plan: Plan = "pro"
    history: bool = False
    refusal: Refusal = "422"
    scale: float = 1.0
    hour: int = 1
    """Of a fixed day: the daily job runs when yesterday is complete, and today's racing to come."""
    clock: Clock | None = None
    """A clock of its own, by which today is a race day: cards and results change as it goes on."""
    username: str = "sandbox"
    password: str = "sandbox"

    @property
    def world(self) -> World:
        """Name the world that is served."""
        return World(self.seed, self.scale)

    def now(self) -> datetime:
        """Read the server's clock, which stands still where the day is fixed."""
        if self.clock:
            return self.clock.now()
        if self.today is None:
            return datetime.now(LONDON)
        return datetime.combine(self.today, time(self.hour), LONDON)
