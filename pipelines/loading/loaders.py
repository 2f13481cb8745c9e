"""How the responses of each endpoint without days are loaded, whoever has fetched them and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from pipelines.api.endpoints import COURSES, HORSE_PRO, PRICES, Endpoint
from pipelines.loading import Loading
from pipelines.loading.courses import load_courses
from pipelines.loading.horses import load_profiles
from pipelines.loading.prices import load_prices

Loader = Callable[[Loading, Sequence[Any]], Counter[str]]
"""Loads answers of one type that were fetched together, and returns the rows read."""

LOADERS: Final[dict[Endpoint, Loader]] = {
    COURSES: load_courses,
    HORSE_PRO: load_profiles,
    PRICES: load_prices,
}
"""By endpoint, the best edition of each; days are loaded by pipelines/loading/days.py."""
