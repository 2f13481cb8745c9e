"""One row for each key, whatever order its versions come in; and what absence means."""

from __future__ import annotations

import copy
import itertools
import tracemalloc
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from pipelines.api.answers import DayAnswer
from pipelines.api.endpoints import ENDPOINTS, RACECARDS, RESULTS, Endpoint
from pipelines.mapping import SECOND_ROW, Inspection, Row, unread_lists
from pipelines.mapping.chunk import Absence, Chunk
from pipelines.mapping.days import read_days
from pipelines.mapping.known import Known, StoredRace
from pipelines.sources import reference
from pipelines.sources.dispositions import scope
from pipelines.tables import API_TABLES, Table, tables_from
from pipelines.tables.courses import COURSES
from pipelines.tables.odds import RUNNER_ODDS
from pipelines.tables.people import BOOKMAKERS
from tests.fake_api import answer_of
from tests.replay import Record
from tests.test_mapping import DAY, card, entry, finisher, price, result

NEXT = DAY + timedelta(days=1)


def chunk_of(endpoint: Endpoint, *records: Any, known: Known | None = None) -> Chunk:
    """Make a chunk of one day."""
    body = {endpoint.records: list(records), "total": len(records)}
    answer = answer_of(endpoint, DAY, body)
    return chunk_read([answer], known)


def chunk_read(
    answers: list[DayAnswer], known: Known | None = None, tables: Iterable[Table] = API_TABLES
) -> Chunk:
    """Make a chunk of the answers for some days of an endpoint."""
    read = read_days(answers[0].endpoint, answers, ["gb", "ire"], frozenset(tables))
    return Chunk(read, known=known or Known())


def rows_of(source: str, chunk: Chunk) -> dict[str, list[Row]]:
    """Return the rows that a source makes of a chunk, by table."""
    tables = tables_from(ENDPOINTS[source])
    return {table.name: chunk.rows(table).to_pylist() for table in tables}


def by_key(source: str, chunk: Chunk) -> dict[str, list[str]]:
    """Return rows as texts, in an order of their own."""
    return {table: sorted(map(repr, rows)) for table, rows in rows_of(source, chunk).items()}


# Contradictions inside one answer


TWICE = card(
    entry(odds=[price(), price(decimal="6", updated="2025-06-21 13:59:09"), price(decimal="7")]),
    entry(number="NR", jockey="B Nib", jockey_id="jky_2", ofr="88", odds=[], prev_owners=[]),
    entry(horse_id="hrs_2", trainer="Tee Quill", owner="THE STATIONERS", horse="Two", medical=[]),
    entry(horse_id="hrs_3", trainer="T. Quill", dob="", colour="ch", comment="late", quotes=[]),
)


def shuffled(record: Record, seed: int) -> Record:
    """Return the record with every list that makes rows in another order."""
    random, found = Random(seed), copy.deepcopy(record)
    for runner in found["runners"]:
        for name in ("odds", "quotes", "medical", "prev_trainers", "prev_owners"):
            random.shuffle(runner[name])
    random.shuffle(found["runners"])
    return found


@pytest.mark.parametrize("seed", range(20))
def test_order_inside_a_card_decides_nothing(seed: int) -> None:
    first = by_key("racecards", chunk_of(RACECARDS, TWICE))
    assert by_key("racecards", chunk_of(RACECARDS, shuffled(TWICE, seed))) == first


def test_latest_price_of_a_bookmaker_wins() -> None:
    prices = rows_of("racecards", chunk_of(RACECARDS, TWICE))["ra_runner_odds"]
    found = {f"{row['horse_id']}/{row['bookmaker_id']}": row["decimal_odds"] for row in prices}
    assert found["hrs_1/starsports"] == Decimal("6.00")


def test_order_inside_a_result_decides_nothing() -> None:
    runners = [
        finisher(),
        finisher(position="2", jockey="B Nib", owner="Other"),
        finisher(horse_id="hrs_2", trainer="Tee Quill", position="3"),
    ]
    found = [
        by_key("results", chunk_of(RESULTS, result(*order, region="GB")))
        for order in itertools.permutations(runners)
    ]
    assert {tuple(rows["ra_race_results"]) for rows in found} == {
        tuple(found[0]["ra_race_results"])
    }


def test_order_of_cards_that_claim_to_be_one_race_decides_nothing() -> None:
    one, other = card(entry()), card(entry(jockey="B Nib", ofr="88"), race_name="The Ink Stakes")
    orders = itertools.permutations([one, other])
    first, second = (by_key("racecards", chunk_of(RACECARDS, *order)) for order in orders)
    assert first == second
    assert len(first["ra_card_races"]) == 1


def issues_of(chunk: Chunk) -> list[tuple[str, str, Any]]:
    """Return table, key and content of each row that another one with its key kept out."""
    assert {issue.field for issue in chunk.found.issues} <= {""}
    assert {issue.problem for issue in chunk.found.issues} <= {SECOND_ROW}
    return [(issue.table, issue.key, issue.raw) for issue in chunk.found.issues]


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))], ids=str)
def test_horse_twice_in_a_result_is_one_of_the_two_whole(
    order: tuple[int, ...],
) -> None:
    runners = [
        finisher(sp="7/1", jockey="A Nib", prize=""),
        finisher(sp="50/1", jockey="B Nib", position="PU", time="-"),
        finisher(horse_id="hrs_2", position="2"),
    ]
    chunk = chunk_of(RESULTS, result(*(runners[number] for number in order), region="GB"))
    found = rows_of("results", chunk)["ra_race_results"]
    whole = next(row for row in found if row["horse_id"] == "hrs_1")
    names = ("position", "finish_status", "starting_price", "prize_won", "jockey_name")
    assert [whole[name] for name in names] == [1, "finished", "7/1", None, "A Nib"]
    assert issues_of(chunk) == [("ra_runners", "rac_1/hrs_1", runners[1])]


def test_row_that_comes_three_times_is_one_issue_with_both_of_the_others() -> None:
    runners = [finisher(position=position) for position in ("3", "2", "1")]
    chunk = chunk_of(RESULTS, result(*runners, finisher(position="2"), region="GB"))
    assert [row["position"] for row in rows_of("results", chunk)["ra_race_results"]] == [1]
    assert issues_of(chunk) == [("ra_runners", "rac_1/hrs_1", runners[1::-1])]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=str)
def test_two_records_of_one_race_are_one_of_the_two_whole(order: tuple[int, int]) -> None:
    records = [
        card(entry(), entry(horse_id="hrs_2"), tip=""),
        card(entry(horse_id="hrs_3"), entry(horse_id="hrs_1"), race_name="The Ink", verdict="It"),
    ]
    chunk = chunk_of(RACECARDS, *(records[number] for number in order))
    found = rows_of("racecards", chunk)
    assert [(row["race_name"], row["tip"]) for row in found["ra_card_races"]] == [
        ("The Ink", "Paper Lantern")
    ]
    assert [row["horse_id"] for row in found["ra_card_runners"]] == ["hrs_3", "hrs_1"]
    assert issues_of(chunk) == [("ra_races", "rac_1", records[0])]


def test_second_price_of_one_moment_is_an_issue_and_an_older_one_is_not() -> None:
    later = price(decimal="6", updated="2025-06-21 13:59:09")
    odds = [price(), later, price(decimal="7"), later | {"decimal": "8"}]
    chunk = chunk_of(RACECARDS, card(entry(odds=odds)))
    (found,) = rows_of("racecards", chunk)["ra_runner_odds"]
    (issue,) = issues_of(chunk)
    assert found["decimal_odds"] == Decimal("6.00")
    assert issue[:2] == ("ra_runner_odds", "rac_1/hrs_1/starsports")
    assert issue[2] == found | {"decimal_odds": Decimal("8.00")}


def test_order_of_courses_with_one_id_decides_nothing() -> None:
    courses = [
        {"id": "crs_1", "course": name, "region_code": "gb", "region": "Great Britain"}
        for name in ("Foolscap", "Vellum")
    ]
    found = [Inspection(), Inspection()]
    first, second = (
        list(reference([*order], inspection).resources[COURSES.name])
        for order, inspection in zip(itertools.permutations(courses), found, strict=True)
    )
    assert first == second
    assert [[issue.raw for issue in one.issues] for one in found] == [[courses[1]]] * 2


# What the database knows


KNOWN = Known({"rac_3": StoredRace(NEXT, "crs_7", frozenset({"hrs_1"}))}, frozenset({NEXT}))


def test_card_of_a_race_that_a_later_day_has_says_nothing() -> None:
    rows = rows_of("racecards", chunk_of(RACECARDS, card(entry(), race_id="rac_3"), known=KNOWN))
    assert [name for name, found in rows.items() if found] == []


# What absence means


def test_days_ahead_are_whole_unless_a_race_or_a_runner_cannot_be_read() -> None:
    days = [DAY + timedelta(days=number) for number in range(5)]
    fine, empty, no_id, no_date, no_runner = days
    cards = {
        fine: [card(entry(), date=fine.isoformat())],
        empty: [],
        no_id: [card(race_id="rac_2", date=no_id.isoformat()), card(race_id="", date="")],
        no_date: [card(race_id="rac_3", date="soon")],
        no_runner: [card(entry(horse_id=None), race_id="rac_4", date=no_runner.isoformat())],
    }
    answers = [answer_of(RACECARDS, day, {"racecards": races}) for day, races in cards.items()]
    chunk = chunk_read(answers)
    chunk.ahead = set(days)
    assert chunk.absence == Absence(doubtful=frozenset({no_id, no_runner}), whole=frozenset({fine}))


def test_rows_are_deleted_only_of_races_in_hand_and_of_whole_days() -> None:
    listed = "race_id IN (SELECT race_id FROM {staging_table})"
    first, second = frozenset({DAY}), frozenset({NEXT})
    assert scope(Absence()) == listed
    assert scope(Absence(), "is_big") == f"{listed} AND NOT is_big"
    assert scope(Absence(first, second)) == (
        f"({listed} AND race_date NOT IN (DATE '2025-06-21') OR race_date IN (DATE '2025-06-22')) "
        "AND race_id IN (SELECT race_id FROM {staging_table} "
        "UNION ALL SELECT race_id FROM {table} WHERE race_date IN (DATE '2025-06-22'))"
    )


# Sixty megabytes


@pytest.mark.parametrize("field", ["comment", "jockey", "horse_id", "odds", "new", "race_id"])
@pytest.mark.parametrize(
    "huge",
    [pytest.param("x" * 60_000_000, id="text"), pytest.param([0] * 7_500_000, id="list")],
)
def test_sixty_megabytes_in_one_field_are_not_copied(
    field: str, huge: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.mapping.columns.LARGEST", 1)
    answer = answer_of(RACECARDS, DAY, {"racecards": []})
    record = card(entry(**{field: huge}), **({"race_id": huge} if field == "race_id" else {}))
    answer.newest_first = lambda: [record]  # type: ignore[method-assign]
    rows_of("racecards", chunk_of(RACECARDS, [card(entry())]))  # Arrow imports pandas
    tracemalloc.start()
    try:
        chunk = chunk_read([answer])
        rows_of("racecards", chunk)
        issues = chunk.issue_rows(API_TABLES)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000
    assert max((len(str(row["raw_value"])) for row in issues), default=0) < 50_000
    assert bool(issues) == (field != "new")


def test_lists_that_no_chosen_table_is_read_from_are_not_inspected() -> None:
    without_prices = frozenset(tables_from(RACECARDS)) - {RUNNER_ODDS, BOOKMAKERS}
    assert unread_lists(RACECARDS, without_prices) == {"runners.odds"}
    record = card(entry(odds="none"), entry(horse_id="hrs_2", medical="none"))
    answer = answer_of(RACECARDS, DAY, {"racecards": [record]})
    chunk = chunk_read([answer], tables=without_prices)
    assert [issue.field for issue in chunk.found.issues] == ["racecards[].runners[].medical"]


def test_records_are_read_alike_whether_or_not_another_one_is_unusable() -> None:
    sound, mended = chunk_of(RACECARDS, TWICE), chunk_of(RACECARDS, TWICE, "no race")
    assert [len(chunk.found.issues) for chunk in (sound, mended)] == [1, 2]
    assert by_key("racecards", mended) == by_key("racecards", sound)


def test_a_race_that_a_later_day_has_says_nothing_for_the_day_before() -> None:
    lost = [entry(ofr="heavy"), entry(horse_id="")]
    answers = [
        answer_of(RACECARDS, day, {"racecards": [card(*runners, date=day.isoformat())]})
        for day, runners in ((DAY, lost), (NEXT, [entry(jockey="B Nib")]))
    ]
    chunk = chunk_read(answers)
    (runner,) = rows_of("racecards", chunk)["ra_card_runners"]
    assert (runner["race_date"], runner["jockey_name"]) == (NEXT, "B Nib")
    assert [issue.problem for issue in chunk.found.issues] == ["no key", "unreadable"]


def test_newest_card_decides_on_a_history_and_older_ones_fill_its_blanks() -> None:
    left = {"trainer_id": "trn_9", "change_date": "2024-10-21"}
    answers = [
        answer_of(
            RACECARDS,
            day,
            {
                "racecards": [
                    card(
                        entry(prev_trainers=[left | {"trainer": who}]), race_id=race, date=str(day)
                    )
                ]
            },
        )
        for day, race, who in ((DAY, "rac_1", "P Inkwell"), (NEXT, "rac_2", ""))
    ]
    (trainer,) = rows_of("racecards", chunk_read(answers))["ra_horse_prev_trainers"]
    assert trainer["trainer_name"] == "P Inkwell"
