"""`start`: how long the command line takes where it has hardly anything to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from statistics import median
from typing import Final

from benchmarks.bench import Bench
from benchmarks.errors import NotMeasuredError
from benchmarks.processes import PIPELINE, bare_environment, measured
from benchmarks.report import NO_TARGET, Finding, below

TIMES: Final = 10
NOTHING: Final = [sys.executable, "-c", "pass"]


def measure(bench: Bench) -> Iterator[Finding]:
    """Measure the commands in turn with a Python that does nothing."""
    nothing = _seconds(bench, NOTHING)
    for argument in ("--help", "tables"):
        bench.tell(f"start: pipeline {argument}")
        seconds = _seconds(bench, [PIPELINE, argument])
        ran = f"pipeline {argument}"
        yield Finding(f"seconds of pipeline {argument}", below(0.5, " s"), seconds, ran)
        ratios = [one / median(nothing) for one in seconds]
        yield Finding("the same / python -c pass", NO_TARGET, ratios, ran)


def _seconds(bench: Bench, command: list[str]) -> list[float]:
    outcomes = [
        measured(command, bare_environment(bench.folder), bench.folder) for _ in range(TIMES)
    ]
    for outcome in outcomes:
        if outcome.code != 0:
            raise NotMeasuredError(f"{command}: {outcome.last_lines}")
    return [outcome.seconds for outcome in outcomes]
