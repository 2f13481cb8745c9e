"""The features of a runner, declared as data: one line each, from which all else is generated."""

from typing import Final

from pipelines.tables.features.horse import HORSES
from pipelines.tables.features.model import Counted, Fact, Feature
from pipelines.tables.features.people import PEOPLE
from pipelines.tables.features.race import PRICE, RACES

KEYS: Final = (
    Feature("race_id", "text", "Race: joins ra_races.id"),
    Feature("horse_id", "text", "Horse: joins ra_runners with race_id"),
    Feature("race_date", "date", "UK day of the race"),
)
FEATURES: Final[tuple[Counted | Fact, ...]] = (*RACES, *HORSES, *PEOPLE)
OF_PRICES: Final = frozenset(feature.name for feature in PRICE)
"""Those that change until the off: all others of a morning are those of the evening."""

HISTORY: Final = "features"
TODAY: Final = "today_features"

__all__ = ["FEATURES", "HISTORY", "KEYS", "OF_PRICES", "TODAY", "Counted", "Fact", "Feature"]
