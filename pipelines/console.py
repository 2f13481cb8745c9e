"""What a person or a cron log sees of a run: the plan, the progress and the result."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as TextTable

from pipelines.endpoints import COURSES, HORSE_PRO
from pipelines.modes import Plan
from pipelines.report import Report
from pipelines.settings import Settings

LINE_EVERY_SECONDS: Final = 10.0
MOST_LINES: Final = 12
"""Issues, unknown fields or gaps shown on the terminal; the report has them all."""


class Bars:
    """Progress on a terminal: a bar for each step, with the time left."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description:10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[detail]}"),
        )
        self._progress = Progress(*columns, console=console)
        self._progress.start()

    def start(self, step: str, total: int) -> None:
        """Begin a step of so many calls."""
        self._task = self._progress.add_task(step, total=total, detail="")

    def advance(self, detail: str) -> None:
        """One more is done."""
        self._progress.update(self._task, advance=1, detail=detail)

    def finish(self) -> None:
        """End the step."""
        self._progress.update(self._task, detail="loaded")

    def close(self) -> None:
        """Leave the bars as they are."""
        self._progress.stop()


class Lines:
    """Progress in a log: a line when a step starts, now and then, and when it ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._step, self._total, self._done, self._said = "", 0, 0, 0.0

    def start(self, step: str, total: int) -> None:
        """Begin a step of so many calls."""
        self._step, self._total, self._done = step, total, 0
        self._begun = self._said = time.monotonic()
        self._console.print(f"{step}: {total} to ask for")

    def advance(self, detail: str) -> None:
        """One more is done."""
        self._done += 1
        if time.monotonic() - self._said >= LINE_EVERY_SECONDS:
            self._said = time.monotonic()
            pace = (self._said - self._begun) / self._done
            left = timedelta(seconds=round(pace * (self._total - self._done)))
            self._console.print(f"{self._step}: {self._done} of {self._total}, {left} left")

    def finish(self) -> None:
        """End the step."""
        seconds = time.monotonic() - self._begun
        self._console.print(f"{self._step}: {self._done} asked for and loaded in {seconds:.1f} s")

    def close(self) -> None:
        """Nothing is left open."""


def progress_for(console: Console) -> Bars | Lines:
    """Return bars for a terminal, lines for a log."""
    return Bars(console) if console.is_terminal else Lines(console)


def show_plan(console: Console, plan: Plan, settings: Settings, destination: str) -> None:
    """Say what is about to be asked, before it is."""
    options = plan.options
    title = f"{options.mode} run of {options.today} (UK) into {destination}"
    console.print(f"[bold]{title}[/bold]" if console.is_terminal else title)
    if plan.reference:
        console.print(f"  courses    {', '.join(settings.regions)}")
    for endpoint, (first, last) in plan.windows.items():
        days = plan.days(endpoint)
        console.print(f"  {endpoint.name:10} {first} to {last}: {days} days to ask for")
    if plan.horses != 0:
        amount = "every missing profile" if plan.horses is None else f"up to {plan.horses} profiles"
        console.print(f"  horses     {amount}")
    console.print(f"  {_estimate(plan, settings)}")
    for note in [*plan.notes, *(f"{name}: {text}" for name, text in plan.undeliverable)]:
        console.print(f"  note: {note}", highlight=False)


def _estimate(plan: Plan, settings: Settings) -> str:
    asks = [(endpoint, plan.days(endpoint)) for endpoint in plan.chunks]
    asks += [(COURSES, int(plan.reference)), (HORSE_PRO, plan.horses or 0)]
    calls = sum(count for _, count in asks)
    rate = settings.requests_per_second
    seconds = sum(
        count / (min(rate, endpoint.ceiling) if settings.path_limits else rate)
        for endpoint, count in asks
    )
    more = "" if plan.horses is not None else ", and the horses"
    return f"{calls} calls or a few more, about {timedelta(seconds=round(seconds))}{more}"


def show_report(console: Console, report: Report) -> None:
    """Say what the run did, and what is missing."""
    if report.tables:
        console.print(_counts(report))
    retries = f", {report.retries} of them again" if report.retries else ""
    console.print(f"{report.calls} calls{retries}, {report.seconds:.1f} s", highlight=False)
    if report.horses:
        told = ", ".join(
            f"{count} {what.replace('_', ' ')}" for what, count in report.horses.items() if count
        )
        console.print(f"horse profiles: {told or 'none waiting'}", highlight=False)
    _show_some(console, "set aside in ra_issues", dict(report.issues))
    _show_some(console, "fields nobody declared", dict(report.unknown_fields))
    _show_some(console, "races of other regions left out", dict(report.other_regions))
    missing = report.missing
    for line in missing[:MOST_LINES]:
        console.print(f"missing: {line}", highlight=False, markup=False)
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
        console.print(f"{title}: {count} x {what}", highlight=False, markup=False)
    if len(most) > MOST_LINES:
        console.print(f"{title}: {len(most) - MOST_LINES} more kinds in the report")
