"""The SQL of the questions that everybody asks."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Final

from pipelines.database.sql import sql_text, statements_of
from pipelines.database.views import with_measures

DAY_OF_TODAY_CARD: Final = re.compile(
    r"\(\s*SELECT max\(date\) FROM ra_races\s+WHERE date <= CAST\(now\(\).*?AS date\)\s*\)",
    re.DOTALL,
)
LATEST_DAY: Final = (
    "SELECT max(date) AS day FROM ra_races "
    "WHERE date <= CAST(now() AT TIME ZONE 'Europe/London' AS date)"
)
RACE_FACTS: Final = (
    "course_id",
    "course_name",
    "region",
    "off_dt",
    "race_name",
    "race_type",
    "race_class",
    "surface",
    "going",
    "distance_f",
)
IN_ORDER: Final = "ORDER BY off_dt, race_id"
CURRENT: Final = (
    "SELECT endpoint, last_asked_at, last_complete_day FROM freshness ORDER BY endpoint"
)


def card_of(day: date) -> str:
    """Return the SELECT of the view today_card for another day: the same rules, at that time."""
    text, found = DAY_OF_TODAY_CARD.subn(f"DATE '{day.isoformat()}'", _select_of("today_card"))
    assert found == 1, "sql/views/today_card.sql names its day in other words"
    return text


def draw_before(day: date) -> str:
    """Return the SELECT of the view draw_bias with the runs of earlier days alone."""
    before = f"FROM (SELECT * FROM runs WHERE race_date < DATE '{day.isoformat()}') AS runs\n"
    text, found = re.subn(r"FROM runs\n", before, _select_of("draw_bias"))
    assert found == 1, "sql/views/draw_bias.sql reads its runs in other words"
    return text


@cache
def _select_of(view: str) -> str:
    (create, *_) = statements_of(sql_text(f"views/{view}"))
    return create.partition(f"CREATE VIEW {view} AS\n")[2]


def card(day: date) -> str:
    """Return the card of a day, in the order of the races and of the saddle-cloths."""
    return f"SELECT * FROM ({card_of(day)}) AS card {IN_ORDER}, number, horse_name"


def runners(day: date) -> str:
    """Return the runners of a day, each with the facts of its race."""
    facts = ", ".join(f"races.{name}" for name in RACE_FACTS)
    return (
        f"SELECT {facts}, runners.* FROM ra_runners AS runners "
        "JOIN ra_races AS races ON races.id = runners.race_id "
        f"WHERE runners.race_date = DATE '{day.isoformat()}' "
        "ORDER BY races.off_dt, runners.race_id, runners.number, runners.horse_name"
    )


def results(day: date) -> str:
    """Return every horse that ran on a day, in the order in which they finished."""
    return (
        f"SELECT * FROM runs WHERE race_date = DATE '{day.isoformat()}' "
        "ORDER BY off_dt, race_id, position NULLS LAST, horse_name"
    )


HISTORY: Final = (
    "SELECT * FROM runner_history WHERE horse_id = %s AND race_date < %s "
    "ORDER BY race_date DESC, off_dt DESC"
)
HORSES_NAMED: Final = (
    "SELECT id, name FROM ra_mst_horses WHERE id = %s OR lower(name) = lower(%s) ORDER BY id"
)
_FIGURES: Final = with_measures("""
SELECT
    {kind}_id AS id,
    period.name AS period,
    runs.code,
    {measures},
    min(race_date) AS first_run,
    max(race_date) AS last_run
FROM runs
CROSS JOIN (VALUES ('last 14 days', 14), ('last 365 days', 365), ('all loaded', 100000))
    AS period (name, days)
WHERE {whose}
GROUP BY {kind}_id, period.name, period.days, runs.code
ORDER BY period.days, runs.code
""")
FIGURES: Final = _FIGURES.replace(
    "{whose}",
    "{kind}_id = %s AND race_date < CAST(%s AS date) "
    "AND race_date >= CAST(%s AS date) - period.days",
)
"""What a trainer or a jockey has done before a day, by period and code."""
FIGURES_OF_MANY: Final = _FIGURES.replace(
    "{whose}",
    "{kind}_id IN ({whose}) AND race_date < DATE '{day}' "
    "AND race_date >= DATE '{day}' - period.days",
)
"""The same of several at once."""
