"""The features of a runner, declared as data: one line each, from which all else is generated."""

from itertools import groupby
from typing import Final, NamedTuple

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


class Group(NamedTuple):
    """Features that a reader looks for together."""

    name: str
    title: str
    features: tuple[Feature, ...]


GROUPS: Final = (
    Group("keys", "Keys", KEYS),
    Group("race", "Race, draw and price", RACES),
    Group("horse", "Horse", HORSES),
    *(
        Group(who.name, who.meaning[:1].upper() + who.meaning[1:], tuple(features))
        for who, features in groupby(PEOPLE, key=lambda feature: feature.who)
    ),
)
"""All features, the keys included."""
OF_PRICES: Final = frozenset(feature.name for feature in PRICE)
"""Those that change until the off: all others of a morning are those of the evening."""

HISTORY: Final = "features"
TODAY: Final = "today_features"

__all__ = [
    "FEATURES",
    "GROUPS",
    "HISTORY",
    "KEYS",
    "OF_PRICES",
    "TODAY",
    "Counted",
    "Fact",
    "Feature",
]
