"""Readers of names and ids, over every shape the API was seen to send."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pipelines.parsing import UNKNOWN, UNREADABLE, Reading, ValueReader
from pipelines.parsing.names import (
    SEX_WORDS,
    bookmaker_id,
    bookmaker_market,
    bookmaker_url,
    claim,
    country,
    course_degrees,
    course_fact,
    course_name,
    course_surface,
    horse_id_of_parent,
    is_placeholder,
    jockey_id,
    jockey_name,
    racing_region,
    sex,
    sex_code,
    sex_word,
    without_country,
)
from tests.test_parsing_values import BLANKS, NAN, NO_SCALARS, check, readings

READERS: tuple[ValueReader, ...] = (
    without_country,
    country,
    horse_id_of_parent,
    sex,
    sex_code,
    sex_word,
    racing_region,
    jockey_name,
    claim,
    course_surface,
    bookmaker_id,
    bookmaker_market,
    bookmaker_url,
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
            without_country,
            ("Made Up Horse", "Made Up Horse"),
            ("Made Up Horse (GB)", "Made Up Horse"),
            ("Made Up Horse (IRE)", "Made Up Horse"),
            ("Made Up Horse(SAF)", "Made Up Horse"),
            (" Made  Up Horse\u00a0(FR) ", "Made Up Horse"),
            ("Invented I (IRE)", "Invented I"),
            ("Invented (July)", "Invented (July)"),
            ("Invented (5)", "Invented (5)"),
            ("Invented (IRE) Again", "Invented (IRE) Again"),
            ("Invented (GERMANY)", "Invented (GERMANY)"),
            ("(IRE)", "(IRE)"),
            ("Inv\x00ented\ud800 (GB)", "Invented"),
        ),
        *readings(
            country,
            ("Made Up Horse", None),
            ("Made Up Horse (GB)", "GB"),
            ("Made Up Horse (IRE)", "IRE"),
            ("Made Up Horse (UAE) ", "UAE"),
            ("Invented I (IRE)", "IRE"),
            ("Invented (July)", None),
            ("Invented (5)", None),
        ),
        *readings(
            horse_id_of_parent,
            ("sir_123", "hrs_123"),
            ("dam_5678901", "hrs_5678901"),
            ("dsi_12345678901", "hrs_12345678901"),
            ("hrs_123", "hrs_123"),
            ("my_sir_123", "my_sir_123"),
        ),
        *readings(sex, ("Mare", "mare"), ("gelding", "gelding"), ("M", UNKNOWN), ("rig", UNKNOWN)),
        *readings(sex_code, ("m", "M"), ("G", "G"), ("R", UNKNOWN), ("mare", UNKNOWN)),
        *readings(
            racing_region,
            ("GB", "GB"),
            ("ire", "IRE"),
            ("HK", "HK"),
            ("XX", UNKNOWN),
            ("Great Britain", UNKNOWN),
        ),
        *readings(
            sex_word,
            *SEX_WORDS.items(),
            ("g", "gelding"),
            (" M ", "mare"),
            ("R", UNKNOWN),
            ("mare", UNKNOWN),
        ),
    ],
)
def test_horses(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)


@pytest.mark.parametrize(
    ("read", "raw", "want"),
    [
        *readings(
            jockey_name,
            ("A Nobody", "A Nobody"),
            ("A Nobody(5)", "A Nobody"),
            ("Miss  A Nobody (7)", "Miss A Nobody"),
            ("A Nobody\u00a0(3)", "A Nobody"),
            ("NON-RUNNER", None),
            ("NON-RUNNER(5)", None),
            (" non-runner", None),
            ("(5)", None),
        ),
        *readings(
            claim,
            ("A Nobody", 0),
            ("A Nobody(5)", 5),
            ("Miss  A Nobody (7)", 7),
            ("A Nobody(10)", 10),
            ("A Nobody(x)", 0),
            ("NON-RUNNER", None),
            ("NON-RUNNER(5)", None),
            ("A Nobody(12345678901)", 12345678901),
            (f"A Nobody({10**30})", UNREADABLE),
        ),
    ],
)
def test_jockeys(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)


@pytest.mark.parametrize(
    ("raw_id", "name", "want"),
    [
        ("jky_1", "A Nobody(3)", "jky_1"),
        ("jky_224", "NON-RUNNER(5)", None),
        ("jky_224", "non-runner", None),
        ("", "", None),
        ("", "A Nobody", None),
        ("jky_1", None, "jky_1"),
        ("jky_1", [], "jky_1"),
        ([], "A Nobody", UNREADABLE),
        (17, "A Nobody", "17"),
    ],
)
def test_placeholder_is_no_jockey(raw_id: Any, name: Any, want: Reading) -> None:
    assert jockey_id(raw_id, name) == want


@pytest.mark.parametrize("raw", [None, 5, [], {}, NAN, "", "A NON-RUNNER"], ids=repr)
def test_nothing_but_the_placeholder_is_one(raw: Any) -> None:
    assert is_placeholder(raw) is False


@pytest.mark.parametrize(
    ("name", "region", "want"),
    [
        ("Nowhere", "GB", "Nowhere"),
        ("Nowhere (AW)", "GB", "Nowhere (AW)"),
        ("Nowhere (July)", "GB", "Nowhere (July)"),
        ("Nowhere (RH)", "IRE", "Nowhere (RH)"),
        ("Nowhere (AW) (IRE)", "IRE", "Nowhere (AW)"),
        ("Nowhere  (IRE)", "ire", "Nowhere"),
        ("Nowhere (IRE)", "GB", "Nowhere (IRE)"),
        ("Nowhere (AUS)", "AUS", "Nowhere"),
        ("(IRE)", "IRE", "(IRE)"),
        ("Nowhere (IRE)", "", "Nowhere (IRE)"),
        ("Nowhere (IRE)", [], "Nowhere (IRE)"),
        ("", "GB", None),
        ([], "GB", UNREADABLE),
    ],
)
def test_course_loses_the_bracket_of_its_region_alone(
    name: Any, region: Any, want: Reading
) -> None:
    assert course_name(name, region) == want


@pytest.mark.parametrize(
    ("read", "raw", "want"),
    readings(
        course_surface,
        ("Nowhere", "Turf"),
        ("Nowhere (July)", "Turf"),
        ("Nowhere (AW)", "AW"),
        ("Nowhere (AW) (IRE)", "AW"),
    ),
)
def test_surface(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)


@pytest.mark.parametrize(
    ("name", "region", "want"),
    [
        ("Aintree", "gb", ("AIN", "Jump", Decimal("53.476600"), Decimal("-2.946300"))),
        (" Aintree (GB)", "GB", ("AIN", "Jump", Decimal("53.476600"), Decimal("-2.946300"))),
        ("Aintree", "ire", (None, None, None, None)),
        ("Nowhere", "gb", (None, None, None, None)),
        ("Aintree", None, (None, None, None, None)),
        ([], {}, (None, None, None, None)),
    ],
)
def test_course_facts_come_from_the_reference_file(
    name: Any, region: Any, want: tuple[Reading, ...]
) -> None:
    facts = [course_fact("code"), course_fact("type")]
    places = [course_degrees("latitude"), course_degrees("longitude")]
    assert tuple(read(name, region) for read in facts + places) == want


@pytest.mark.parametrize(
    ("read", "raw", "want"),
    [
        *readings(
            bookmaker_id,
            ("Bet365", "bet365"),
            ("Spread Ex", "spreadex"),
            ("Spreadex", "spreadex"),
            ("William  Hill", "williamhill"),
            ("Bet & Co.", "betco"),
            (888, "888"),
            ("Ω", None),
        ),
        *readings(
            bookmaker_market,
            ("Betfair Exchange", "exchange"),
            ("Matchbook", "exchange"),
            ("Smarkets", "exchange"),
            ("Betdaq", "exchange"),
            ("Tote", "pool"),
            ("Spread Ex", "spread"),
            ("Sporting Index", "spread"),
            ("SportingIndex", "spread"),
            ("Bet365", "fixed_odds"),
            ("Nobody's Bets", UNKNOWN),
        ),
        *readings(
            bookmaker_url,
            ("10Bet", "https://www.10bet.co.uk"),
            ("10 bet", "https://www.10bet.co.uk"),
            ("Nobody's Bets", None),
        ),
    ],
)
def test_bookmakers(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)
