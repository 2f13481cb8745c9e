"""Whatever cards and results say, in whatever order: the tables are what plain rules make of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from pipelines.api.endpoints import RACECARDS, RESULTS, Endpoint
from pipelines.database.database import Database
from pipelines.errors import DestinationError
from pipelines.loading import Loading
from pipelines.loading import days as loading_days
from pipelines.loading.days import load_days, read_answers
from pipelines.plan.coverage import Coverage
from pipelines.plan.modes import Options
from pipelines.report import Report
from pipelines.settings import load_settings
from tests.conftest import EXAMPLES
from tests.fake_api import answer_of
from tests.jobs import Silent, contents, rows_of, use_empty_database
from tests.test_mapping import card, entry, finisher, result

FIRST: Final = date(2025, 6, 20)
DAYS: Final = [FIRST + timedelta(days=number) for number in range(3)]
TODAY: Final = DAYS[1]
"""Of the three, one is over and one is still to come."""
RACES: Final = ("rac_1", "rac_2")
HORSES: Final = ("hrs_1", "hrs_2", "hrs_3")

Runners = dict[str, str | None]
"""For each horse its headgear, which both endpoints report; None where it is blank."""


@dataclass(frozen=True)
class Race:
    """A race as one response has it."""

    day: date
    going: str | None
    runners: Runners


@dataclass
class Rules:
    """What the tables hold, by the rules in plain Python."""

    cards: dict[str, tuple[date, str | None]] = field(default_factory=dict)
    results: dict[str, tuple[date, str | None]] = field(default_factory=dict)
    entries: dict[tuple[str, str], tuple[date, str | None]] = field(default_factory=dict)
    ran: dict[tuple[str, str], tuple[date, str | None]] = field(default_factory=dict)
    carded: set[date] = field(default_factory=set)
    """Days whose cards are loaded."""

    def day_of(self, race: str) -> date | None:
        """The card's day, or the result's."""
        said = self.cards.get(race) or self.results.get(race)
        return said[0] if said else None

    def horses_of(self, race: str) -> set[str]:
        """Horses that card or result name."""
        return {horse for own, horse in (*self.entries, *self.ran) if own == race}

    def is_another(self, race: str, horses: set[str]) -> bool:
        """Another race with the id of this one has less than half of the horses of the smaller."""
        stored = self.horses_of(race)
        if not stored or not horses:
            return False  # all are at one course
        return 2 * len(stored & horses) < min(len(stored), len(horses))

    def say(self, endpoint: Endpoint, day: date, races: dict[str, Race], *, whole: bool) -> None:
        """Take in the response for one day."""
        is_card = endpoint is RACECARDS
        said = self.cards if is_card else self.results
        runners = self.entries if is_card else self.ran
        others = self.carded - {day} if whole else self.carded
        for name, race in races.items():
            stored = self.day_of(name)
            is_another = self.is_another(name, {*race.runners})
            is_known_later = stored in others if is_card else is_another
            if stored and stored > day and is_known_later:
                continue  # it has moved on
            if is_another:
                self._forget(name)
            said[name] = (day, race.going)
            for key in [key for key in runners if key[0] == name and key[1] not in race.runners]:
                if key not in self.ran or not is_card:
                    del runners[key]
            for horse, headgear in race.runners.items():
                runners[name, horse] = (day, headgear)
            for key in [key for key in runners if key[0] == name]:
                runners[key] = (day, runners[key][1])
        if not is_card:
            return
        if whole and day >= TODAY and races:
            for key, (own, _) in [*self.entries.items()]:
                if own == day and key[0] not in races and key not in self.ran:
                    del self.entries[key]
        self.carded.add(day)

    def _forget(self, race: str) -> None:
        for said in (self.cards, self.results):
            said.pop(race, None)
        for runners in (self.entries, self.ran):
            for key in [key for key in runners if key[0] == race]:
                del runners[key]

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return what the tables are to hold."""
        races, runners = {**self.results, **self.cards}, {**self.ran, **self.entries}
        return {
            "ra_card_races": _sorted(self.cards),
            "ra_result_races": _sorted(self.results),
            "ra_card_runners": _sorted(self.entries),
            "ra_race_results": _sorted(self.ran),
            "ra_races": [
                (
                    name,
                    day,
                    self.cards.get(name, (None, None))[1]
                    or self.results.get(name, (None, None))[1],
                    name in self.results,
                )
                for name, (day, _) in sorted(races.items())
            ],
            "ra_runners": [
                (
                    *key,
                    day,
                    self.entries.get(key, (None, None))[1] or self.ran.get(key, (None, None))[1],
                    key in self.ran,
                )
                for key, (day, _) in sorted(runners.items())
            ],
        }


def _sorted(said: dict[Any, tuple[date, str | None]]) -> list[tuple[Any, ...]]:
    return [
        (*(key if isinstance(key, tuple) else (key,)), *facts)
        for key, facts in sorted(said.items())
    ]


QUERIES: Final = {
    "ra_card_races": "id, date, going",
    "ra_result_races": "id, date, going",
    "ra_card_runners": "race_id, horse_id, race_date, headgear",
    "ra_race_results": "race_id, horse_id, race_date, headgear",
    "ra_races": "id, date, going, has_result",
    "ra_runners": "race_id, horse_id, race_date, headgear, finish_status IS NOT NULL",
}
"""The columns that are compared, the key first."""

BLANK_OR = {
    name: st.one_of(st.none(), st.sampled_from(words))
    for name, words in (("going", ("Good", "Soft")), ("headgear", ("p", "t")))
}
RUNNERS = st.dictionaries(st.sampled_from(HORSES), BLANK_OR["headgear"], min_size=1)
SAID = st.dictionaries(st.sampled_from(RACES), st.tuples(BLANK_OR["going"], RUNNERS))


class Saying(RuleBasedStateMachine):
    """Cards and results come, in any order; are amended, repeated, partial; and loads break off."""

    destination: str
    fresh: Any

    def __init__(self) -> None:
        super().__init__()
        self.fresh()
        self.database = Database(self.destination)
        self.expected = Rules()
        self.last: tuple[Endpoint, date, dict[str, Race], bool] | None = None

    @rule(
        endpoint=st.sampled_from([RACECARDS, RESULTS]),
        day=st.sampled_from(DAYS),
        said=SAID,
        whole=st.booleans(),
        breaks_off=st.sampled_from([False, False, False, True]),
    )
    def respond(
        self, endpoint: Endpoint, day: date, said: Any, whole: bool, breaks_off: bool
    ) -> None:
        """Say something of a day; if the load breaks off between rows and models, say it again."""
        races = {name: Race(day, going, runners) for name, (going, runners) in said.items()}
        self.last = (endpoint, day, races, whole)
        if breaks_off:
            with broken_off():
                self._load(*self.last)
        self._load(*self.last)
        self.expected.say(endpoint, day, races, whole=whole)

    @rule()
    def repeat(self) -> None:
        """Say the last thing again: not a byte changes."""
        if self.last:
            before = contents(self.destination)
            self._load(*self.last)
            assert contents(self.destination) == before

    @invariant()
    def tables_are_what_the_rules_make_of_it(self) -> None:
        found = {
            table: sorted(rows_of(self.destination, f"SELECT {columns} FROM {table}"), key=repr)
            for table, columns in QUERIES.items()
        }
        assert found == {
            table: sorted(rows, key=repr) for table, rows in self.expected.tables().items()
        }

    def _load(self, endpoint: Endpoint, day: date, races: dict[str, Race], whole: bool) -> None:
        make = _card if endpoint is RACECARDS else _result
        records = [make(name, race) for name, race in races.items()]
        total = len(records) if whole else len(records) + 1
        answer = answer_of(endpoint, day, {endpoint.records: records, "total": total})
        run = Loading(
            load_settings(with_credentials=False),
            self.database,
            Options("manual", TODAY),
            Report("manual", self.destination),
            Silent(),
        )
        read = read_answers(run, endpoint, [answer])
        load_days(run, read, Coverage(self.database, endpoint), moves_cursor=False)


def _card(name: str, race: Race) -> dict[str, Any]:
    runners = [
        entry(horse_id=horse, headgear=headgear or "", odds=[], quotes=[], medical=[])
        for horse, headgear in race.runners.items()
    ]
    return card(*runners, race_id=name, date=race.day.isoformat(), going=race.going or "")


def _result(name: str, race: Race) -> dict[str, Any]:
    runners = [
        finisher(horse_id=horse, headgear=headgear or "")
        for horse, headgear in race.runners.items()
    ]
    about = {"region": "GB", "course_id": "crs_7", "going": race.going or ""}
    return result(*runners, race_id=name, date=race.day.isoformat(), **about)


@contextmanager
def broken_off() -> Iterator[None]:
    """Let a load end between its rows and its models."""

    def fail(*_: object) -> Any:
        raise DestinationError("broken off")

    with pytest.MonkeyPatch.context() as patch, pytest.raises(DestinationError):
        patch.setattr(loading_days, "make_models_of_days", fail)
        yield


def test_tables_are_what_the_rules_make_of_all_that_was_said(
    destination: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = count()

    class Here(Saying):
        def fresh(self) -> None:
            use_empty_database(self.destination, f"n{next(numbers)}", tmp_path, monkeypatch)

    Here.destination = destination
    is_thorough = settings().max_examples > EXAMPLES["ci"]  # ten minutes and more
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=20 if is_thorough else 2,
            stateful_step_count=25 if is_thorough else 8,
            phases=(Phase.generate,),  # to shrink a failure takes minutes
            suppress_health_check=[*HealthCheck],
        ),
    )
