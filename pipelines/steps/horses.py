"""The step that asks for the profiles of horses that have none yet: the horse queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice

from pipelines import sources
from pipelines.api.answers import Body, ProfileAnswer
from pipelines.database import sql_text
from pipelines.endpoints import HORSE_PRO
from pipelines.errors import AccessError, ApiError
from pipelines.mapping import Inspection
from pipelines.settings import REPEAT_AFTER_DAYS
from pipelines.steps import Run

Horse = tuple[str, str]
"""A horse's id and how much is known of it: its enrichment_status."""


def load_horses(run: Run) -> None:
    """Ask for profiles in batches, each batch one load; raises PipelineError."""
    waiting = queue(run)
    horses = waiting if run.plan.horses is None else waiting[: run.plan.horses]
    tally: Counter[str] = Counter()
    try:
        with run.counted("horses", len(horses)) as read:
            for batch in _batches(horses, run.settings.horses_per_load):
                profiles, failures = _ask(run, batch)
                read.update(_load(run, batch, profiles))
                tally.update(str(profile["profile_status"]) for profile in profiles)
                tally["failed"] += len(failures)
                if failures and (not profiles or _is_over(run, failures)):
                    raise failures[-1]
    finally:
        run.report.horses = {**tally, "waiting": len(waiting) - tally.total() + tally["failed"]}
    if tally["failed"]:
        run.report.errors.append(f"horses: {tally['failed']} profiles gave no usable answer")


def queue(run: Run) -> list[Horse]:
    """Horses without a profile: least known first, then those seen last."""
    long_ago = datetime.now(UTC) - timedelta(days=REPEAT_AFTER_DAYS)
    return [
        (horse_id, status)
        for horse_id, status in run.database.rows(sql_text("horse_queue"), long_ago)
    ]


def _batches(horses: list[Horse], size: int) -> Iterator[list[Horse]]:
    left = iter(horses)
    while batch := list(islice(left, size)):
        yield batch


def _ask(run: Run, batch: list[Horse]) -> tuple[list[Body], list[ApiError]]:
    profiles: list[Body] = []
    failures: list[ApiError] = []

    def ask(horse: Horse) -> ProfileAnswer | ApiError:
        try:
            return run.api.profile(horse[0])
        except ApiError as error:
            return error

    asked = run.api.ask_all(ask, batch, is_final=lambda answer: isinstance(answer, AccessError))
    with closing(asked):
        for (horse_id, _), answer in asked:
            run.progress.advance(horse_id)
            if isinstance(answer, ApiError):
                failures.append(answer)
            else:
                profiles.append(answer.profile)
    return profiles, failures


def _is_over(run: Run, failures: list[ApiError]) -> bool:
    """Tell whether another batch would be asked for in vain."""
    has_lost_access = any(isinstance(failure, AccessError) for failure in failures)
    return has_lost_access or run.api.given_up(HORSE_PRO) is not None


def _load(run: Run, batch: list[Horse], profiles: list[Body]) -> Counter[str]:
    """Load a batch: a horse no card has named gets from its profile what a card would say."""
    if not profiles:
        return Counter()
    pending = {horse_id for horse_id, status in batch if status == "pending"}
    unnamed = [
        profile
        for profile in profiles
        if profile["id"] in pending and profile["profile_status"] != "not_found"
    ]
    found = Inspection()
    packages = [sources.horse_profiles(profiles, run.tables, found)]
    if unnamed:
        packages.insert(0, sources.profile_entries(unnamed, run.tables, found))
    read = run.database.load(*packages)
    run.database.run_sql("after_load")
    run.report.add_found(found)
    return read
