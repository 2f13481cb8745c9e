"""Readers of what a race says, over every shape the API was seen to send."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pipelines.parsing import UNKNOWN, UNREADABLE, Reading, ValueReader
from pipelines.parsing.prices import (
    favourite_mark,
    first_currency,
    fractional_odds,
    place_dividends,
    price_status,
    starting_price,
    total_prizes,
)
from pipelines.parsing.races import (
    FINISH_STATUS,
    always,
    clock_seconds,
    count,
    count_non_runners,
    distance_text,
    finish_status,
    furlongs,
    is_non_runner,
    is_reserve,
    joined_by_line,
    joined_by_space,
    last_run_days,
    last_run_days_other_code,
    metres,
    position,
    race_type,
    runner_id,
    saddle_cloth,
    standard_difference,
    stones_and_pounds,
    winning_seconds,
    winning_time,
    yards,
)
from tests.test_parsing_values import (
    BLANKS,
    MILLION_DIGITS,
    NAN,
    NO_SCALARS,
    check,
    readings,
)

READERS: tuple[ValueReader, ...] = (
    yards,
    metres,
    distance_text,
    furlongs,
    clock_seconds,
    winning_seconds,
    standard_difference,
    saddle_cloth,
    stones_and_pounds,
    last_run_days,
    last_run_days_other_code,
    position,
    starting_price,
    place_dividends,
)


@pytest.mark.parametrize("raw", BLANKS, ids=repr)
@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_blank_is_null(read: ValueReader, raw: Any) -> None:
    assert read(raw) is None


@pytest.mark.parametrize("raw", NO_SCALARS, ids=lambda raw: f"{type(raw).__name__} {raw!s:.12}")
@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_what_is_no_text_is_unreadable(read: ValueReader, raw: Any) -> None:
    assert read(raw) is UNREADABLE


@pytest.mark.parametrize(
    ("read", "raw", "want"),
    [
        *readings(
            yards,
            ("1m", 1760),
            ("2m", 3520),
            ("2m53y", 3573),
            ("1m53y", 1813),
            ("1m7f209y", 3509),
            ("2m6f31y", 4871),
            ("6f210y", 1530),
            ("5f", 1100),
            ("5½f", 1210),
            ("1m½f", 1870),
            ("1m4½f", 2750),
            ("210y", 210),
            (" 2m53y ", 3573),
            ("53y2m", UNREADABLE),
            ("1½m", UNREADABLE),
            ("2 miles", UNREADABLE),
            ("2m53", UNREADABLE),
            (1540, UNREADABLE),
            ("1234m", UNREADABLE),
        ),
        *readings(
            metres,
            ("1m", 1609),
            ("2m53y", 3267),
            ("7f", 1408),
            ("½f", 101),
            ("mile", UNREADABLE),
        ),
        *readings(
            distance_text,
            ("1540", "7f"),
            ("1760", "1m"),
            ("2419", "1m2f219y"),
            ("3113", "1m6f33y"),
            ("3573", "2m53y"),
            (1540, "7f"),
            ("1540.0", "7f"),
            ("0", UNREADABLE),
            ("-1540", UNREADABLE),
            ("7f", UNREADABLE),
        ),
        *readings(
            furlongs,
            ("8.0", Decimal("8.0")),
            ("22.0", Decimal("22.0")),
            ("6f", Decimal("6.0")),
            ("5.5f", Decimal("5.5")),
            ("16.5f", Decimal("16.5")),
            ("5½f", Decimal("5.5")),
            ("½f", Decimal("0.5")),
            ("12", Decimal("12.0")),
            ("10.5", Decimal("10.5")),
            ("12f", Decimal("12.0")),
            (10.5, Decimal("10.5")),
            ("1m2f", UNREADABLE),
            ("f", UNREADABLE),
            ("12345", UNREADABLE),
            (NAN, UNREADABLE),
        ),
    ],
)
def test_distances(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)


@pytest.mark.parametrize(
    ("read", "raw", "want"),
    [
        *readings(
            clock_seconds,
            ("2:19.97", Decimal("139.97")),
            ("0:59.78", Decimal("59.78")),
            ("1:0.48", Decimal("60.48")),
            ("1:00.48", Decimal("60.48")),
            ("5:1.46", Decimal("301.46")),
            ("57.74", Decimal("57.74")),
            (57.74, Decimal("57.74")),
            ("1:48", Decimal("108.00")),
            ("1:0:48", UNREADABLE),
            ("1m 0.48s", UNREADABLE),
            ("fast", UNREADABLE),
        ),
        *readings(
            winning_seconds,
            ("2m 19.97s (slow by 2.07s)", Decimal("139.97")),
            ("57.74s (slow by 0.24s)", Decimal("57.74")),
            ("1m 0.48s (fast by 1.20s)", Decimal("60.48")),
            ("6m 29.05s (slow by 1m 2.07s)", Decimal("389.05")),
            ("2m 29.05s", Decimal("149.05")),
            ("2m29.05s", Decimal("149.05")),
            ("2:29.05", UNREADABLE),
            ("2m", UNREADABLE),
            ("(slow by 2.07s)", UNREADABLE),
        ),
        *readings(
            standard_difference,
            ("2m 19.97s (slow by 2.07s)", Decimal("2.07")),
            ("57.74s (slow by 0.24s)", Decimal("0.24")),
            ("1m 0.48s (fast by 1.20s)", Decimal("-1.20")),
            ("6m 29.05s (slow by 1m 2.07s)", Decimal("62.07")),
            ("2m 29.05s", None),
            ("2m 29.05s (about par)", UNREADABLE),
            ("2m 29.05s (slow by much)", UNREADABLE),
            ("2m 29.05s (slow by )", UNREADABLE),
        ),
    ],
)
def test_times(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)


@pytest.mark.parametrize(
    ("positions", "times", "want"),
    [
        (["2", "1", "PU"], ["2:20.4", "2:19.97", "-"], "2:19.97"),
        (["1", "1"], ["1:0.48", "1:0.48"], "1:0.48"),
        ([1], ["1:0.48"], "1:0.48"),
        (["1"], ["-"], None),
        (["2", "3"], ["2:1.0", "2:2.0"], None),
        (["PU", None, [], {}], ["-", None, [], {}], None),
        ([], [], None),
        (["1"], [[]], UNREADABLE),
    ],
)
def test_winning_time_is_the_winners(positions: Any, times: Any, want: Reading) -> None:
    assert winning_time(positions, times) == want


@pytest.mark.parametrize(
    ("raw", "number", "scratched", "reserve"),
    [
        ("1", 1, False, False),
        ("66", 66, False, False),
        (7, 7, False, False),
        ("NR", None, True, False),
        ("nr", None, True, False),
        ("R17", 17, False, True),
        ("r17", 17, False, True),
        ("R", UNREADABLE, False, False),
        ("17R", UNREADABLE, False, False),
        ("", None, False, False),
        ("-", None, False, False),
        (None, None, False, False),
        ([], UNREADABLE, False, False),
    ],
)
def test_number_tells_runners_non_runners_and_reserves(
    raw: Any, number: Reading, scratched: bool, reserve: bool
) -> None:
    found = saddle_cloth(raw), is_non_runner(raw, "A Nobody"), is_reserve(raw)
    assert found == (number, scratched, reserve)


@pytest.mark.parametrize(
    ("number", "jockey", "want"),
    [
        ("NR", "A Nobody(3)", True),
        ("NR", "", True),
        ("4", "NON-RUNNER(5)", True),
        ("4", "non-runner", True),
        ("4", "A Nobody", False),
        ("R17", "A Nobody", False),
        ("4", "", False),
        (None, None, False),
        ({}, [], False),
    ],
)
def test_number_or_jockey_marks_a_non_runner(number: Any, jockey: Any, want: bool) -> None:
    assert is_non_runner(number, jockey) is want


@pytest.mark.parametrize(
    ("numbers", "want"),
    [([], 0), (["1", "NR", "R17", "nr", None, [], 5], 2), (["1", "2"], 0)],
)
def test_non_runners_are_counted_by_their_numbers(numbers: list[Any], want: int) -> None:
    assert count_non_runners(numbers) == want


def test_facts_that_a_result_is_proof_of() -> None:
    assert (always("rac_1"), count(["hrs_1", "hrs_2"]), count([])) == (True, 2, 0)


@pytest.mark.parametrize(
    ("race", "horse", "want"),
    [
        ("rac_1", "hrs_2", "rac_1_hrs_2"),
        ("rac_32300262787", "hrs_2", "rac_32300262787_hrs_2"),
        ("", "hrs_2", None),
        ("rac_1", None, None),
        ([], "hrs_2", None),
    ],
)
def test_runner_id_joins_race_and_horse(race: Any, horse: Any, want: Reading) -> None:
    assert runner_id(race, horse) == want


@pytest.mark.parametrize(
    ("read", "raw", "want"),
    [
        *readings(
            stones_and_pounds,
            ("130", "9-4"),
            ("112", "8-0"),
            ("163", "11-9"),
            ("0", "0-0"),
            (130, "9-4"),
            ("-1", UNREADABLE),
            ("9-4", UNREADABLE),
        ),
        *readings(
            last_run_days,
            ("31", 31),
            ("395", 395),
            ("128 (9F)", 128),
            ("204(71F)", 204),
            ("(32F)", None),
            (31, 31),
            ("F", UNREADABLE),
            ("()", UNREADABLE),
        ),
        *readings(
            last_run_days_other_code,
            ("31", None),
            ("128 (9F)", 9),
            ("204 (71J)", 71),
            ("(32F)", 32),
            ("(32)", 32),
            ("32F", UNREADABLE),
        ),
        *readings(
            joined_by_space,
            ([], None),
            (None, None),
            (["BF"], "BF"),
            (["BF", "C", "CD"], "BF C CD"),
            (["", "D", None, "-"], "D"),
            ("BF", "BF"),
            ("", None),
            ([["BF"]], UNREADABLE),
            (["BF", {}], UNREADABLE),
            ({"BF": "C"}, UNREADABLE),
            (True, UNREADABLE),
        ),
        *readings(
            joined_by_line,
            ([], None),
            (
                ["Goes well. 13-06-25", "Better now. 16-6-23\n"],
                "Goes well. 13-06-25\nBetter now. 16-6-23",
            ),
            ([None, ""], None),
            ([{}], UNREADABLE),
        ),
    ],
)
def test_runners(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)


@pytest.mark.parametrize(
    ("raw", "place", "status"),
    [
        ("1", 1, "finished"),
        ("20", 20, "finished"),
        (3, 3, "finished"),
        ("PU", None, "pulled_up"),
        ("ur", None, "unseated"),
        (" F ", None, "fell"),
        *((code, None, words) for code, words in FINISH_STATUS.items()),
        ("VOID", None, "void"),
        ("1st", 1, "finished"),
        ("2ND", 2, "finished"),
        ("3 rd", 3, "finished"),
        ("11th", 11, "finished"),
        ("1DH", 1, "finished"),
        ("2 dh", 2, "finished"),
        ("3(DH)", 3, "finished"),
        ("1D-H", 1, "finished"),
        ("DH4", 4, "finished"),
        ("=1", 1, "finished"),
        ("1=", 1, "finished"),
        ("= 5", 5, "finished"),
        ("=2nd", 2, "finished"),
        ("2nd=", 2, "finished"),
        ("XYZ", UNKNOWN, "unknown"),
        ("NR", UNKNOWN, "unknown"),
        ("WD", UNKNOWN, "unknown"),
        ("0", UNKNOWN, "unknown"),
        ("1.5", UNKNOWN, "unknown"),
        ("-1", UNKNOWN, "unknown"),
        ("1 2", UNKNOWN, "unknown"),
        ("1stone", UNKNOWN, "unknown"),
        ("²", UNKNOWN, "unknown"),
        ("", None, "unknown"),
        ("-", None, "unknown"),
        (None, None, "unknown"),
        ([], UNREADABLE, "unknown"),
        (str(10**30), UNKNOWN, "unknown"),
    ],
)
def test_position_and_outcome(raw: Any, place: Reading, status: str) -> None:
    assert (position(raw), finish_status(raw)) == (place, status)


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        ("Flat", "Flat"),
        ("HURDLE", "Hurdle"),
        ("nh_flat", "NH Flat"),
        ("NH Flat", "NH Flat"),
        ("", None),
        (None, None),
        ("U", UNKNOWN),
        ("Jumps", UNKNOWN),
    ],
)
def test_race_type_is_one_of_four_or_unknown(raw: Any, want: Reading) -> None:
    assert race_type(raw) == want


def test_every_code_the_api_may_send_has_words() -> None:
    codes = ["F", "U", "PU", "BD", "RO", "DSQ", "VO", "RR", "CO", "SU", "UR", "DIED", "REF"]
    assert [code for code in codes if finish_status(code) == "unknown"] == []


@pytest.mark.parametrize(
    ("raw", "price", "mark"),
    [
        ("9/2", "9/2", None),
        ("100/30", "100/30", None),
        ("134/10", "134/10", None),
        ("11/8F", "11/8", "F"),
        ("7/2J", "7/2", "J"),
        ("5/1C", "5/1", "C"),
        ("5/1 c", "5/1", "C"),
        ("EvensF", "1/1", "F"),
        ("Evens", "1/1", None),
        ("Evs", "1/1", None),
        ("evens", "1/1", None),
        ("EvsJ", "1/1", "J"),
        ("", None, None),
        ("-", None, None),
        (None, None, None),
        ("SP", UNREADABLE, None),
        ("9", UNREADABLE, None),
        ("9/2X", UNREADABLE, None),
        ([], UNREADABLE, None),
    ],
)
def test_starting_price_and_its_favourite_mark(raw: Any, price: Reading, mark: Reading) -> None:
    assert (starting_price(raw), favourite_mark(raw)) == (price, mark)


@pytest.mark.parametrize(
    ("fraction", "decimal", "price", "status"),
    [
        pytest.param("22/1", "23", "22/1", "priced", id="fraction"),
        pytest.param("100/30", "4.33", "100/30", "priced", id="fraction not reduced"),
        pytest.param("4", "5", "4/1", "priced", id="bare n of n/1"),
        pytest.param(4, 5, "4/1", "priced", id="bare n of n/1, as numbers"),
        pytest.param("28", "28", None, "priced", id="bare decimal repeated"),
        pytest.param("8", "9.04", None, "priced", id="bare, decimal after commission"),
        pytest.param("3.5", "4.5", None, "priced", id="bare, not whole"),
        pytest.param("Evs", "2", "1/1", "priced", id="evens"),
        pytest.param("EVENS", "2.0", "1/1", "priced", id="evens in full"),
        pytest.param("SP", "0", None, "sp", id="SP"),
        pytest.param("sp", "-", None, "sp", id="SP without decimal"),
        pytest.param("-", "-", None, "none", id="nothing"),
        pytest.param("-", "0", None, "none", id="nothing, 0"),
        pytest.param("", "", None, "none", id="blank"),
        pytest.param("5", "-", None, "none", id="bare, no decimal"),
        pytest.param("22/1", "-", "22/1", "none", id="fraction alone"),
        pytest.param("-", "23", None, "priced", id="decimal alone"),
        pytest.param("soon", "23", UNKNOWN, "priced", id="no fraction"),
        pytest.param("SUSP", "-", UNKNOWN, UNKNOWN, id="unknown word"),
        pytest.param([], {}, UNREADABLE, "none", id="no scalars"),
        pytest.param("4", [5], None, "none", id="decimal no scalar"),
        pytest.param(str(10**18), str(10**18 + 1), None, "none", id="too large"),
    ],
)
def test_odds_trust_the_decimal(
    fraction: Any, decimal: Any, price: Reading, status: Reading
) -> None:
    found = fractional_odds(fraction, decimal), price_status(fraction, decimal)
    assert found == (price, status)


@pytest.mark.parametrize(
    ("read", "raw", "want"),
    [
        *readings(
            first_currency,
            (["€7080", "€2000"], "EUR"),
            (["", "€2000"], "EUR"),
            (["4187.20", ""], "GBP"),
            (["£4187.20", "€2000"], UNREADABLE),
            (["¥9"], UNKNOWN),
            (["", "-", None], None),
            ([], None),
            ([[]], UNREADABLE),
        ),
        *readings(
            total_prizes,
            (["4187.20", "1200", "", "600.50"], Decimal("5987.70")),
            (["4187.20", "1200", "", "€600.50"], UNREADABLE),
            (["", "-", None], None),
            ([], None),
            (["0"], Decimal("0.00")),
            ([[], "5"], UNREADABLE),
            ([MILLION_DIGITS], UNREADABLE),
            (["9999999999", "9999999999"], UNREADABLE),
        ),
        *readings(
            place_dividends,
            ("£2.80 £1.50 £2.20", "2.80 1.50 2.20"),
            ("£3.80 £1.30", "3.80 1.30"),
            ("€1.70 €1.10 €2.90", "1.70 1.10 2.90"),
            ("£2.80  £1.50", "2.80 1.50"),
            ("£1.50£2", "1.50 2"),
            ("£4", "4"),
        ),
    ],
)
def test_prizes_and_dividends(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)
