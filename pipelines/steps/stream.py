"""The steps of a run as one stream: fetch | read | load.

One thread fetches, in the order of the steps, and begins with the next chunk when nothing is left
of one that is not being asked. Another reads one part ahead. The caller loads, and only it uses the
database.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from pipelines.errors import AccessError, DestinationError, FaultError, PipelineError
from pipelines.steps import Part, Run, Step
from pipelines.system.signals import unmasked
from pipelines.system.threads import Ahead

logger = logging.getLogger(__name__)

MOST_AHEAD: Final = 3
"""Parts fetched before they are read and loaded; a month of cards takes 5 MB."""


class Failure(Part):
    """An exception in place of a part: it ends its step, and no other."""

    def __init__(self, step: Step[Any], error: Exception) -> None:
        super().__init__(step)
        self.error = error


def take_steps(run: Run, steps: Sequence[Step[Any]]) -> None:
    """Take the steps in order; one that fails does not stop the others."""
    fetched = Ahead(_fetched(run, steps), MOST_AHEAD)
    read = Ahead(_read(fetched), most=1, before_waiting=run.database.release)
    for step, parts in groupby(read, key=lambda part: part.step):
        if not _survives(run, step, parts):
            return


def _fetched(run: Run, steps: Sequence[Step[Any]]) -> Iterator[Part]:
    """Fetch part after part, unless the key is locked out from the start."""
    for step in steps:
        try:
            yield from step.fetch()
        except Exception as error:  # noqa: BLE001 - raised where the step is loaded
            yield Failure(step, error)
            if run.is_locked_out(error):
                return


def _read(parts: Iterator[Part]) -> Iterator[Part]:
    for part in parts:
        try:
            part.read()
        except Exception as error:  # noqa: BLE001 - raised where the step is loaded
            yield Failure(part.step, error)
        else:
            yield part


def _survives(run: Run, step: Step[Any], parts: Iterator[Part]) -> bool:
    """Load one step and tell whether the next makes sense."""
    try:
        with unmasked():
            step.load(_sound(parts))
    except PipelineError as error:
        logger.error("%s: %s", step.name, error)
        run.report.errors.append(f"{step.name}: {error}")
        if isinstance(error, AccessError):
            run.refused.append(f"{step.name}: {error}")
        if run.is_locked_out(error) or isinstance(error, DestinationError):
            return False
    except Exception as error:
        logger.exception("%s", step.name)
        run.report.errors.append(f"{step.name}: {FaultError(error)}")
    step.is_over = True
    for _ in parts:
        pass  # responses not loaded now stay in the archive for the next run
    return True


def _sound(parts: Iterator[Part]) -> Iterator[Part]:
    """Yield the parts until one of them has failed."""
    for part in parts:
        if isinstance(part, Failure):
            raise part.error
        yield part
