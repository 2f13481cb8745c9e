"""A simulated race day, in this process or in one that is killed."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.loading.captured import MODE
from pipelines.plan.modes import Options
from pipelines.raceday.day import Timer, watch_day
from pipelines.report import Report
from pipelines.sandbox import Clock, Running, SandboxOptions, running
from pipelines.sandbox.formats import LONDON
from pipelines.settings import load_settings
from tests.faults.killable import POINTS, strike_at
from tests.jobs import Silent, point_to

DAY = date(2026, 11, 17)
MINUTES = 150
"""Between two rounds."""
NEXT_ROUND = Path("next_round")
"""Where a process notes the time of its next round."""
CAPTURED = Path("captured")
"""Where it notes the time of the last round whose responses are all saved."""
SECONDS = Path("seconds")
"""Where it notes its processor time, once it has watched the day to its end."""


def at(hour: float) -> datetime:
    """Return a time of the day."""
    return datetime.combine(DAY, datetime.min.time(), LONDON) + timedelta(hours=hour)


class Simulated(Timer):
    """The clock of a sandbox: to wait is to set it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def now(self) -> datetime:
        """Return the time at the sandbox."""
        return self.clock.now().astimezone(UTC)

    def sleep(self, seconds: float) -> None:
        """Let the time have passed."""
        # In UTC: in UK time an hour may be missing, or come twice.
        self.clock.set(self.clock.now().astimezone(UTC) + timedelta(seconds=seconds))
        note(NEXT_ROUND, self.clock.now())


class Noting(Silent):
    """Notes which round has been captured; progress hears of it before anything is loaded."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def advance(self, step: str, detail: str) -> None:
        """One more is done."""
        if step == MODE:
            note(CAPTURED, self.clock.now())


def note(place: Path, moment: datetime) -> None:
    """Note a time, the whole of it or nothing: somebody may be killed here."""
    new = place.with_suffix(".new")
    new.write_text(moment.isoformat(), encoding="utf-8")
    new.replace(place)


def noted(place: Path) -> datetime | None:
    """Return the time that was noted."""
    return datetime.fromisoformat(place.read_text(encoding="utf-8")) if place.exists() else None


@contextmanager
def race_day(patch: pytest.MonkeyPatch, hour: float, **settings: object) -> Iterator[Running]:
    """Serve a small race day that stands at an hour until somebody waits."""
    clock = Clock(at(hour), speed=0)
    with running(SandboxOptions(limits=False, clock=clock, scale=0.1)) as sandbox:
        point_to(patch, sandbox.url, **{"raceday_minutes": MINUTES, **settings})
        yield sandbox


def watch(destination: str, sandbox: Running, *, test: bool = False) -> Report:
    """Watch the day from where it stands, or for one round."""
    clock = sandbox.sandbox.options.clock
    assert clock
    options = Options("raceday", DAY, test=test)
    timer, progress = Simulated(clock), Noting(clock)
    return watch_day(options, load_settings(), destination, progress, timer=timer)


def main(arguments: Sequence[str]) -> None:
    """Watch the day from an hour, and be killed at a point or at a moment.

    The arguments are destination, hour and strike: a point of tests.faults.killable and the passage
    at which it strikes, such as "between two tables:3", or a number: the process's seconds of
    processor time after which it strikes. A process that is not killed says how many it took.
    """
    destination, hour, strike = arguments
    name, _, passage = strike.partition(":")
    if name in POINTS:
        strike_at(POINTS[name], int(passage or 1), signal.SIGKILL)
    elif strike:
        # Nobody handles this signal: it ends a process as SIGKILL does, wherever it is.
        left = float(strike) - time.process_time()
        signal.setitimer(signal.ITIMER_PROF, max(left, 0.001))
    with pytest.MonkeyPatch.context() as patch, race_day(patch, float(hour)) as sandbox:
        report = watch(destination, sandbox)
    SECONDS.write_text(str(time.process_time()), encoding="utf-8")
    sys.exit(int(report.exit_code))
