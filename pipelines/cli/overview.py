"""The state of a database for a person to read: `pipeline status`."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.table import Table as TextTable
from rich.text import Text

from pipelines.status.state import WITHOUT_PROFILE, ArchiveState, State

MOST_GAPS: Final = 8
"""Gaps and kinds of issues shown; `pipeline status --json` has them all."""


def show_state(console: Console, state: State, rate: float) -> None:
    """Show the state of a database: tables, days, horses (at a rate of calls), issues, runs."""
    if state.is_empty:
        console.print(f"{state.absence}.", highlight=False, soft_wrap=True)
        return
    title = f"{state.destination}, {state.place}, on {state.today} (UK)\n"
    console.print(title, highlight=False, soft_wrap=True)
    for listing in (_rows_of(state), _days_of(state), _runs_of(state)):
        if listing.row_count:
            console.print(listing)
            console.print()
    for rebuild in state.rebuilds:
        console.print(f"not finished: {rebuild}", markup=False, highlight=False)
    for name, endpoint in state.endpoints.items():
        for gap in endpoint.gaps[-MOST_GAPS:]:
            console.print(f"missing: {name} {gap}", highlight=False)
    for line in [*state.ahead, *map(str, state.unreadable)]:
        console.print(f"warning: {line}", highlight=False)
    console.print(f"horse profiles: {_horses_of(state, rate)}", highlight=False)
    if state.plan:
        console.print(state.plan, highlight=False)
    if state.archive:
        console.print(_archive_of(state.archive), highlight=False)
    for what, count in list(state.issues.items())[:MOST_GAPS]:
        console.print(f"set aside in ra_issues: {what} ({count:,})", highlight=False)


def _listing(*columns: str) -> TextTable:
    listing = TextTable(box=None, pad_edge=False)
    for number, name in enumerate(columns):
        listing.add_column(name, no_wrap=number == 0, overflow="fold")
    return listing


def _horses_of(state: State, rate: float) -> str:
    asked = {what: count for what, count in state.horses.items() if what not in WITHOUT_PROFILE}
    told = [f"{count:,} {what.replace('_', ' ')}" for what, count in asked.items()]
    if state.waiting.total:
        told.append(f"{state.waiting.total:,} queued ({state.waiting.told(rate)})")
    return ", ".join(told) or "none"


def _archive_of(archive: ArchiveState) -> str:
    megabytes = archive.bytes / 1_000_000
    return f"archive: {archive.answers:,} responses, {megabytes:,.1f} MB in {archive.place}"


def _rows_of(state: State) -> TextTable:
    listing = _listing("table", "rows", "last change (UTC)")
    for name, table in state.tables.items():
        changed = f"{table.changed_at:%Y-%m-%d %H:%M}" if table.changed_at else ""
        listing.add_row(name, f"{table.rows:>12,}", changed)
    return listing


def _days_of(state: State) -> TextTable:
    listing = _listing("days of", "from", "to", "newest complete", "by status")
    for name, days in state.endpoints.items():
        told = ", ".join(f"{n:,} {status.replace('_', ' ')}" for status, n in days.days.items())
        if days.missing_days:
            told += f"; {days.missing_days:,} missing"
        dates = (str(day or "") for day in (days.first, days.last, days.newest_complete))
        listing.add_row(name, *dates, told)
    return listing


def _runs_of(state: State) -> TextTable:
    listing = _listing("run (UTC)", "mode", "seconds", "calls", "ended")
    for run in state.runs:
        first = run.missing[0] if run.missing else ""
        listing.add_row(
            f"{run.started_at:%Y-%m-%d %H:%M}",
            f"{run.mode} test" if run.is_test else run.mode,
            f"{(run.finished_at - run.started_at).total_seconds():,.0f}",
            f"{run.calls:,}",
            Text(f"{run.exit_code}: {first}" if run.exit_code else "complete"),
        )
    return listing
