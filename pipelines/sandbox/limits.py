"""The vendor's rate limits: requests in any second, per group of paths."""

from collections import defaultdict, deque
from itertools import count

CEILINGS = {"courses": 1, "racecards": 2}
OTHERS = 5
WINDOW = 1.0


class Limits:
    """Sliding windows of a second, by time of arrival. A refused request does not count."""

    def __init__(self) -> None:
        self._arrivals: defaultdict[str, deque[float]] = defaultdict(deque)
        self._refused = count()

    def refuse(self, group: str, arrived: float) -> dict[str, str] | None:
        """Let a request pass (None), or give the headers of its refusal; not all say how long."""
        recent = self._arrivals[group]
        while recent and recent[0] <= arrived - WINDOW:
            recent.popleft()
        if len(recent) >= CEILINGS.get(group, OTHERS):
            return {"Retry-After": "1"} if next(self._refused) % 2 == 0 else {}
        recent.append(arrived)
        return None
