"""Finding out what a key includes: a call or two for each kind of data, once a week."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from pipelines.api.access import UNKNOWN, Access
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import (
    COURSES,
    EDITIONS,
    HISTORY_DAYS,
    PRICES,
    RACECARDS,
    RESULTS,
    Endpoint,
    VendorPlan,
)
from pipelines.database.reader import Reader
from pipelines.errors import AccessError, ApiError, NotFoundError, RefusedError
from pipelines.plan.access import store_access, stored_access
from pipelines.plan.border import raced_before
from pipelines.plan.coverage import Queried
from pipelines.settings import Settings
from pipelines.tables import ACCESS

logger = logging.getLogger(__name__)

PLAN_WORD: Final = "plan"
"""A refusal that mentions a plan is not about the password."""


def access_of(database: Queried, settings: Settings, api: RacingApi, today: date) -> Access:
    """Return what the key includes: by the settings, a recent check, or a check now.

    If the API is down, it is the result of the last check. Raises AccessError if the API does
    not know the key, and DestinationError.
    """
    before, now = stored_access(database), datetime.now(UTC)
    if settings.plan:
        # A named plan is believed, but for an endpoint that not every key of the plan includes.
        refused = {path: words for path, words in before.refused.items() if path == PRICES.path}
        access = replace(
            of_plan(settings.plan),
            refused=refused if before.is_current(now) else {},
            checked_at=now,
            since=before.since,
        )
        if before.checked_at and access.is_like(replace(before, has_history=None)):
            return access
    elif before.is_current(now):
        return before
    else:
        try:
            access = ask_access(api, today)
        except AccessError:
            raise
        except ApiError as error:
            logger.warning("What your plan includes could not be checked: %s", error)
            return before
    store_access(database, access, before)
    return access


def known_access(reader: Reader, settings: Settings) -> Access:
    """Return what is known about the key, without a call."""
    if settings.plan:
        return of_plan(settings.plan)
    return stored_access(reader) if ACCESS.name in reader.tables else UNKNOWN


def of_plan(name: str) -> Access:
    """Return what a plan includes, as the vendor describes it."""
    return Access(VendorPlan[name.upper()])


def ask_access(api: RacingApi, today: date) -> Access:
    """Find out what a key includes; raises ApiError if that fails."""
    return _KeyCheck(api, today).access()


class _KeyCheck:
    """One check of a key."""

    def __init__(self, api: RacingApi, today: date) -> None:
        self.api, self.today = api, today
        self._refused: dict[str, str] = {}
        self._is_known = False

    def access(self) -> Access:
        """Request each kind of data, the best edition first; raises ApiError."""
        racecards = self._best(EDITIONS[RACECARDS])
        results, has_history = self._results()
        plans = [plan for plan in (racecards, results) if plan]
        if not plans:
            refusals = Access(refused=self._refused).refusals
            raise AccessError(f"Your key includes no racecards and no results{refusals}.")
        return Access(max(plans), self._refused, has_history, datetime.now(UTC))

    def _results(self) -> tuple[VendorPlan | None, bool]:
        """Request a day that only the add-on has: one call for most keys."""
        long_ago = raced_before(self.today - timedelta(days=HISTORY_DAYS))
        try:
            return RESULTS.plan, self.api.sample(RESULTS, long_ago) > 0
        except (RefusedError, NotFoundError):
            return self._best(EDITIONS[RESULTS]), False

    def _best(self, editions: tuple[Endpoint, ...]) -> VendorPlan | None:
        """Return the plan of the first edition that the key includes."""
        return next((one.plan for one in editions if self._answers(one)), None)

    def _answers(self, edition: Endpoint) -> bool:
        yesterday = self.today - timedelta(days=1)
        try:
            self.api.sample(edition, yesterday if edition is RESULTS else self.today)
        except AccessError as error:
            self._raise_if_unknown(error)
            self._refused[edition.path] = error.words
            return False
        except NotFoundError:
            self._refused[edition.path] = ""
            return False
        return True

    def _raise_if_unknown(self, error: AccessError) -> None:
        """Distinguish a plan from a wrong password: every valid key has the courses."""
        if not self._is_known and PLAN_WORD not in error.words.lower():
            self.api.listing(COURSES)
            self._is_known = True
