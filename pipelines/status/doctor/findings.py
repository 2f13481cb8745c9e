"""The findings of `pipeline doctor`: one line per check."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from pipelines.errors import FaultError, PipelineError
from pipelines.text import plain

logger = logging.getLogger(__name__)


class Level(StrEnum):
    """How serious a finding is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


WORDS = {Level.OK: "OK  ", Level.WARNING: "NOTE", Level.ERROR: "FIX "}


@dataclass(frozen=True)
class Finding:
    """What one check found, or what to do."""

    check: str
    level: Level
    text: str

    def __str__(self) -> str:
        return f"{WORDS[self.level]}  {self.check}: {plain(self.text)}"


Check = Callable[[], Iterator[tuple[Level, str]]]


def found_by(name: str, check: Check) -> list[Finding]:
    """Run a check; an error it raises becomes a finding."""
    found: list[Finding] = []
    try:
        for level, text in check():
            found.append(Finding(name, level, text))
    except PipelineError as error:
        found.append(Finding(name, Level.ERROR, str(error)))
    except Exception as error:
        logger.debug("The check of %s", name, exc_info=True)
        found.append(Finding(name, Level.ERROR, f"cannot be checked: {FaultError(error)}"))
    return found
