"""Output of a run in a terminal or a log: the plan, the progress and the result."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table as TextTable

from pipelines.plan.estimate import Forecast
from pipelines.report import Report
from pipelines.text import count_of

LINE_EVERY_SECONDS: Final = 10.0
MOST_LINES: Final = 12
"""Issues, unknown fields or gaps shown on the terminal; the report has them all."""


class Bars:
    """Progress on a terminal: a bar for each step, with the time left."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description:10}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[detail]}", markup=False),
        )
        self._progress = Progress(*columns, console=console)
        self._tasks: dict[str, TaskID] = {}
        self._progress.start()

    def start(self, step: str, total: int) -> None:
        """Begin a step with a number of items, 0 if nobody knows; or change that number."""
        if step in self._tasks:
            self._progress.update(self._tasks[step], total=total)
        else:
            self._tasks[step] = self._progress.add_task(step, total=total or None, detail="")

    def advance(self, step: str, detail: str) -> None:
        """One more is done."""
        self._progress.update(self._tasks[step], advance=1, detail=detail)

    def finish(self, step: str) -> None:
        """End the step, if it has begun."""
        if step in self._tasks:
            self._progress.update(self._tasks[step], detail="loaded")

    def close(self) -> None:
        """Stop updating the bars."""
        self._progress.stop()


@dataclass
class _Counted:
    """Progress of a step, and when it was last shown."""

    total: int
    done: int = 0
    begun: float = field(default_factory=time.monotonic)
    said: float = field(default_factory=time.monotonic)


class Lines:
    """Progress in a log: a line when a step starts, now and then, and when it ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._steps: dict[str, _Counted] = {}

    def start(self, step: str, total: int) -> None:
        """Begin a step with a number of items, 0 if nobody knows; or change that number."""
        counted = self._steps.setdefault(step, _Counted(total))
        counted.total = total
        self._console.print(f"{step}: {total} to do" if total else f"{step}: begins")

    def advance(self, step: str, detail: str) -> None:
        """One more is done."""
        counted, now = self._steps[step], time.monotonic()
        counted.done += 1
        if now - counted.said >= LINE_EVERY_SECONDS:
            counted.said = now
            if not counted.total:
                self._console.print(f"{step}: {counted.done} done, {detail}", markup=False)
                return
            pace = (now - counted.begun) / counted.done
            left = timedelta(seconds=round(pace * (counted.total - counted.done)))
            self._console.print(f"{step}: {counted.done} of {counted.total}, {left} left")

    def finish(self, step: str) -> None:
        """End the step, if it has begun."""
        if step in self._steps:
            counted = self._steps[step]
            seconds = time.monotonic() - counted.begun
            self._console.print(f"{step}: {counted.done} done in {seconds:.1f} s")

    def close(self) -> None:
        """Nothing is left open."""


def progress_for(console: Console) -> Bars | Lines:
    """Return bars for a terminal, lines for a log."""
    return Bars(console) if console.is_terminal else Lines(console)


def show_plan(console: Console, plan: Forecast) -> None:
    """Show what is about to be fetched."""
    title, *lines = str(plan).splitlines()
    console.print(title, style="bold", highlight=False)
    for line in lines:
        console.print(line, highlight=False)


def show_report(console: Console, report: Report) -> None:
    """Show what the run did, and what is missing."""
    if report.tables:
        console.print(_counts(report))
    retries = f" ({count_of(report.retries, 'retry')})" if report.retries else ""
    calls = f"{count_of(report.calls, 'call')}{retries}"
    console.print(f"{calls}, {report.seconds:.1f} s", highlight=False)
    if report.unchanged:
        console.print(f"{count_of(report.unchanged, 'response')} unchanged", highlight=False)
    for title, counts in (("horse profiles", report.horses), ("price histories", report.prices)):
        if counts:
            told = ", ".join(
                f"{count} {what.replace('_', ' ')}" for what, count in counts.items() if count
            )
            console.print(f"{title}: {told or 'none to fetch'}", highlight=False)
    _show_some(console, "set aside in ra_issues", dict(report.issues))
    _show_some(console, "new API field, not stored", dict(report.unknown_fields))
    _show_some(console, "races of other regions, left out", dict(report.other_regions))
    for entry in report.not_in_plan:
        console.print(f"not in your plan: {entry}", highlight=False)
    missing = report.missing
    for line in missing[:MOST_LINES]:
        console.print(f"missing: {line}", highlight=False)
    if len(missing) > MOST_LINES:
        console.print(f"missing: {len(missing) - MOST_LINES} more in the report")
    console.print("incomplete" if missing else "complete", style="bold red" if missing else "green")


def _counts(report: Report) -> TextTable:
    table = TextTable(box=None, pad_edge=False)
    table.add_column("table", no_wrap=True)
    for name in ("new", "changed", "unchanged", "rows"):
        table.add_column(name, justify="right")
    for name, count in report.tables.items():
        figures = (count.new, count.changed, count.unchanged, count.rows)
        table.add_row(name, *(f"{figure:,}" for figure in figures))
    return table


def _show_some(console: Console, title: str, counts: dict[str, int]) -> None:
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    for what, count in most[:MOST_LINES]:
        times = "once" if count == 1 else f"{count:,} times"
        console.print(f"{title}: {what} ({times})", highlight=False)
    if len(most) > MOST_LINES:
        console.print(f"{title}: {len(most) - MOST_LINES} more kinds in the report")
