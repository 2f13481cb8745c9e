"""What the pages show: a few set-based questions to the database, each asked once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import pyarrow as pa

from pipelines.ask import Racing, queries
from pipelines.ask.day import Day, card_of_day, day_of
from pipelines.parsing.values import LONDON

Record = dict[str, Any]
Records = list[Record]
PEOPLE: Final = ("trainer", "jockey")
RECENT_DAYS: Final = 14
WEEKS: Final = 12
MOST_IN_A_LIST: Final = 10
MOST_RUNS: Final = 100
"""Runs of a horse that its page lists."""

OF_BOTH_DAYS: Final = """
    SELECT {column} FROM ra_runners WHERE race_date = DATE '{day}' AND {column} IS NOT NULL
    UNION
    SELECT {column} FROM ra_race_results
    WHERE race_date = DATE '{results}' AND {column} IS NOT NULL
"""
"""Who is on today's card or in yesterday's results."""

RUNS: Final = """
SELECT
    race_id, horse_id, race_date, off_dt, course_id, course_name, race_name, race_type, code,
    race_class, pattern, going, distance_f, horse_name, jockey_id, jockey_name, trainer_id,
    trainer_name, draw, weight, headgear, official_rating, rpr, position, finish_status,
    overall_beaten_distance, starters, is_winner, is_placed, starting_price, favourite_flag
FROM runs
WHERE {column} IN ({whose}) AND race_date < DATE '{day}' AND race_date >= DATE '{since}'
ORDER BY race_date DESC, off_dt DESC, race_id, horse_name
"""

HORSES: Final = """
SELECT
    horses.id, horses.name, horses.sex, horses.colour, horses.dob, horses.region,
    pedigree.sire, pedigree.dam, pedigree.damsire, pedigree.breeder
FROM ra_mst_horses AS horses
LEFT JOIN ra_horse_pedigree AS pedigree ON pedigree.horse_id = horses.id
WHERE horses.id IN ({whose})
"""

BY_COURSE: Final = """
SELECT {kind}_id AS id, course_id, max(course_name) AS course_name, count(*) AS runs,
    count(*) FILTER (WHERE is_winner) AS wins,
    CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate
FROM runs
WHERE {kind}_id IN ({whose}) AND race_date < DATE '{day}'
GROUP BY {kind}_id, course_id
ORDER BY wins DESC, runs, course_name
"""

AT_COURSE: Final = """
SELECT course_id, {kind}_id AS id, max({kind}_name) AS name, count(*) AS runs,
    count(*) FILTER (WHERE is_winner) AS wins,
    CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate
FROM runs
WHERE {kind}_id IS NOT NULL AND race_date < DATE '{day}' AND course_id IN ({whose})
GROUP BY course_id, {kind}_id
ORDER BY wins DESC, runs, name
"""

DRAW: Final = """
SELECT course_id, surface, distance_f, is_handicap, draw_third, races, runs, wins, chance_wins,
    impact_value, impact_value_low, impact_value_high, rivals_beaten, is_small_sample
FROM ({draw}) AS draw_bias WHERE course_id IN ({whose})
ORDER BY distance_f, surface, is_handicap DESC
"""

ODDS: Final = """
SELECT odds.race_id, odds.horse_id, bookmakers.name AS bookmaker, odds.decimal_odds,
    odds.fractional_odds, odds.odds_updated_at
FROM ra_runner_odds AS odds
JOIN ra_mst_bookmakers AS bookmakers ON bookmakers.id = odds.bookmaker_id
WHERE odds.race_date = DATE '{day}' AND odds.decimal_odds IS NOT NULL
ORDER BY odds.decimal_odds DESC, bookmakers.name
"""

PRICES: Final = """
SELECT prices.race_id, prices.horse_id, prices.bookmaker_id, prices.valid_from,
    prices.decimal_odds
FROM (
    SELECT *, max(origin) OVER (PARTITION BY race_id, horse_id, bookmaker_id) AS best_origin
    FROM ra_price_changes WHERE race_date = DATE '{day}'
) AS prices
JOIN ra_races AS races ON races.id = prices.race_id
JOIN ra_mst_bookmakers AS bookmakers
    ON bookmakers.id = prices.bookmaker_id AND bookmakers.type = 'fixed_odds'
WHERE prices.origin = prices.best_origin
    AND (races.off_dt IS NULL OR prices.valid_from < races.off_dt)
ORDER BY prices.valid_from, prices.bookmaker_id
"""


@dataclass
class Person:
    """A trainer or a jockey."""

    id: str
    name: str
    today: Records = field(default_factory=list)
    figures: Records = field(default_factory=list)
    recent: Records = field(default_factory=list)
    weeks: Records = field(default_factory=list)
    courses: Records = field(default_factory=list)


@dataclass
class Horse:
    """A horse with its runs, newest first."""

    id: str
    name: str
    about: Record = field(default_factory=dict)
    today: Records = field(default_factory=list)
    runs: Records = field(default_factory=list)


@dataclass
class Course:
    """A course with what happened there."""

    id: str
    name: str
    region: str
    today: list[Any] = field(default_factory=list)
    draw: Records = field(default_factory=list)
    trainers: Records = field(default_factory=list)
    jockeys: Records = field(default_factory=list)


@dataclass
class Content:
    """Everything that the pages show of a day."""

    card: Day
    results: Day | None
    horses: dict[str, Horse]
    people: dict[str, dict[str, Person]]
    """Trainers and jockeys by id, each under its kind."""
    courses: dict[str, Course]
    odds: dict[tuple[str, str], Records]
    """Prices by race and horse, the best first."""
    prices: dict[tuple[str, str], list[tuple[str, float]]]
    """How the best price of a bookmaker moved until the off, where it is known to have."""
    current: Records


def content_of(racing: Racing[pa.Table], day: date | None = None) -> Content:
    """Ask for all that is shown of a day, by default the latest; raises UsageError without one."""
    database = racing.database
    card = card_of_day(racing, day)
    results = _results(racing, card.date)
    asked = _Asked(racing, card.date, results.date if results else card.date)
    horses = _horses(asked, card, results)
    people = {kind: _people(asked, card, results, kind) for kind in PEOPLE}
    odds = defaultdict(list)
    for row in database.records(ODDS.format(day=card.date)):
        odds[row["race_id"], row["horse_id"]].append(row)
    return Content(
        card=card,
        results=results,
        horses=horses,
        people=people,
        courses=_courses(asked, card, results),
        odds=odds,
        prices=_prices(racing, card.date),
        current=database.records(queries.CURRENT),
    )


@dataclass(frozen=True)
class _Asked:
    racing: Racing[pa.Table]
    day: date
    results: date

    def records(self, sql: str, column: str, **named: str) -> Records:
        """Ask about those of both days that a column names."""
        whose = OF_BOTH_DAYS.format(column=column, day=self.day, results=self.results)
        return self.racing.database.records(
            sql.format(whose=whose, day=self.day, column=column, **named)
        )


def _prices(racing: Racing[pa.Table], day: date) -> dict[tuple[str, str], list[tuple[str, float]]]:
    if "ra_price_changes" not in racing.tables():
        return {}  # a database that no run of this version has opened yet
    changes = defaultdict(list)
    for row in racing.database.records(PRICES.format(day=day)):
        changes[row["race_id"], row["horse_id"]].append(row)
    moved = ((key, best_of(rows, day)) for key, rows in changes.items())
    return {key: line for key, line in moved if len(line) > 1}


def best_of(changes: Records, day: date) -> list[tuple[str, float]]:
    """Return each new best price, with its UK time, as the bookmakers' prices change in order."""
    offered: dict[str, float] = {}
    line: list[tuple[str, float]] = []
    for change in changes:
        offered[change["bookmaker_id"]] = float(change["decimal_odds"] or 0)
        best, at = max(offered.values()), change["valid_from"].astimezone(LONDON)
        if best and (not line or best != line[-1][1]):
            line.append((f"{at:%H:%M}" if at.date() == day else f"{at:%d %b %H:%M}", best))
    return line


def _results(racing: Racing[pa.Table], day: date) -> Day | None:
    """Return the results of the latest day before this one that has some."""
    query = f"SELECT max(date) AS day FROM ra_races WHERE has_result AND date < DATE '{day}'"
    ((last,),) = (row.values() for row in racing.database.records(query))
    if last is None:
        return None
    records = racing.results(last).to_pylist()
    times = {
        row["id"]: row["time"]
        for row in racing.database.records(f"SELECT id, time FROM ra_races WHERE date = '{last}'")
    }
    for row in records:
        row["time"] = times.get(row["race_id"], "")
    return day_of(records, last) if records else None


def _rows(day: Day | None) -> Records:
    return [row for race in (day.races if day else []) for row in race.runners]


def _horses(asked: _Asked, card: Day, results: Day | None) -> dict[str, Horse]:
    horses = {row["horse_id"]: Horse(row["horse_id"], row["horse_name"]) for row in _rows(results)}
    for row in _rows(card):
        horse = horses.setdefault(row["horse_id"], Horse(row["horse_id"], row["horse_name"]))
        horse.today.append(row)
    for row in asked.records(HORSES, "horse_id"):
        if row["id"] in horses:
            horses[row["id"]].about = row
    for row in asked.records(RUNS, "horse_id", since="0001-01-01"):
        if row["horse_id"] in horses:
            horses[row["horse_id"]].runs.append(row)
    return horses


def _people(asked: _Asked, card: Day, results: Day | None, kind: str) -> dict[str, Person]:
    column = f"{kind}_id"
    people: dict[str, Person] = {}
    for row in _rows(results) + _rows(card):
        if row[column]:
            people.setdefault(row[column], Person(row[column], row[f"{kind}_name"] or row[column]))
    for row in _rows(card):
        if row[column]:
            people[row[column]].today.append(row)
    for row in asked.records(queries.FIGURES_OF_MANY, column, kind=kind):
        if row["id"] in people:
            people[row["id"]].figures.append(row)
    since = asked.day - timedelta(weeks=WEEKS)
    for row in asked.records(RUNS, column, since=since.isoformat()):
        person = people.get(row[column])
        if person:
            person.weeks.append(row)
            if row["race_date"] >= asked.day - timedelta(days=RECENT_DAYS):
                person.recent.append(row)
    for person in people.values():
        person.weeks = _by_week(person.weeks, asked.day)
    for row in asked.records(BY_COURSE, column, kind=kind):
        person = people.get(row["id"])
        if person and len(person.courses) < MOST_IN_A_LIST:
            person.courses.append(row)
    return people


def _by_week(runs: Records, day: date) -> Records:
    """Count runs and wins in each of the weeks before a day, the earliest first."""
    weeks = [
        {"begins": day - timedelta(weeks=back), "runs": 0, "wins": 0}
        for back in range(WEEKS, 0, -1)
    ]
    for run in runs:
        week = weeks[WEEKS - 1 - ((day - run["race_date"]).days - 1) // 7]
        week["runs"] += 1
        week["wins"] += run["is_winner"]
    return weeks


def _courses(asked: _Asked, card: Day, results: Day | None) -> dict[str, Course]:
    courses: dict[str, Course] = {}
    for day in (results, card):
        for meeting in day.meetings if day else []:
            course = Course(meeting.course_id, meeting.course_name, meeting.region)
            courses[meeting.course_id] = course
            if day is card:
                course.today = meeting.races
    whose = OF_COURSES.format(day=asked.day, results=asked.results)
    database = asked.racing.database
    for row in database.records(DRAW.format(whose=whose, draw=queries.draw_before(asked.day))):
        if row["course_id"] in courses:
            courses[row["course_id"]].draw.append(row)
    for kind in PEOPLE:
        for row in database.records(AT_COURSE.format(kind=kind, whose=whose, day=asked.day)):
            found = courses.get(row["course_id"])
            people: Records = getattr(found, f"{kind}s") if found else []
            if found and len(people) < MOST_IN_A_LIST and row["wins"]:
                people.append(row)
    return courses


OF_COURSES: Final = """
    SELECT course_id FROM ra_races
    WHERE date IN (DATE '{day}', DATE '{results}') AND course_id IS NOT NULL
"""
