"""A day's card as meetings, their races and the runners of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from pipelines.ask import Racing
from pipelines.errors import UsageError

Record = dict[str, Any]


@dataclass(frozen=True)
class Race:
    """One race: what all its rows say, and a row for each runner."""

    facts: Record
    runners: list[Record]

    def __getitem__(self, name: str) -> Any:
        return self.facts[name]

    @property
    def declared(self) -> int:
        """How many are expected to run."""
        return sum(not (row.get("is_non_runner") or row.get("is_reserve")) for row in self.runners)


@dataclass(frozen=True)
class Meeting:
    """The races at one course, in the order of their off times."""

    course_id: str
    course_name: str
    region: str
    races: list[Race] = field(default_factory=list)


@dataclass(frozen=True)
class Day:
    """The meetings of a day, the earliest first."""

    date: date
    meetings: list[Meeting]

    @property
    def races(self) -> list[Race]:
        """All races in the order of their off times."""
        races = (race for meeting in self.meetings for race in meeting.races)
        return sorted(races, key=lambda race: (str(race["off_dt"]), str(race["race_id"])))

    def find(self, wanted: str) -> list[Race]:
        """Return the race of an id or off time, or those of a course; raises UsageError."""
        told = wanted.strip().lower()
        races = self.races
        exact = [race for race in races if told in (race["race_id"].lower(), race["time"])]
        found = exact or [race for race in races if race["course_name"].lower().startswith(told)]
        if found and told:
            return found
        courses = ", ".join(meeting.course_name for meeting in self.meetings)
        raise UsageError(
            f"No race or course {wanted!r} on the card of {self.date}: use the id or time of a "
            f"race, or one of {courses}."
        )


def day_of(records: Iterable[Record], day: date) -> Day:
    """Group the rows of a card or of results, which are in the order of the races."""
    meetings: dict[str, Meeting] = {}
    for _, rows in groupby(records, key=lambda row: row["race_id"]):
        runners = list(rows)
        facts = runners[0]
        course = str(facts["course_id"] or facts["course_name"])
        meeting = meetings.setdefault(
            course, Meeting(course, facts["course_name"], facts["region"] or "")
        )
        meeting.races.append(Race(facts, runners))
    return Day(day, list(meetings.values()))


def card_of_day(racing: Racing[Any], day: date | str | None = None) -> Day:
    """Return the card of a day, by default the latest; raises UsageError if there is none."""
    table = racing.card(day)
    records = table.to_pylist()
    if not records:
        raise UsageError(f"{racing.database.place} has no card of {day}.")
    return day_of(records, records[0]["race_date"])
