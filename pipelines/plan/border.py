"""Where the plan ends: worked out from refused and from suspiciously empty days.

It is not known how the API responds to a day before the plan's border: 422, 401, 403, or 200
without races, which must never be taken for a day without racing. A day recorded as beyond the plan
is not requested again automatically, so it takes several responses to conclude that, and none to
the contrary: no day is beyond the plan if an older one was delivered, in this run or earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from pipelines.api.answers import DayAnswer
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import HISTORY_DAYS, PLAN_DAYS, RESULTS, SURE_DAYS, Endpoint
from pipelines.errors import AccessError, ApiError

ALWAYS_RACED: Final = (12, 26)
"""A day with racing in every year: it tells an empty day from one that is not delivered."""
MOST_REFUSED: Final = 10
"""Days refused for themselves after which a step ends: each costs a call or two more."""

Answers = Sequence[DayAnswer]


class Border:
    """Finds the newest day that the plan does not reach, if a chunk lies across the border."""

    def __init__(
        self, api: RacingApi, endpoint: Endpoint, today: date, delivered: date | None = None
    ) -> None:
        """Take the oldest day for which earlier runs received races."""
        self.api, self.endpoint, self.today = api, endpoint, today
        self._delivered = delivered or date.max
        self._reaches = today - timedelta(days=PLAN_DAYS)
        self._has_raced: dict[date, bool] = {}
        self._refused_alone = 0

    def find(self, answers: Answers, ahead: Callable[[], Answers] = tuple) -> date | None:
        """Return the newest day beyond the plan, or None; raises ApiError if it cannot be told.

        In case of doubt, `ahead` gives the responses for older days. A day that should not be
        empty is marked as doubtful.
        """
        odd = any(answer.is_refused for answer in answers) or self.suspects(answers)
        known = [*answers, *ahead()] if odd else answers
        self._reaches = min([self._reaches, *(answer.day for answer in known if answer.received)])
        return self._refused(answers, known) or self._empty(answers)

    def is_out_of_reach(self, days: Sequence[date], answers: Answers) -> bool:
        """Return whether the plan certainly has these days: all plans do, or older ones came."""
        newest_border = self.today - timedelta(days=PLAN_DAYS)
        is_far = any(answer.received and answer.day < newest_border for answer in answers)
        return is_far or min(days) >= self.today - timedelta(days=SURE_DAYS)

    def suspects(self, answers: Answers) -> list[DayAnswer]:
        """Return the responses that may have no race because of the plan."""
        if self.endpoint is not RESULTS:
            return []
        raced = [answer.day for answer in answers if answer.received]
        border = min(self._reaches, min(raced, default=date.max))
        return [
            answer
            for answer in answers
            if answer.error is None and not answer.received and answer.day < border
        ]

    def _refused(self, answers: Answers, known: Answers) -> date | None:
        answered = [answer.day for answer in known if answer.pages]
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
        if beyond and newest < self._delivered and self._is_confirmed(newest):
            return newest
        self._refused_alone += 1
        if self._refused_alone >= MOST_REFUSED:
            raise error
        return None

    def _has_access(self, error: ApiError) -> bool:
        """Distinguish a border from lost access: request yesterday, which every plan has."""
        if not isinstance(error, AccessError) and self.endpoint.name in self.api.answered:
            return True
        return bool(self.api.day(self.endpoint, self.today - timedelta(days=1)).pages)

    def _is_confirmed(self, day: date) -> bool:
        """Return whether a day is refused again, as well as earlier ones."""
        return all(map(self._is_refused, self._probes(day)))

    def _probes(self, day: date) -> Iterator[date]:
        first = self.endpoint.first_day or date.min
        for probe in (day, day - timedelta(days=1), raced_before(day)):
            if probe >= first:
                yield probe

    def _is_refused(self, day: date) -> bool:
        answer = self.api.day(self.endpoint, day)
        if answer.is_failed and answer.error and not answer.is_refused:
            raise answer.error
        return answer.is_refused

    def _empty(self, answers: Answers) -> date | None:
        suspects = self.suspects(answers)
        if not suspects:
            return None
        raced = raced_before(min(answer.day for answer in suspects))
        if self._is_delivered(raced):
            return None
        has_history = self._reaches < self.today - timedelta(days=HISTORY_DAYS)
        beyond = [
            answer.day for answer in suspects if not has_history and answer.day < self._delivered
        ]
        for answer in suspects:
            if answer.day not in beyond:
                answer.doubt = (
                    f"no races were sent, nor for {raced}, although the plan reaches that far"
                )
        return max(beyond, default=None)

    def _is_delivered(self, raced: date) -> bool:
        """Return whether a day that had racing has races, if the API can have that day at all."""
        if self.endpoint.first_day and raced < self.endpoint.first_day:
            return True
        if raced not in self._has_raced:
            answer = self.api.past_day(self.endpoint, raced)
            if answer.is_failed and answer.error and not answer.is_refused:
                raise answer.error  # nobody knows: neither a border nor days without racing
            self._has_raced[raced] = answer.received > 0
        if self._has_raced[raced]:
            self._reaches = min(self._reaches, raced)
        return self._has_raced[raced]


def raced_before(day: date) -> date:
    """Return the last day before a day that certainly had racing."""
    raced = date(day.year, *ALWAYS_RACED)
    return raced if raced < day else date(day.year - 1, *ALWAYS_RACED)
