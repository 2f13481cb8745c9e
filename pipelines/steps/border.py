"""Where the plan ends: told from refused days, and from days that are suspiciously empty.

Nobody has recorded what a day before the plan's border answers: 422, 401, 403, or 200 without
races. The last must never be read as a day without racing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from pipelines.api import DayAnswer, RacingApi
from pipelines.endpoints import PLAN_DAYS, RESULTS, SURE_DAYS, Endpoint
from pipelines.errors import AccessError, ApiError

ALWAYS_RACED: Final = (12, 26)
"""A day with racing in every year: it tells an empty day from one that is not delivered."""


class Border:
    """Finds the newest day that the plan does not reach, if a chunk lies across the border."""

    def __init__(self, api: RacingApi, endpoint: Endpoint, today: date) -> None:
        self.api, self.endpoint, self.today = api, endpoint, today
        self._reaches = today - timedelta(days=PLAN_DAYS)

    def find(self, answers: Sequence[DayAnswer]) -> date | None:
        """Return the newest day beyond the plan, or None; raises ApiError if it cannot be told."""
        return self._refused(answers) or self._empty(answers)

    def is_out_of_reach(self, days: Sequence[date], answers: Sequence[DayAnswer]) -> bool:
        """Tell whether some days are delivered for sure: by every plan, or older ones are."""
        newest_border = self.today - timedelta(days=PLAN_DAYS)
        is_far = any(answer.received and answer.day < newest_border for answer in answers)
        return is_far or min(days) >= self.today - timedelta(days=SURE_DAYS)

    def suspects(self, answers: Sequence[DayAnswer]) -> list[date]:
        """Return days without a race that may be empty because of the plan."""
        if self.endpoint is not RESULTS:
            return []
        raced = [answer.day for answer in answers if answer.received]
        border = min(self._reaches, min(raced, default=date.max))
        return [
            answer.day
            for answer in answers
            if answer.error is None and not answer.received and answer.day < border
        ]

    def _refused(self, answers: Sequence[DayAnswer]) -> date | None:
        answered = [answer.day for answer in answers if answer.pages]
        oldest = min(answered, default=date.max)  # newer ones were refused for themselves
        refused = {
            answer.day: answer.error
            for answer in answers
            if answer.is_refused and answer.day < oldest
        }
        if not refused:
            return None
        beyond = [day for day in refused if day < self.today - timedelta(days=SURE_DAYS)]
        newest = max(beyond or refused)
        error = refused[newest]
        assert error is not None
        if not self._has_access(error) or not (beyond or answered):
            raise error
        return newest if beyond and self._is_refused_again(newest) else None

    def _is_refused_again(self, day: date) -> bool:
        """Make sure: a day noted as beyond the plan is not asked for again by itself."""
        return self.api.day(self.endpoint, day).is_refused

    def _has_access(self, error: ApiError) -> bool:
        """Tell a border from lost access: ask for yesterday, which every plan has."""
        if not isinstance(error, AccessError) and self.endpoint.name in self.api.answered:
            return True
        return bool(self.api.day(self.endpoint, self.today - timedelta(days=1)).pages)

    def _empty(self, answers: Sequence[DayAnswer]) -> date | None:
        suspects = self.suspects(answers)
        if not suspects:
            return None
        return None if self._is_delivered_before(min(suspects)) else max(suspects)

    def _is_delivered_before(self, day: date) -> bool:
        month, day_of_month = ALWAYS_RACED
        raced = date(day.year, month, day_of_month)
        if raced >= day:
            raced = date(day.year - 1, month, day_of_month)
        if self.endpoint.first_day and raced < self.endpoint.first_day:
            return True
        answer = self.api.day(self.endpoint, raced)
        if answer.is_failed and answer.error and not answer.is_refused:
            raise answer.error  # nobody knows: neither a border nor days without racing
        if answer.received:
            self._reaches = raced
            return True
        return False
