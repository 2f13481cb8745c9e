"""The SQL of features: what declared features are, from what was known before the off.

Past runs are added up by day for each who and where (the trainer's runs at the course), and a
window over those days, the day itself left out, makes the figures of each day. So one pass serves
all of history, and one day reads only the runs of its own people. The tables that this begins with
(`feature_past`, `feature_target` and others) are made by `sql/features/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pipelines.tables.features import FEATURES, KEYS, OF_PRICES, Counted, Fact, Feature
from pipelines.tables.features.model import LATE_DAYS, REAL, Where, Who

WHOLE, LARGE = "integer", "bigint"
SUM, HIGHEST = "sum", "max"


@dataclass(frozen=True)
class Amount:
    """What a past run adds to a measure; NULL adds nothing."""

    sql: str
    type: str = WHOLE
    how: str = SUM


AMOUNTS: Final = {
    "runs": Amount("1"),
    "wins": Amount("wins"),
    "places": Amount("places"),
    "beaten": Amount("beaten", LARGE),
    "rivals": Amount("rivals"),
    "won": Amount("won", LARGE),
    "share": Amount("share", LARGE),
    "chance": Amount("chance", LARGE),
    "expected": Amount("expected", LARGE),
    "profit": Amount("profit", LARGE),
    "profit_bsp": Amount("profit_bsp", LARGE),
    "pace": Amount("pace"),
    "paced": Amount("CASE WHEN pace IS NOT NULL THEN 1 END"),
    "led": Amount("CASE WHEN pace = 4 THEN 1 END"),
    "best_or": Amount("official_rating", how=HIGHEST),
    "best_winning_or": Amount("CASE WHEN wins = 1 THEN official_rating END", how=HIGHEST),
    "best_rpr": Amount("rpr", how=HIGHEST),
}
"""By the names that measures use; SQL over a row of feature_past."""

TARGETS: Final = "has_run OR is_of_today"


@dataclass(frozen=True)
class Family:
    """Features that share who and where: one table, a row for each day that is wanted."""

    who: Who
    shared: tuple[str, ...]
    features: tuple[Counted, ...]

    @property
    def table(self) -> str:
        """Name of its table."""
        return "_".join(("feature_of", self.who.name, *self.shared))

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns in which a past run is like the target's."""
        return (*self.who.keys, *self.shared)

    @cached_property
    def amounts(self) -> dict[tuple[str, Where], str]:
        """Its amounts with the runs that they are of, and the name of each."""
        return {
            (amount, feature.where): "_".join(
                filter(None, (amount, feature.where.test and feature.where.name))
            )
            for feature in self.features
            for amount in feature.measure.amounts
        }

    def create(self, first: int | None = None) -> str:
        """Return the statement that makes its table, for targets from a day on, or for all.

        From a day on, only runs that a target's figures are made of are added up.
        """
        keys = ", ".join(self.keys)
        values = ",\n    ".join(
            f"{_value(feature, self._windows)} AS {feature.name}" for feature in self.features
        )
        sums = ",\n        ".join(
            f"{how}({amount}) OVER {window} AS {name}"
            for (amount, how, window), name in self._windows.items()
        )
        frames = {_window(feature): _frame(feature) for feature in self.features}
        windows = ",\n        ".join(
            f"{window} AS (PARTITION BY {keys} ORDER BY day "
            f"RANGE BETWEEN {days or 'UNBOUNDED'} PRECEDING AND {newest} PRECEDING)"
            for window, (days, newest) in frames.items()
        )
        return (
            f"CREATE TEMPORARY TABLE {self.table} AS\nSELECT {keys}, day,\n    {values}\nFROM (\n"
            f"    SELECT {keys}, day, wanted,\n        {sums}\n"
            f"    FROM (\n{self._days(first)}\n    ) AS days\n"
            f"    WINDOW {windows}\n) AS figures\nWHERE wanted = 1"
        )

    def _days(self, first: int | None) -> str:
        """Return the query of all amounts by day: of past runs, and none on the days of targets."""
        keys = ", ".join(self.keys)
        known = " AND ".join(f"{key} IS NOT NULL" for key in self.keys)
        added, empty, daily = [], [], []
        for (name, where), alias in self.amounts.items():
            amount = AMOUNTS[name]
            sql = f"CASE WHEN {where.test} THEN {amount.sql} END" if where.test else amount.sql
            added.append(f"CAST({sql} AS {amount.type}) AS {alias}")
            empty.append(f"CAST(NULL AS {amount.type}) AS {alias}")
            daily.append(f"CAST({amount.how}({alias}) AS {amount.type}) AS {alias}")
        past = f"feature_past WHERE {known}"
        if first is not None:
            past += f" AND ({keys}) IN (SELECT {keys} FROM feature_target WHERE {known})"
            periods = [feature.days for feature in self.features]
            past += f" AND day >= {first - max(periods)}" if all(periods) else ""
        return (
            f"        SELECT {keys}, day, max(wanted) AS wanted, {', '.join(daily)}\n"
            "        FROM (\n"
            f"            SELECT {keys}, day, 0 AS wanted, {', '.join(added)}\n"
            f"            FROM {past}\n"
            "            UNION ALL\n"
            f"            SELECT {keys}, day, 1, {', '.join(empty)}\n"
            f"            FROM feature_target WHERE {known} AND ({TARGETS})\n"
            f"        ) AS of_days\n        GROUP BY {keys}, day"
        )

    @cached_property
    def _windows(self) -> dict[tuple[str, str, str], str]:
        """Every amount over every period that a feature needs, and the name of its column."""
        return {
            (alias, AMOUNTS[amount].how, _window(feature)): f"{alias}_{_window(feature)}"
            for feature in self.features
            for amount in feature.measure.amounts
            for alias in [self.amounts[amount, feature.where]]
        }


def _frame(feature: Counted) -> tuple[int, int]:
    return feature.days, 1 + (LATE_DAYS if feature.measure.is_late else 0)


def _window(feature: Counted) -> str:
    days, newest = _frame(feature)
    return f"from_{days or 'ever'}_to_{newest}"


def _value(feature: Counted, windows: dict[tuple[str, str, str], str]) -> str:
    """Return the SQL of a feature: its measure, with the windows of its amounts."""
    names = {}
    for amount in feature.measure.amounts:
        alias = "_".join(filter(None, (amount, feature.where.test and feature.where.name)))
        column = windows[alias, AMOUNTS[amount].how, _window(feature)]
        if feature.type == REAL:
            names[amount] = f"CAST({column} AS double precision)"
        elif AMOUNTS[amount].how == SUM:
            names[amount] = f"coalesce({column}, 0)"
        else:
            names[amount] = column
    return f"CAST({feature.measure.sql.format(**names)} AS {feature.type})"


def families() -> tuple[Family, ...]:
    """Return the features that are counted, by who and where."""
    found: dict[tuple[Who, tuple[str, ...]], list[Counted]] = {}
    for feature in FEATURES:
        if isinstance(feature, Counted):
            found.setdefault((feature.who, feature.where.keys), []).append(feature)
    return tuple(Family(who, shared, tuple(some)) for (who, shared), some in found.items())


def facts() -> str:
    """Return the statement that makes the table of what is known of the runners themselves."""
    values = ",\n    ".join(
        f"CAST({feature.sql} AS {feature.type}) AS {feature.name}"
        for feature in FEATURES
        if isinstance(feature, Fact)
    )
    shared = sorted({key for family in families() for key in family.keys} - {"horse_id"})
    keys = ", ".join(f"target.{key} AS key_{key}" for key in shared)
    return (
        "CREATE TEMPORARY TABLE feature_facts AS\n"
        "SELECT target.race_id, target.horse_id, target.race_date, target.day, target.has_run, "
        f"target.is_of_today, target.horse_id AS key_horse_id, {keys},\n    {values}\n"
        "FROM feature_target AS target\n"
        "LEFT JOIN feature_last AS last\n"
        "    ON last.horse_id = target.horse_id AND last.day = target.day\n"
        "LEFT JOIN feature_same AS same\n"
        "    ON same.horse_id = target.horse_id AND same.day = target.day\n"
        "    AND same.code = target.code AND same.region = target.region\n"
        "LEFT JOIN feature_prices AS prices\n"
        "    ON prices.race_id = target.race_id AND prices.horse_id = target.horse_id\n"
        "WINDOW race AS (PARTITION BY target.race_id)"
    )


def insert(table: str, which: str, days: str = "") -> str:
    """Return the statement that adds the rows of some targets to a table of features.

    `days` limits them, and the figures joined to them: a comparison with day numbers.
    """
    columns = ", ".join(feature.name for feature in (*KEYS, *FEATURES))
    joins = "\n".join(
        f"LEFT JOIN {family.table} ON {family.table}.day = feature_facts.day AND "
        + (f"{family.table}.day {days} AND " if days else "")
        + " AND ".join(f"{family.table}.{key} = feature_facts.key_{key}" for key in family.keys)
        for family in families()
    )
    sources = {feature.name: family.table for family in families() for feature in family.features}
    values = ", ".join(
        f"{sources.get(feature.name, 'feature_facts')}.{feature.name}"
        for feature in (*KEYS, *FEATURES)
    )
    return (
        f"INSERT INTO {table} ({columns})\nSELECT {values}\n"
        f"FROM feature_facts\n{joins}\nWHERE {which}"
        + (f" AND feature_facts.day {days}" if days else "")
    )


def create(table: str) -> str:
    """Return the statement that creates a table of features."""
    columns = ", ".join(
        f"{feature.name} {feature.type}{' NOT NULL' if feature in KEYS else ''}"
        for feature in (*KEYS, *FEATURES)
    )
    return f"CREATE TABLE {table} ({columns})"


def comments(table: str) -> Iterator[str]:
    """Yield the statements that say in the database what each feature means."""
    for feature in (*KEYS, *FEATURES):
        yield f"COMMENT ON COLUMN {table}.{feature.name} IS {quoted(meaning_of(feature))}"


def meaning_of(feature: Feature) -> str:
    """Return what a feature means, as a sentence begins."""
    until = " (changes until the off)" if feature.name in OF_PRICES else ""
    return feature.meaning[:1].upper() + feature.meaning[1:] + until


def quoted(text: str) -> str:
    """Return a text as SQL."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
