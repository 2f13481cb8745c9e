"""Whatever is said, in whatever order: the tables are what plain rules make of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from pipelines.api.answers import Page, RecordAnswer
from pipelines.api.endpoints import HORSE_PRO, RACECARDS, RESULTS, Endpoint
from pipelines.database.database import Database
from pipelines.errors import DestinationError
from pipelines.loading import Loading
from pipelines.loading import days as loading_days
from pipelines.loading import horses as loading_horses
from pipelines.loading.days import load_days, read_answers
from pipelines.loading.horses import load_profiles
from pipelines.plan.coverage import Coverage
from pipelines.plan.modes import Options
from pipelines.report import Report
from pipelines.settings import load_settings
from pipelines.tables import RUNNER_ODDS, Table
from tests.conftest import EXAMPLES
from tests.fake_api import answer_of
from tests.jobs import Silent, contents, tables_in, use_empty_database
from tests.test_mapping import card, entry, finisher, result

FIRST: Final = date(2025, 6, 20)
DAYS: Final = [FIRST + timedelta(days=number) for number in range(3)]
ASKED_AT: Final = datetime(2025, 6, 21, 9, tzinfo=UTC)
TODAY: Final = DAYS[1]
"""Of the three, one is over and one is still to come."""
RACES: Final = ("rac_1", "rac_2")
HORSES: Final = ("hrs_1", "hrs_2", "hrs_3")
JOCKEYS: Final = ("jky_1", "jky_2")
SEED: Final = 2
"""Cards and results in turn, one of no race and one of some that break off before."""


@dataclass(frozen=True, order=True)
class Runner:
    """What both endpoints report of a runner; None where it is blank."""

    headgear: str | None = None
    jockey: str | None = None
    name: str | None = None
    sire: str | None = None


Runners = dict[str, Runner]
"""For each horse what is said of it."""
Said = dict[tuple[str, str], tuple[date, Runner]]
"""For each race and horse the day, and what is said of it there."""


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
    entries: Said = field(default_factory=dict)
    ran: Said = field(default_factory=dict)
    profiles: dict[str, str | None] = field(default_factory=dict)
    """For each horse the sire that its profile names."""
    jockeys: dict[str, str] = field(default_factory=dict)
    """Names of all who were ever named: whom nobody names any more stays."""
    sires: dict[str, str | None] = field(default_factory=dict)
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
            for horse, runner in race.runners.items():
                runners[name, horse] = (day, runner)
            for key in [key for key in runners if key[0] == name]:
                runners[key] = (day, runners[key][1])
        if is_card:
            self._leave(day, races, whole=whole)
        self._conclude()

    def _leave(self, day: date, races: dict[str, Race], *, whole: bool) -> None:
        """Take out whoever has left with a race that a whole day to come does not list."""
        if whole and day >= TODAY and races:
            for key, (own, _) in [*self.entries.items()]:
                if own == day and key[0] not in races and key not in self.ran:
                    del self.entries[key]
        self.carded.add(day)

    def profile(self, horse: str, sire: str | None) -> None:
        """Take in a profile."""
        self.profiles[horse] = sire
        self._conclude()

    def _conclude(self) -> None:
        """Say of people and horses what the most recent card says, or else a profile or result."""
        for jockey in JOCKEYS:
            of = {"jockey": jockey}
            name = _newest(self.entries, "name", **of) or _newest(self.ran, "name", **of)
            if name:
                self.jockeys[jockey] = name
        for horse in HORSES:
            said, ran = (
                {key: value for key, value in found.items() if key[1] == horse}
                for found in (self.entries, self.ran)
            )
            if said or ran or horse in self.profiles:
                self.sires[horse] = (
                    _newest(said, "sire") or self.profiles.get(horse) or _newest(ran, "sire")
                )

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
            "ra_card_runners": _sorted(_headgear(self.entries)),
            "ra_race_results": _sorted(_headgear(self.ran)),
            "ra_horse_profiles": sorted(self.profiles.items()),
            "ra_mst_jockeys": sorted(self.jockeys.items()),
            "ra_horse_pedigree": sorted(self.sires.items()),
            "ra_mst_horses": [(horse,) for horse in sorted(self.sires)],
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
                    self.entries.get(key, (day, NOTHING))[1].headgear
                    or self.ran.get(key, (day, NOTHING))[1].headgear,
                    key in self.ran,
                )
                for key, (day, _) in sorted(runners.items())
            ],
        }


NOTHING: Final = Runner()


def _headgear(said: Said) -> dict[tuple[str, str], tuple[date, str | None]]:
    return {key: (day, runner.headgear) for key, (day, runner) in said.items()}


def _newest(said: Said, what: str, **of: str) -> str | None:
    """Return the most recent value; of one day's values the last in the order of letters."""
    values = [
        (day, getattr(runner, what))
        for day, runner in said.values()
        if getattr(runner, what) and all(getattr(runner, name) == one for name, one in of.items())
    ]
    return max(values)[1] if values else None


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
    "ra_horse_profiles": "id, sire",
    "ra_mst_jockeys": "id, name",
    "ra_horse_pedigree": "horse_id, sire",
    "ra_mst_horses": "id",
    "ra_races": "id, date, going, has_result",
    "ra_runners": "race_id, horse_id, race_date, headgear, finish_status IS NOT NULL",
}
"""The columns that are compared, the key first."""


def blank_or(*words: str) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), st.sampled_from(words))


GOING, SIRE = blank_or("Good", "Soft"), blank_or("Ink", "Pen")
RUNNER = st.builds(Runner, blank_or("p", "t"), blank_or(*JOCKEYS), blank_or("A Nib", "B Nib"), SIRE)
RUNNERS = st.dictionaries(st.sampled_from(HORSES), RUNNER, min_size=1)
SAID = st.dictionaries(st.sampled_from(RACES), st.tuples(GOING, RUNNERS))


class Saying(RuleBasedStateMachine):
    """Cards and results come, in any order; are amended, repeated, partial; and loads break off."""

    destination: str
    fresh: Any
    tables: frozenset[Table] = frozenset()

    def __init__(self) -> None:
        super().__init__()
        self.fresh()
        self.database = Database(self.destination)
        self.expected = Rules()
        self.said: list[Callable[[], None]] = []
        """What was said, in its order: each says it again."""

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
        self._say(partial(self._load, endpoint, day, races, whole), breaks_off=breaks_off)
        self.expected.say(endpoint, day, races, whole=whole)

    @rule(
        horse=st.sampled_from(HORSES),
        sire=SIRE,
        breaks_off=st.sampled_from([False, False, False, True]),
    )
    def profile(self, horse: str, sire: str | None, breaks_off: bool) -> None:
        """Say what a profile has."""
        self._say(partial(self._load_profile, horse, sire), breaks_off=breaks_off)
        self.expected.profile(horse, sire)

    def _say(self, load: Callable[[], None], *, breaks_off: bool) -> None:
        self.said.append(load)
        if breaks_off:
            with broken_off():
                load()
        load()

    @rule()
    def repeat(self) -> None:
        """Say the last thing again: not a byte changes."""
        if self.said:
            before = contents(self.destination)
            self.said[-1]()
            assert contents(self.destination) == before

    @rule()
    def repeat_prices(self) -> None:
        """Say the last thing again to a run of the prices alone: other tables stay as they are."""
        if self.said:
            before = contents(self.destination)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(self, "tables", frozenset({RUNNER_ODDS}))
                self.said[-1]()
            assert contents(self.destination) == before

    def teardown(self) -> None:
        """Say everything again to an empty database, as a rebuild does: the tables are the same."""
        self.fresh()
        self.database = Database(self.destination)
        for load in self.said:
            load()
        self.tables_are_what_the_rules_make_of_it()

    @invariant()
    def tables_are_what_the_rules_make_of_it(self) -> None:
        queries = [f"SELECT {columns} FROM racing.{table}" for table, columns in QUERIES.items()]
        told = tables_in(self.destination).each(queries)
        found = {table: sorted(rows, key=repr) for table, rows in zip(QUERIES, told, strict=True)}
        assert found == {
            table: sorted(rows, key=repr) for table, rows in self.expected.tables().items()
        }

    def _load(self, endpoint: Endpoint, day: date, races: dict[str, Race], whole: bool) -> None:
        make = _card if endpoint is RACECARDS else _result
        records = [make(name, race) for name, race in races.items()]
        total = len(records) if whole else len(records) + 1
        answer = answer_of(endpoint, day, {endpoint.records: records, "total": total})
        run = self._run()
        read = read_answers(run, endpoint, [answer])
        load_days(run, read, Coverage(self.database, endpoint), moves_cursor=False)

    def _load_profile(self, horse: str, sire: str | None) -> None:
        body = {"id": horse, "name": "A Horse", "sire": sire or ""}
        page = Page(HORSE_PRO, json.dumps(body).encode())
        load_profiles(self._run(), [RecordAnswer(HORSE_PRO, horse, [page], asked_at=ASKED_AT)])

    def _run(self) -> Loading:
        return Loading(
            load_settings(with_credentials=False),
            self.database,
            Options("manual", TODAY, self.tables),
            Report("manual", self.destination),
            Silent(),
        )


def _fields(runner: Runner) -> dict[str, str]:
    said = {"headgear": runner.headgear, "jockey_id": runner.jockey, "jockey": runner.name}
    return {name: value or "" for name, value in (said | {"sire": runner.sire}).items()}


NOT_SAID: Final[dict[str, Any]] = {
    name: [] for name in ("odds", "quotes", "medical", "prev_trainers", "prev_owners")
}


def _card(name: str, race: Race) -> dict[str, Any]:
    runners = [
        entry(horse_id=horse, **NOT_SAID, **_fields(runner))
        for horse, runner in race.runners.items()
    ]
    return card(*runners, race_id=name, date=race.day.isoformat(), going=race.going or "")


def _result(name: str, race: Race) -> dict[str, Any]:
    runners = [
        finisher(horse_id=horse, **_fields(runner)) for horse, runner in race.runners.items()
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
        patch.setattr(loading_horses, "make_models_of_horses", fail)
        yield


@pytest.fixture
def machine(
    destination: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> type[RuleBasedStateMachine]:
    """Return the machine, which takes an empty database for each example."""
    numbers = count()

    class Here(Saying):
        def fresh(self) -> None:
            use_empty_database(self.destination, f"n{next(numbers)}", tmp_path, monkeypatch)

    Here.destination = destination
    return Here


def test_tables_are_what_the_rules_make_of_all_that_was_said(
    machine: type[RuleBasedStateMachine],
) -> None:
    examples = settings().max_examples
    is_thorough = examples > EXAMPLES["ci"]  # ten minutes and more
    # Without a seed, a change of the machine might leave two stories in which nothing is said.
    run_state_machine_as_test(
        machine if is_thorough else seed(SEED)(machine),
        settings=settings(
            max_examples=20 if is_thorough else 2,
            stateful_step_count=25 if is_thorough else 8 if examples >= EXAMPLES["ci"] else 5,
            phases=(Phase.generate,),  # to shrink a failure takes minutes
            suppress_health_check=[*HealthCheck],
        ),
    )


def test_horse_and_jockey_follow_card_profile_and_result_through_every_change(
    machine: type[Saying],
) -> None:
    """A card, a profile that contradicts it, a result, and a card that changes.

    What contradicts or changes something breaks off before.
    """
    saying, first, second = machine(), DAYS[0], DAYS[1]
    ran = {"hrs_1": Runner(None, "jky_1", "B Nib", "Pen"), "hrs_2": Runner(None, "jky_2", "B Nib")}
    for endpoint, day, race, runners, breaks_off in (
        (RACECARDS, first, "rac_1", {"hrs_1": Runner("p", "jky_1", "A Nib", "Ink")}, False),
        (None, first, "", {}, True),
        (RESULTS, first, "rac_1", ran, True),
        (RACECARDS, second, "rac_2", {"hrs_1": Runner("p", "jky_1", "B Nib")}, False),
        (RACECARDS, second, "rac_2", {"hrs_3": Runner("p", None, "B Nib")}, True),
    ):
        if endpoint:
            races = {race: ("Good", runners)}
            saying.respond(endpoint, day, races, True, breaks_off=breaks_off)
        else:
            saying.profile("hrs_1", "Pen", breaks_off=breaks_off)
        saying.tables_are_what_the_rules_make_of_it()
    assert saying.expected.jockeys == {"jky_1": "A Nib", "jky_2": "B Nib"}
    assert saying.expected.sires == {"hrs_1": "Ink", "hrs_2": None, "hrs_3": None}
    saying.teardown()
