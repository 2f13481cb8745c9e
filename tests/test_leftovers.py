"""What a run that died has fetched: used once, only where it is as good as a new response."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.api.answers import DayAnswer, Page
from pipelines.api.endpoints import RACECARDS, RESULTS
from pipelines.archive.store import Archive, Batch, Entry
from pipelines.database.database import Database
from pipelines.plan import modes
from pipelines.report import ExitCode, Report
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.steps.leftovers import find_leftovers
from tests.fake_api import answer_of
from tests.jobs import point_to, rows_of, run_job, tables_in, without_courses

TODAY = date(2025, 10, 30)
FIRST, LAST = date(2025, 9, 29), date(2025, 9, 30)
"""Days that do not change any more: what is left of them is as good as new."""


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02)) as server:
        yield server


@pytest.fixture
def sandbox(shared: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    """Have runs load results only: cards that a dead run leaves behind take the same path."""
    monkeypatch.setattr(modes, "_dated", lambda _: [RESULTS])
    without_courses(monkeypatch)
    point_to(monkeypatch, shared.url)
    shared.clear()
    return shared


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(str(tmp_path / "archive"))


def run(mode: str, destination: str, **options: Any) -> Report:
    chosen = {"start": FIRST, "end": LAST, "max_horses": 0, **options}
    return run_job(mode, destination, TODAY, **chosen)


def die(destination: str, point: str) -> None:
    """Backfill, and end the process, as it were, at a point."""

    def end(*_: object, **__: object) -> None:
        raise SystemExit

    with pytest.MonkeyPatch.context() as dying, pytest.raises(SystemExit):
        dying.setattr(point, end)
        run("backfill", destination)


SPOILT = "The Unheard of Handicap"
BEFORE_LOADING = "pipelines.loading.days._load"
BEFORE_CLOSING = "pipelines.steps.fetcher.Fetcher.loaded"


def days_called(sandbox: Running) -> set[str]:
    """Days asked for, and forget them."""
    days = {value for call in sandbox.calls for name, value in call.params if "date" in name}
    sandbox.clear()
    return days


def spoil_leftovers(archive: Archive) -> None:
    """Let every leftover say what no response ever said."""
    left = archive.unloaded()
    for entry in (entry for batch in archive.batches() for entry in batch if entry.time in left):
        answer, _ = archive.read(entry)
        if isinstance(answer, DayAnswer):
            pages = [Page(entry.endpoint, _spoilt(body, answer)) for body in answer.bodies]
            archive.keep(replace(answer, pages=pages), Batch(entry.time, TODAY))


def _spoilt(body: dict[str, Any], answer: DayAnswer) -> bytes:
    for race in body[answer.endpoint.records]:
        race["race_name"] = SPOILT
    return json.dumps(body).encode()


def spoilt_races(destination: str) -> int:
    query = f"SELECT count(*) FROM ra_races WHERE race_name = '{SPOILT}'"
    ((races,),) = rows_of(destination, query)
    return int(races)


def test_a_manual_run_and_those_after_it_use_nothing_that_a_dead_one_left(
    destination: str, sandbox: Running, archive: Archive
) -> None:
    die(destination, BEFORE_LOADING)
    days_called(sandbox)
    spoil_leftovers(archive)
    report = run("manual", destination)
    assert (report.exit_code, spoilt_races(destination)) == (ExitCode.COMPLETE, 0)
    assert days_called(sandbox) == {FIRST.isoformat(), LAST.isoformat()}
    # What the manual run has loaded is newer, whatever becomes of the days.
    tables_in(destination).run("UPDATE ra_coverage SET status = 'partial'")
    report = run("backfill", destination)
    assert (report.exit_code, spoilt_races(destination)) == (ExitCode.COMPLETE, 0)
    assert archive.unloaded() == frozenset()


@pytest.mark.usefixtures("tables_there")
def test_another_run_uses_what_a_dead_one_left_once(sandbox: Running, archive: Archive) -> None:
    die("duckdb", BEFORE_LOADING)
    spoil_leftovers(archive)
    report = run("backfill", "duckdb")
    assert (report.exit_code, spoilt_races("duckdb") > 0) == (ExitCode.COMPLETE, True)
    assert archive.unloaded() == frozenset()


def test_a_batch_that_is_loaded_is_closed_by_the_next_run(
    destination: str, sandbox: Running, archive: Archive
) -> None:
    die(destination, BEFORE_CLOSING)
    assert archive.unloaded() != frozenset()
    loaded = archive.batches()
    tables_in(destination).run("UPDATE ra_coverage SET status = 'partial'")
    spoil_leftovers(archive)
    report = run("backfill", destination)
    assert (report.exit_code, spoilt_races(destination)) == (ExitCode.COMPLETE, 0)
    assert archive.unloaded() == frozenset()
    assert archive.batches()[: len(loaded)] == loaded, "it stays, for a rebuild"


@pytest.mark.usefixtures("tables_there")
def test_what_nobody_can_rely_on_is_set_aside_and_the_rest_stays(
    sandbox: Running, archive: Archive
) -> None:
    batch = archive.begin(TODAY)
    race = {"race_id": "rac_1", "date": "2025-10-29"}
    archive.keep(answer_of(RESULTS, date(2025, 10, 29), {"results": [race], "total": 2}), batch)
    archive.keep(answer_of(RACECARDS, date(2025, 10, 29), {"racecards": [race], "total": 1}), batch)
    later = archive.begin(TODAY)
    archive.keep(answer_of(RACECARDS, date(2025, 10, 29), {"racecards": [], "total": 0}), later)
    archive.end(later)
    assert find_leftovers(archive, Database("duckdb"), TODAY) == {}
    found = [[(entry.endpoint, entry.time) for entry in entries] for entries in archive.batches()]
    assert found == [[(RACECARDS, batch.time)], [(RACECARDS, later.time)]]
    assert archive.unloaded() == frozenset()
    place = Path(archive.name) / Entry(RESULTS, date(2025, 10, 29), batch.time).path
    assert place.with_name(f"{place.name}.unused").exists()
