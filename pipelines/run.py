"""A run from start to end: one step after the other, even if one of them fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.api.access import Access
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import DATED, HORSE_PRO, RACECARDS, RESULTS, Endpoint
from pipelines.archive.store import Archive, Entry, Question
from pipelines.database.database import Database
from pipelines.database.definitions import apply_definitions
from pipelines.database.destination import duckdb_file, open_destination, place_of
from pipelines.database.errors import holder_in
from pipelines.database.lock import RunLock
from pipelines.database.read_copy import keep_read_copy, read_copy_of, renew_read_copy
from pipelines.database.runs import note_run
from pipelines.errors import (
    ApiError,
    ArchiveError,
    DestinationError,
    FaultError,
    LockedError,
    PipelineError,
    UsageError,
)
from pipelines.loading import Loading, Progress
from pipelines.loading.captured import load_captured
from pipelines.loading.earlier import fill_source_tables
from pipelines.loading.features import Computed, compute_features
from pipelines.plan.access import note_lost, note_not_in_plan, store_access
from pipelines.plan.coverage import Coverage, forget_ahead
from pipelines.plan.estimate import Forecast, forecast
from pipelines.plan.horses import waiting_horses
from pipelines.plan.keycheck import access_of, ask_access
from pipelines.plan.modes import Options, Plan, make_plan
from pipelines.plan.prices import waiting_prices
from pipelines.plan.wanted import declare, wanted_since
from pipelines.rebuild.rebuild import finish_rebuilds, rebuild
from pipelines.report import STOPPED, ExitCode, Report
from pipelines.settings import Settings
from pipelines.steps import Run
from pipelines.steps.days import DaysStep
from pipelines.steps.fetcher import Fetcher
from pipelines.steps.horses import HorsesStep
from pipelines.steps.leftovers import find_leftovers
from pipelines.steps.prices import PricesStep
from pipelines.steps.reference import CoursesStep, DefinitionsStep
from pipelines.steps.stream import Steps, take_steps
from pipelines.system.signals import Interruption, unmasked

logger = logging.getLogger(__name__)

Announce = Callable[[Forecast], Any]


def perform(
    options: Options,
    settings: Settings,
    destination: str,
    progress: Progress,
    announce: Announce = lambda plan: None,
    *,
    wait: bool = False,
) -> Report:
    """Do a whole run: lock, open the database, plan, fetch, load, and report every failure.

    The report is written to its folder, and to ra_runs if the database was reached.

    Raises UsageError, before a call is made.
    """

    def work(run: Loading) -> None:
        _execute(run, announce)

    return _perform(work, options, settings, destination, progress, wait=wait)


def make_again(
    options: Options,
    settings: Settings,
    archive: Archive,
    destination: str,
    progress: Progress,
    *,
    wait: bool = False,
) -> Report:
    """Do a whole rebuild, as `perform` does a run."""

    def work(run: Loading) -> None:
        rebuild(run, archive)

    return _perform(work, options, settings, destination, progress, wait=wait)


def _perform(
    work: Callable[[Loading], None],
    options: Options,
    settings: Settings,
    destination: str,
    progress: Progress,
    *,
    wait: bool,
) -> Report:
    report = Report(options.mode, destination, options.test)
    with (
        told(report),
        RunLock(open_destination(destination), options.mode, wait=wait).held() as lock,
    ):
        database = opened(destination, lock, settings)
        with database.held_open():
            with told(report):
                report.notes += fill_source_tables(database)
                work(Loading(settings, database, options, report, progress))
                if settings.features and options.mode == "daily":
                    compute_features(database, options.today, settings.commission_percent / 100)
                report.notes += apply_definitions(database)
            end_report(report, settings)
            note_run(database, report)
            if report.ended_by not in STOPPED:  # it has a few seconds left
                database.keep_up()
        renew_copy(lock, settings, report)
    if report.finished_at is None:
        end_report(report, settings)
    return report


def make_features(
    settings: Settings, destination: str, today: date, *, is_all: bool, wait: bool
) -> Computed:
    """Compute the features of days that are new or have changed; no call is made.

    Raises DestinationError, or LockedError if a run is in progress.
    """
    with RunLock(open_destination(destination), "features", wait=wait).held() as lock:
        database = opened(destination, lock, settings)
        done = compute_features(database, today, settings.commission_percent / 100, is_all=is_all)
        file = duckdb_file(lock.destination)
        if file and settings.read_copy:
            renew_read_copy(file)
        return done


def renew_copy(lock: RunLock, settings: Settings, report: Report) -> None:
    """Renew the copy of a DuckDB file for readers, if the settings want one."""
    file = duckdb_file(lock.destination)
    if file and settings.read_copy:
        keep_read_copy(file, report)


def opened(destination: str, lock: RunLock, settings: Settings) -> Database:
    """Open the database; a DuckDB file that another program has open is waited for.

    Raises DestinationError.
    """
    file = duckdb_file(lock.destination)
    if file is None:
        return Database(destination, lock)
    try:
        return Database(destination, lock, settings.file_wait_minutes * 60)
    except DestinationError as error:
        holder = holder_in(error)
        if holder is None:
            raise
        raise DestinationError(
            f"{holder} has {file} open, and has not closed it for "
            f"{settings.file_wait_minutes:g} minutes. Close it there, and open "
            f"{read_copy_of(file).name} instead, which keeps no run out."
        ) from error


@contextmanager
def told(report: Report) -> Iterator[None]:
    """Put whatever ends a run into its report, except a UsageError."""
    try:
        with unmasked():
            yield
    except UsageError:
        raise
    except PipelineError as error:
        report.errors.append(str(error))
        report.ended_by = ExitCode.LOCKED if isinstance(error, LockedError) else None
    except KeyboardInterrupt as stop:
        _note_stop(report, stop)
    except Exception as error:
        logger.exception("The %s run", report.mode)
        report.errors.append(str(FaultError(error)))


def end_report(report: Report, settings: Settings) -> None:
    """Finish a report, and write it to its folder."""
    report.finish(settings.unreadable_share)
    report.write(Path(settings.report_folder))


def _execute(loading: Loading, announce: Announce) -> None:
    settings, database, options = loading.settings, loading.database, loading.options
    report = loading.report
    archive = Archive(settings.archive) if settings.archive else None
    if not options.test:
        finish_rebuilds(loading, archive)
    if archive and not options.test:
        try:
            load_captured(loading, archive)
        except ArchiveError as error:  # what is fetched now will meet it too, and report it
            logger.warning("%s", error)
    api = RacingApi(settings, options.today)

    def fetch_and_load() -> Run:
        plan, coverage = _plan(options, settings, database, api.access)
        place = place_of(database.pipeline.destination)
        expected = forecast(plan, settings, coverage, database.name, place)
        announce(expected)
        report.notes += plan.notes
        report.windows = _windows(plan)
        fetcher = Fetcher(
            api, archive, options.today, lambda archive: _leftovers(archive, database, options)
        )
        run = Run(settings, database, options, report, loading.progress, plan, fetcher)
        try:
            take_steps(run, _steps(run, coverage))
        finally:
            report.saved = fetcher.saved
            report.errors += sorted(fetcher.errors)
        return run

    try:
        report.notes += _forget_ahead(database, options.today)
        api.access = access_of(database, settings, api, options.today)
        run = fetch_and_load()
        if run.refused and _includes_less(run):
            report.forget_errors(run.refused)
            fetch_and_load()
    finally:
        api.stop()
        report.calls, report.retries = api.counts.calls, api.counts.retries
        report.add_issues(database.refused)


def _includes_less(run: Run) -> bool:
    """Check the key again after a refusal, and return whether it includes less than assumed."""
    api, before = run.fetcher.api, run.plan.access
    if run.settings.plan:
        return False
    try:
        access = ask_access(api, run.options.today)
    except ApiError as error:
        logger.warning("What your plan includes could not be checked: %s", error)
        return False
    api.access = access
    store_access(run.database, access, before)
    return not access.is_like(before)


def _plan(
    options: Options, settings: Settings, database: Database, access: Access
) -> tuple[Plan, Callable[[Endpoint], Coverage]]:
    """Plan the requests, and record what the key does not include."""
    reaches = {endpoint: access.reach(endpoint, options.today) for endpoint in DATED}
    for endpoint, reach in reaches.items():
        if access.edition(endpoint) is not endpoint and not options.test:
            note_lost(database, endpoint, reach, str(access.plan))
    wanted = wanted_since(database)
    coverage = cache(
        lambda endpoint: Coverage(
            database, endpoint, reach=reaches[endpoint], wanted_since=wanted[endpoint.name]
        )
    )
    plan = make_plan(options, settings, coverage, access)
    declare(database, plan.wanted, wanted)
    if options.wants_profiles and access.editions(HORSE_PRO):
        plan.waiting = waiting_horses(database, access)
    if plan.prices:
        plan.prices_waiting = waiting_prices(database, options.today)
    if not options.test and not options.tables:
        for endpoint, days in plan.not_in_plan.items():
            note_not_in_plan(database, endpoint, days, str(access.plan))
    return plan, coverage


def _leftovers(archive: Archive, database: Database, options: Options) -> Mapping[Question, Entry]:
    """Find the leftovers to use; a manual run uses none, since it wants current data."""
    found = find_leftovers(archive, database, options.today)
    return {} if options.mode == "manual" else found


def _forget_ahead(database: Database, today: date) -> Iterator[str]:
    for endpoint in DATED:
        days = forget_ahead(database, endpoint, today)
        if days:
            logger.warning(
                "%s: %d days were recorded while the clock was ahead", endpoint.name, days
            )
            yield (
                f"{endpoint.name}: {days} days recorded while the clock was ahead are requested "
                "again"
            )


def _note_stop(report: Report, stop: KeyboardInterrupt) -> None:
    code = stop.exit_code if isinstance(stop, Interruption) else ExitCode.INTERRUPTED
    report.ended_by = ExitCode(code)
    saved = f" {report.saved:,} responses are saved;" if report.saved else ""
    report.errors.append(f"stopped;{saved} run the same command again to continue")


def _steps(run: Run, coverage: Callable[[Endpoint], Coverage]) -> list[Steps]:
    """Return the steps of a run, in their order.

    Cards and results have limits of their own, so they are fetched side by side. Profiles are
    fetched while the last results are loaded, which may name more horses.
    """
    horses = HorsesStep(run)
    cards = DaysStep(run, RACECARDS, coverage(RACECARDS))
    results = DaysStep(run, RESULTS, coverage(RESULTS), before_last=horses.begin_early)
    courses = [[CoursesStep(run)]] if run.plan.reference else []
    return [*courses, [DefinitionsStep(run)], [cards, results], [horses], [PricesStep(run)]]


def _windows(plan: Plan) -> dict[str, dict[str, Any]]:
    return {
        endpoint.name: {"from": first, "to": last, "days_asked": plan.days(endpoint)}
        for endpoint, (first, last) in plan.windows.items()
    }
