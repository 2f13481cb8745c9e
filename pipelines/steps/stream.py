"""The steps of a run as one stream: fetch | read | load.

One thread fetches, in the order of the steps, and begins with the next chunk when nothing is left
of one that is not being asked. Steps that are fetched side by side have a thread each, and take
turns. Another thread reads one part ahead. The caller loads, and only it uses the database.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby
from typing import Any, Final

from pipelines.api.client import RacingApi
from pipelines.errors import (
    AccessError,
    DestinationError,
    FaultError,
    PipelineError,
    RefusedRowsError,
)
from pipelines.steps import Part, Run, Step
from pipelines.system.signals import unmasked
from pipelines.system.threads import Ahead

logger = logging.getLogger(__name__)

MOST_AHEAD: Final = 3
"""Parts fetched before they are read and loaded; a month of cards takes 5 MB."""

Steps = Sequence[Step[Any]]
"""One step, or several that are fetched side by side."""


class Failure(Part):
    """An exception in place of a part: it ends its step, and no other."""

    def __init__(self, step: Step[Any], error: Exception) -> None:
        super().__init__(step)
        self.error = error


class _NothingFollowsError(Exception):
    """An error after which no further step makes sense; it is in the report already."""


def take_steps(run: Run, order: Sequence[Steps]) -> None:
    """Take the steps in order; one that fails does not stop the others."""
    fetched = Ahead(_fetched(run, order), MOST_AHEAD)
    read = Ahead(_read(fetched), most=1, before_waiting=run.database.release)
    place = {step: number for number, steps in enumerate(order) for step in steps}
    with suppress(_NothingFollowsError):
        for number, parts in groupby(read, key=lambda part: place[part.step]):
            _load(run, order[number], parts)


def _fetched(run: Run, order: Sequence[Steps]) -> Iterator[Part]:
    """Fetch part after part, unless the key is locked out from the start."""
    for steps in order:
        for part in _side_by_side(steps, run.fetcher.api):
            yield part
            if isinstance(part, Failure) and run.is_locked_out(part.error):
                return


def _side_by_side(steps: Steps, api: RacingApi) -> Iterator[Part]:
    """Fetch the steps and take their parts in turn; before a first response, step after step.

    A wrong password then costs one call.
    """
    if len(steps) == 1 or not api.answered:
        for step in steps:
            yield from _parts(step)
        return
    going = [Ahead(_parts(step), most=1) for step in steps]
    while going:
        for parts in [*going]:
            part = next(parts, None)
            if part is None:
                going.remove(parts)
            else:
                yield part


def _parts(step: Step[Any]) -> Iterator[Part]:
    try:
        yield from step.fetch()
    except Exception as error:  # noqa: BLE001 - raised where the step is loaded
        yield Failure(step, error)


def _read(parts: Iterator[Part]) -> Iterator[Part]:
    for part in parts:
        try:
            part.read()
        except Exception as error:  # noqa: BLE001 - raised where the step is loaded
            yield Failure(part.step, error)
        else:
            yield part


def _load(run: Run, steps: Steps, parts: Iterator[Part]) -> None:
    """Load the parts of steps that were fetched side by side, and count their rows together.

    Of a step that has failed nothing more is loaded: its responses stay in the archive for the next
    run. Raises _NothingFollowsError.
    """
    begun: list[Step[Any]] = []
    with run.counted(
        [step.name for step in steps], [t for step in steps for t in step.tables]
    ) as read:
        for part in parts:
            step = part.step
            if step not in begun:
                begun.append(step)
                with _reported(run, step):
                    step.begin()
            if not step.is_over:
                with _reported(run, step):
                    read.update(_loaded(part))
        for step in begun:
            with _reported(run, step):
                step.end()


def _loaded(part: Part) -> Mapping[str, int]:
    if isinstance(part, Failure):
        raise part.error
    return part.step.load(part)


@contextmanager
def _reported(run: Run, step: Step[Any]) -> Iterator[None]:
    """Put an error into the report; it ends the step. Raises _NothingFollowsError."""
    try:
        with unmasked():
            yield
    except PipelineError as error:
        step.is_over = True
        logger.error("%s: %s", step.name, error)
        run.report.errors.append(f"{step.name}: {error}")
        if isinstance(error, AccessError):
            run.refused.append(f"{step.name}: {error}")
        is_database_lost = isinstance(error, DestinationError) and not isinstance(
            error, RefusedRowsError
        )
        if run.is_locked_out(error) or is_database_lost:
            raise _NothingFollowsError from error
    except Exception as error:
        step.is_over = True
        logger.exception("%s", step.name)
        run.report.errors.append(f"{step.name}: {FaultError(error)}")
