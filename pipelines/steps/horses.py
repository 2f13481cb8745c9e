"""The step that asks for the profiles of horses that have none yet: the horse queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice

from pipelines.api.answers import ProfileAnswer
from pipelines.archive import Batch
from pipelines.database import sql_text
from pipelines.endpoints import HORSE_PRO
from pipelines.errors import AccessError, ApiError
from pipelines.loading.horses import load_profiles
from pipelines.settings import REPEAT_AFTER_DAYS
from pipelines.steps import Run


def load_horses(run: Run) -> None:
    """Ask for profiles in batches, each batch one load; raises PipelineError."""
    waiting = queue(run)
    horses = waiting if run.plan.horses is None else waiting[: run.plan.horses]
    tally: Counter[str] = Counter()
    try:
        with run.counted("horses", len(horses)) as read:
            for some in _batches(horses, run.settings.horses_per_load):
                batch = run.fetcher.batch()
                profiles, failures = _ask(run, some, batch)
                read.update(load_profiles(run, profiles))
                run.fetcher.loaded(batch)
                tally.update(answer.status for answer in profiles)
                tally["failed"] += len(failures)
                if failures and (not profiles or _is_over(run, failures)):
                    raise failures[-1]
    finally:
        run.report.horses = {**tally, "waiting": len(waiting) - tally.total() + tally["failed"]}
    if tally["failed"]:
        run.report.errors.append(f"horses: {tally['failed']} profiles gave no usable answer")


def queue(run: Run) -> list[str]:
    """Horses without a profile: least known first, then those seen last."""
    long_ago = datetime.now(UTC) - timedelta(days=REPEAT_AFTER_DAYS)
    return [horse for horse, _ in run.database.rows(sql_text("horse_queue"), long_ago)]


def _batches(horses: list[str], size: int) -> Iterator[list[str]]:
    left = iter(horses)
    while batch := list(islice(left, size)):
        yield batch


def _ask(
    run: Run, horses: list[str], batch: Batch | None
) -> tuple[list[ProfileAnswer], list[ApiError]]:
    profiles: list[ProfileAnswer] = []
    failures: list[ApiError] = []

    def ask(horse: str) -> ProfileAnswer | ApiError:
        try:
            return run.fetcher.profile(horse, batch)
        except ApiError as error:
            return error

    asked = run.fetcher.api.ask_all(ask, horses, lambda answer: isinstance(answer, AccessError))
    with closing(asked):
        for horse, answer in asked:
            run.progress.advance(horse)
            if isinstance(answer, ApiError):
                failures.append(answer)
            else:
                profiles.append(answer)
    return profiles, failures


def _is_over(run: Run, failures: list[ApiError]) -> bool:
    """Tell whether another batch would be asked for in vain."""
    has_lost_access = any(isinstance(failure, AccessError) for failure in failures)
    return has_lost_access or run.fetcher.api.given_up(HORSE_PRO) is not None
