"""Measure the figures, by hand: `python -m benchmarks [FIGURE ...]`, or `make bench`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Annotated, Final, Optional

import duckdb
import psycopg2
import requests
import typer
from rich.console import Console

from benchmarks import daily, features, history, memory, merge, pace, raceday, start
from benchmarks.bench import DESTINATIONS, Bench, Size, bench_of
from benchmarks.errors import NotMeasuredError
from benchmarks.report import LATEST, Finding, Section, table_of, write

WIDTH_OF_A_LOG: Final = 200
TROUBLES: Final = (
    NotMeasuredError,
    OSError,
    duckdb.Error,
    psycopg2.Error,
    requests.RequestException,
)


class Figure(StrEnum):
    """The figures, in the order in which they are measured."""

    START = "start"
    MEMORY = "memory"
    DAILY = "daily"
    MERGE = "merge"
    FEATURES = "features"
    HISTORY = "history"
    PACE = "pace"
    RACEDAY = "raceday"


class Destination(StrEnum):
    """The databases."""

    DUCKDB = "duckdb"
    POSTGRES = "postgres"
    BOTH = "both"


MEASURES: Final[dict[Figure, Callable[[Bench, str], Iterator[Finding]]]] = {
    Figure.MEMORY: memory.measure,
    Figure.DAILY: daily.measure,
    Figure.MERGE: merge.measure,
    Figure.FEATURES: features.measure,
    Figure.HISTORY: history.measure,
    Figure.PACE: pace.measure,
    Figure.RACEDAY: raceday.measure,
}
"""Those that are measured on each database."""

Figures = Annotated[
    Optional[list[Figure]],  # noqa: UP045 - typer reads it
    typer.Argument(help="Which figures; all of them if none is named.", show_default=False),
]
SIZE: Final = Size()


def main(
    figures: Figures = None,
    days: Annotated[int, typer.Option(help="Days of the year's backfills.", min=1)] = SIZE.days,
    years: Annotated[float, typer.Option(help="Years of the history.", min=0)] = SIZE.years,
    runners: Annotated[
        int, typer.Option(help="Runners of merge and features.", min=0)
    ] = SIZE.runners,
    repeat: Annotated[int, typer.Option(help="Runs of each figure.", min=1)] = SIZE.repeat,
    destination: Annotated[Destination, typer.Option(help="Which database.")] = Destination.BOTH,
) -> None:
    """Measure figures against their targets; every value goes to benchmarks/latest.json."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is stopped
    chosen = [figure for figure in Figure if not figures or figure in figures]
    destinations = DESTINATIONS if destination is Destination.BOTH else (destination.value,)
    sections: list[Section] = []
    with bench_of(Size(days, years, runners, repeat), _tell) as bench:
        for section, findings in _parts(bench, chosen, destinations):
            sections.append(section)
            _measure(section, findings)
            write(sections, bench.size, bench.postgres.version)
    _show(sections)
    raise typer.Exit(1 if any(section.error for section in sections) else 0)


def _parts(
    bench: Bench, figures: list[Figure], destinations: tuple[str, ...]
) -> Iterator[tuple[Section, Iterator[Finding]]]:
    for figure in figures:
        if figure is Figure.START:
            yield Section(figure.value), start.measure(bench)
            continue
        for destination in destinations:
            yield Section(figure.value, destination), MEASURES[figure](bench, destination)


def _measure(section: Section, findings: Iterator[Finding]) -> None:
    try:
        for finding in findings:
            section.findings.append(finding)
            _tell(f"{section.title}: {finding.what} {finding.measured:.3f} {finding.verdict}")
    except TROUBLES as trouble:
        section.error = " ".join(str(trouble).split())
        _tell(f"{section.title}: not measured, {section.error}")


def _tell(said: str) -> None:
    Console(stderr=True, soft_wrap=True, highlight=False).print(said, markup=False)


def _show(sections: list[Section]) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_LOG)
    console.print(table_of(sections))
    console.print(f"Every value: {LATEST}", soft_wrap=True, highlight=False)


if __name__ == "__main__":
    typer.run(main)
