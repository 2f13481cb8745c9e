"""Whether a horse ran: what its card and its result say, never that a result lacks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.database.database import Database
from pipelines.database.reader import Reader
from pipelines.status.checks import findings
from pipelines.tables import TABLES
from tests.jobs import contents, drop_key, point_to
from tests.replay import Record, Replay, replaying
from tests.test_faults_content import DAY, TODAY, load, outcome, race, rows
from tests.test_mapping import finisher

ORDERS = pytest.mark.parametrize(
    "order", [("racecards", "results"), ("results", "racecards")], ids=str
)


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    with replaying(Replay()) as server:
        point_to(monkeypatch, server.url)
        yield server


def outs(destination: str) -> dict[str, str]:
    """Return of each race, runner by runner, whether it did not run: y, n, or ? for unknown."""
    marks = {True: "y", False: "n", None: "?"}
    found: dict[str, str] = {}
    for row in rows(destination, "ra_runners"):
        found[row["race_id"]] = found.get(row["race_id"], "") + marks[row["is_scratched"]]
    return found


def named(found: Record, **names: str) -> Record:
    """Name the runners of a card or a result: hrs_2="Moostar"."""
    for runner in found["runners"]:
        runner["horse"] = names.get(runner["horse_id"], runner["horse"])
    return found


def marked(found: Record, horse_id: str) -> Record:
    """Mark a runner of a card as a non-runner."""
    for runner in found["runners"]:
        if runner["horse_id"] == horse_id:
            runner["number"] = "NR"
    return found


def placed(number: int, *positions: str, **changes: Any) -> Record:
    """Return a result, the position of each horse in the order of their numbers; '' for none."""
    runners = [
        finisher(horse_id=f"hrs_{horse}", position=position)
        for horse, position in enumerate(positions, 1)
        if position
    ]
    return outcome(number, **changes) | {"runners": runners}


# What counts as evidence


LIST = (
    "PENNY'S  LANE (IRE) (self certificate, off feed); Moostar, Lady Margret (withdrawn; refused)"
)
EVIDENCE: dict[str, tuple[Record, Record | None, str]] = {
    "all ran": (race(1, 1, 2), placed(1, "1", "2"), "nn"),
    "marked on the card": (
        marked(race(2, 1, 2), "hrs_2"),
        placed(2, "1"),
        "ny",
    ),
    "named by the result": (
        named(race(3, 1, 2, 3, 4), hrs_2="Pennys Lane", hrs_3="Moostar", hrs_4="Lady Margret"),
        placed(3, "1", non_runners=LIST),
        "nyyy",
    ),
    "a reason that is a name": (
        named(race(4, 1, 2, field_size="2"), hrs_2="Off Feed"),
        placed(4, "1", non_runners=LIST),
        "n?",
    ),
    "part of a name": (
        named(race(5, 1, 2, field_size="2"), hrs_2="Moo"),
        placed(5, "1", non_runners=LIST),
        "n?",
    ),
    "as many ran as expected": (race(6, 1, 2, 3, field_size="2"), placed(6, "2", "", "1"), "nyn"),
    "who came last is missing": (race(7, 1, 2, 3, field_size="3"), placed(7, "1", "2"), "nn?"),
    "a position is missing": (race(8, 1, 2, 3, field_size="2"), placed(8, "1", "", "3"), "n?n"),
    "a dead heat": (race(9, 1, 2, 3, 4, field_size="3"), placed(9, "1", "1", "3"), "nnny"),
    "a position missing after a dead heat": (
        race(10, 1, 2, 3, 4, field_size="3"),
        placed(10, "1", "1", "4"),
        "nnn?",
    ),
    "one pulled up": (race(11, 1, 2, 3, field_size="2"), placed(11, "1", "PU"), "nny"),
    "one disqualified": (race(12, 1, 2, 3, 4, field_size="3"), placed(12, "1", "DSQ", "3"), "nnny"),
    "no result": (race(13, 1, 2, off_dt="2025-06-21T15:00:00+01:00"), None, "??"),
    "no result, marked": (
        marked(race(14, 1), "hrs_1"),
        None,
        "y",
    ),
    "abandoned": (race(15, 1, 2, is_abandoned=True), None, "yy"),
    "abandoned with a result": (race(16, 1, 2, is_abandoned=True), placed(16, "1"), "n?"),
    "a reserve that is named": (
        named(race(17, 1, 2, field_size="1"), hrs_2="Moostar"),
        placed(17, "1", non_runners="Moostar (reserve)"),
        "ny",
    ),
    "marked, and ran": (
        marked(race(18, 1), "hrs_1"),
        placed(18, "1"),
        "n",
    ),
}
INCOMPLETE = {"rac_4", "rac_5", "rac_7", "rac_8", "rac_10", "rac_16"}
"""Races that a check names, whatever the marks say."""


@ORDERS
def test_horse_did_not_run_only_if_something_says_so(
    replay: Replay, destination: str, order: tuple[str, str]
) -> None:
    for card, result, _ in EVIDENCE.values():
        replay.racecards.append(card)
        if result:
            replay.results.append(result)
    for endpoint in order:
        load(destination, only=endpoint)
    found = outs(destination)
    assert {case: found[card["race_id"]] for case, (card, *_) in EVIDENCE.items()} == {
        case: want for case, (*_, want) in EVIDENCE.items()
    }
    checked = {
        one.check.name: one.rows
        for one in findings(Reader(destination))
        if one.check.is_error or one.check.name == "abandoned_with_result"
    }
    assert {row["race_id"] for row in checked["incomplete_results"]} == INCOMPLETE
    assert {row["race_id"] for row in checked["race_without_results"]} == {"rac_13"}
    assert {row["race_id"] for row in checked["abandoned_with_result"]} == {"rac_16"}

    before = contents(destination)
    load(destination)
    assert contents(destination) == before


# What changes later


def test_what_is_said_later_changes_who_ran(replay: Replay, destination: str) -> None:
    """Race by race: a result that comes late, one in pieces, one amended; a mark that goes."""
    replay.racecards += [
        race(1, 1, 2, field_size="1"),
        race(2, 1, 2, 3),
        race(3, 1, 2),
        marked(race(4, 1, day=TODAY), "hrs_1"),
        race(5, 1, 2, day=TODAY, field_size="1"),
    ]
    replay.results += [placed(2, "1", "", "3"), placed(3, "1", "2"), outcome(5, 1, day=TODAY)]
    load(destination, DAY, TODAY)
    assert [*outs(destination).values()] == ["??", "n?n", "nn", "y", "ny"]
    first = rows(destination, "ra_runners")

    replay.racecards[3]["runners"][0]["number"] = "3"
    replay.results[0] = placed(2, "1", "2", "3")
    replay.results[1] = placed(3, "1")
    replay.results += [outcome(1, 1), placed(6, "1", "2")]
    load(destination, DAY, TODAY)
    assert [*outs(destination).values()] == ["ny", "nnn", "n?", "n", "ny", "nn"]
    second = rows(destination, "ra_runners")
    assert [row["position"] for row in second] == [1, None, 1, 2, 3, 1, None, None, 1, None, 1, 2]
    changed = {new["id"] for new, old in zip(second, first, strict=False) if new != old}
    assert changed == {"rac_1_hrs_1", "rac_1_hrs_2", "rac_2_hrs_2", "rac_3_hrs_2", "rac_4_hrs_1"}
    for new, old in zip(second, first, strict=False):
        assert (new["updated_at"] > old["updated_at"]) == (new["id"] in changed)
    results_own = [c.name for c in TABLES["ra_runners"].columns if set(c.origins) == {"results"}]
    assert {second[6][name] for name in results_own} == {None}, "rac_3 names hrs_2 no more"

    replay.racecards[3]["runners"][0]["number"] = "NR"
    replay.results[-1] = placed(6, "", "1")  # nobody else names who is missing now
    replay.results[-2]["runners"][0]["position"] = ""  # it ran, all the same
    replay.racecards[0]["runners"].pop(0)
    load(destination, DAY, TODAY)
    assert [*outs(destination).values()] == ["ny", "nnn", "n?", "y", "ny", "n"]
    before = contents(destination)
    load(destination, DAY, TODAY)
    assert contents(destination) == before


def _as_before(destination: str) -> None:
    database = Database(destination)
    drop_key(database, "ra_runners")
    for statement in (
        "ALTER TABLE ra_runners DROP COLUMN is_non_runner_on_card CASCADE",
        "UPDATE ra_runners SET is_scratched = true WHERE is_scratched IS NULL",
        "ALTER TABLE ra_runners ALTER COLUMN is_scratched DROP DEFAULT",
        "ALTER TABLE ra_runners ALTER COLUMN is_scratched SET NOT NULL",
        "CREATE UNIQUE INDEX ra_runners_key ON ra_runners (race_id, horse_id)",
    ):
        database.run(statement)


def test_database_of_an_earlier_version_is_judged_again(replay: Replay, destination: str) -> None:
    """It has no mark of the card, is_scratched must not be NULL, and every absence is a mark."""
    replay.racecards += [race(1, 1, 2, 3), race(2, 4)]
    replay.racecards[0]["runners"][1]["number"] = "NR"
    replay.results.append(outcome(1, 1))
    load(destination)
    assert outs(destination) == {"rac_1": "ny?", "rac_2": "?"}
    _as_before(destination)
    load(destination, DAY, only="results")
    assert outs(destination) == {"rac_1": "ny?", "rac_2": "?"}
