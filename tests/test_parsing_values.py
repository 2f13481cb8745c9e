"""Readers of plain values, over every shape the API was seen to send, and over any JSON at all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.mapping import Row, to_arrow
from pipelines.parsing import UNKNOWN, UNREADABLE, Reading, Unreadable, ValueReader
from pipelines.parsing.prices import amount, currency, money_reader, whole_money
from pipelines.parsing.values import (
    BIGINT_MAX,
    LONGEST_KEY,
    LONGEST_TEXT,
    decimal_reader,
    flag,
    identifier,
    instant,
    integer,
    integer_part,
    iso_date,
    key_reader,
    london_clock,
    london_instant,
    lower,
    number_of,
    positive_decimal_reader,
    positive_integer,
    spaced,
    text,
    upper,
)
from pipelines.tables import API_TABLES, Column, Table

NAN, INFINITY = float("nan"), float("inf")
MILLION_DIGITS = "9" * 1_000_001


def readings(read: ValueReader, *pairs: tuple[Any, Reading]) -> list[Any]:
    """Make parameters of a reader, the value as sent and the value read, under a readable id."""
    name = read.__name__
    return [pytest.param(read, raw, want, id=f"{name} {raw!r:.40}") for raw, want in pairs]


def check(read: ValueReader, raw: Any, want: Reading) -> None:
    """Compare exactly: True is not 1, and 5.5 not 5.50."""
    assert repr(read(raw)) == repr(want)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


eight_two, ten_two = decimal_reader(8, 2), positive_decimal_reader(10, 2)
money = money_reader(12, 2)

READERS: tuple[ValueReader, ...] = (
    text,
    identifier,
    key_reader(identifier),
    spaced,
    upper,
    lower,
    integer,
    positive_integer,
    integer_part,
    number_of,
    eight_two,
    ten_two,
    iso_date,
    instant,
    london_instant,
    london_clock,
    amount,
    money,
    whole_money,
    currency,
)
BLANKS = [
    "",
    " ",
    "\u200b",
    "\ufeff \u2060\u3000\u00ad",
    "-",
    " - ",
    "–",
    "None",
    None,
    "\u00a0",
    "\u2212",
    "\x00",
    "-\x00",
    "\ud83d",
]
NO_SCALARS = [[], {}, ["7"], {"runs": "7"}, True, False, 2**5000, -(2**5000)]
TOO_LONG = ["x" * (LONGEST_TEXT + 1), "7" * (LONGEST_TEXT + 1), " " * (LONGEST_TEXT + 1)]


@pytest.mark.parametrize("raw", BLANKS, ids=repr)
@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_blank_is_null(read: ValueReader, raw: Any) -> None:
    assert read(raw) is None


@pytest.mark.parametrize("raw", NO_SCALARS, ids=lambda raw: f"{type(raw).__name__} {raw!s:.12}")
@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_what_is_no_text_or_number_is_unreadable(read: ValueReader, raw: Any) -> None:
    assert read(raw) is UNREADABLE


@pytest.mark.parametrize("raw", TOO_LONG, ids=["letters", "digits", "spaces"])
@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_text_without_end_is_unreadable(read: ValueReader, raw: str) -> None:
    assert read(raw) is UNREADABLE


def test_text_up_to_the_bound_is_read() -> None:
    assert text("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT


def test_key_is_short_enough_for_an_index() -> None:
    key = key_reader(identifier)
    assert key("x" * LONGEST_KEY) == "x" * LONGEST_KEY
    assert key("x" * (LONGEST_KEY + 1)) is UNREADABLE


@pytest.mark.parametrize("raw", [NAN, INFINITY, -INFINITY], ids=repr)
@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_what_is_not_a_finite_number_is_unreadable(read: ValueReader, raw: float) -> None:
    assert read(raw) is UNREADABLE


@pytest.mark.parametrize(
    ("read", "raw", "want"),
    [
        *readings(
            text,
            ("Good To Firm", "Good To Firm"),
            ("  Good ", "Good"),
            ("runs well. 04-09-24\n", "runs well. 04-09-24"),
            ("Two  Spaces", "Two  Spaces"),
            ("0", "0"),
            ("1/44-2", "1/44-2"),
            ("-11076", "-11076"),
            ("542-", "542-"),
            ("5½f", "5½f"),
            ("£9.50", "£9.50"),
            ("none", "none"),
            ("Nonesuch", "Nonesuch"),
            ("a\x00b", "ab"),
            ("a\ud800b\udfff", "ab"),
            ("a\u00a0b", "a b"),
            ("\u22125", "-5"),
            ("\U0001f40e", "\U0001f40e"),
            (7, "7"),
            (-7, "-7"),
            (7.5, "7.5"),
            (10**30, "1" + "0" * 30),
        ),
        *readings(
            text,
            ("\u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd"),
            ("\u202eabc", "\u202eabc"),
            ("e\u0301", "e\u0301"),
            ("a\u200db", "a\u200db"),
        ),
        *readings(
            identifier,
            ("hrs_1", "hrs_1"),
            (" HRS_1\x00\n", "hrs_1"),
            ("\ufeffRac_\ud8001\u200b", "rac_1"),
            ("trn_ab-9", "trn_ab-9"),
            (7, "7"),
            ("rac\u00a01", UNREADABLE),
            ("../../../../escaped", UNREADABLE),
            ("hrs_1/pro", UNREADABLE),
            ("hrs_1\\..", UNREADABLE),
            ("hrs_1?x=1", UNREADABLE),
            ("hrs_1%2f", UNREADABLE),
            ("hrs_\n1", UNREADABLE),
            ("hrs_é", UNREADABLE),
            ("hrs_١", UNREADABLE),
            (".", UNREADABLE),
        ),
        *readings(
            spaced,
            ("A  N   Other", "A N Other"),
            (" A\u00a0 N Other ", "A N Other"),
            ("A\n\tB", "A B"),
        ),
        *readings(upper, ("pu", "PU"), ("c&f", "C&F"), ("gb", "GB")),
        *readings(lower, ("Gelding", "gelding"), ("B/BR", "b/br")),
    ],
)
def test_text(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)


@pytest.mark.parametrize(
    ("read", "raw", "want"),
    readings(
        flag,
        (True, True),
        (False, False),
        (None, False),
        ("", False),
        ("-", False),
        ("true", True),
        ("False", False),
        ("1", True),
        ("0", False),
        (1, True),
        (0, False),
        (2, UNREADABLE),
        ("yes", UNREADABLE),
        (NAN, UNREADABLE),
        ([], UNREADABLE),
        ({}, UNREADABLE),
    ),
)
def test_flags(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)


@pytest.mark.parametrize(
    ("read", "raw", "want"),
    [
        *readings(
            integer,
            ("112", 112),
            (" 112 ", 112),
            ("0", 0),
            ("007", 7),
            ("+5", 5),
            ("-5", -5),
            ("\u22125", -5),
            ("2400.0", 2400),
            ("2400.5", UNREADABLE),
            ("1,540", UNREADABLE),
            ("1e3", UNREADABLE),
            ("–5", UNREADABLE),
            ("5 5", UNREADABLE),
            ("R17", UNREADABLE),
            ("nan", UNREADABLE),
            (112, 112),
            (112.0, 112),
            (112.5, UNREADABLE),
            (str(BIGINT_MAX), BIGINT_MAX),
            (str(-BIGINT_MAX), -BIGINT_MAX),
            (str(BIGINT_MAX + 1), UNREADABLE),
            (BIGINT_MAX + 1, UNREADABLE),
            (10**30, UNREADABLE),
            (1e30, UNREADABLE),
            (MILLION_DIGITS, UNREADABLE),
        ),
        *readings(
            positive_integer,
            ("7", 7),
            ("0", None),
            ("0.0", None),
            (0, None),
            ("66", 66),
            ("x", UNREADABLE),
        ),
        *readings(
            integer_part,
            ("1540", 1540),
            ("2400.0", 2400),
            ("2400.9", 2400),
            ("0", 0),
            (".9", 0),
            (2400.0, 2400),
            ("7f", UNREADABLE),
            (str(BIGINT_MAX), BIGINT_MAX),
            (str(BIGINT_MAX + 1), UNREADABLE),
            (MILLION_DIGITS, UNREADABLE),
        ),
    ],
)
def test_integers(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)


@pytest.mark.parametrize(
    ("read", "raw", "want"),
    [
        *readings(
            number_of,
            (".5", Decimal("0.5")),
            ("5.", Decimal("5")),
            ("1:0.48", UNREADABLE),
            ("Infinity", UNREADABLE),
        ),
        *readings(
            eight_two,
            ("0", Decimal("0.00")),
            (".5", Decimal("0.50")),
            (".75", Decimal("0.75")),
            ("0.05", Decimal("0.05")),
            ("1.25", Decimal("1.25")),
            ("99", Decimal("99.00")),
            ("205.25", Decimal("205.25")),
            ("2.625", Decimal("2.63")),
            ("5.50", Decimal("5.50")),
            (5.5, Decimal("5.50")),
            (7, Decimal("7.00")),
            ("999999.99", Decimal("999999.99")),
            ("999999.995", UNREADABLE),
            ("1000000", UNREADABLE),
            ("1e5", UNREADABLE),
            ("nan", UNREADABLE),
            ("9/2", UNREADABLE),
            (MILLION_DIGITS, UNREADABLE),
        ),
        *readings(
            ten_two,
            ("23", Decimal("23.00")),
            ("3.25", Decimal("3.25")),
            ("0", None),
            ("0.00", None),
            (0, None),
            ("SP", UNREADABLE),
        ),
    ],
)
def test_decimals(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)


@pytest.mark.parametrize(
    ("read", "raw", "want"),
    [
        *readings(
            iso_date,
            ("2025-10-13", date(2025, 10, 13)),
            (" 2024-02-29 ", date(2024, 2, 29)),
            ("2025-02-29", UNREADABLE),
            ("13-06-25", UNREADABLE),
            ("13/10/2025", UNREADABLE),
            ("2025-10-13T14:12:00+01:00", UNREADABLE),
            ("0000-00-00", UNREADABLE),
            ("yesterday", UNREADABLE),
        ),
        *readings(
            instant,
            ("2025-10-13T14:12:00+01:00", utc(2025, 10, 13, 13, 12)),
            ("2021-02-28T15:40:00+00:00", utc(2021, 2, 28, 15, 40)),
            ("2025-10-13T14:12:00Z", utc(2025, 10, 13, 14, 12)),
            ("2025-10-26T00:30:00+01:00", utc(2025, 10, 25, 23, 30)),
            ("2025-10-13T14:12:00", UNREADABLE),
            ("2025-10-13", UNREADABLE),
            ("14:12", UNREADABLE),
            ("0001-01-01T00:00:00+01:00", UNREADABLE),
            ("9999-12-31T23:59:59-01:00", UNREADABLE),
        ),
        *readings(
            london_clock,
            ("2025-10-13T14:12:00+01:00", "14:12"),
            ("2025-10-13T13:12:00+00:00", "14:12"),
            ("2021-02-28T15:40:00+00:00", "15:40"),
            ("2025-11-04T04:00:00+00:00", "04:00"),
            ("2025-10-18T07:15:00+01:00", "07:15"),
            ("2025-07-01T20:10:00+01:00", "20:10"),
            ("2025-10-13T14:12:00", UNREADABLE),
        ),
    ],
)
def test_dates_and_instants(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)


@pytest.mark.parametrize(
    ("read", "raw", "want"),
    readings(
        london_instant,
        ("2025-10-13 14:11:07", utc(2025, 10, 13, 13, 11, 7)),
        ("2025-01-13 14:11:07", utc(2025, 1, 13, 14, 11, 7)),
        ("2025-03-30 00:59:59", utc(2025, 3, 30, 0, 59, 59)),
        ("2025-03-30 01:30:00", utc(2025, 3, 30, 1, 30)),  # a time that no clock showed
        ("2025-03-30 02:00:00", utc(2025, 3, 30, 1, 0)),
        ("2025-10-26 00:59:59", utc(2025, 10, 25, 23, 59, 59)),
        ("2025-10-26 01:30:00", utc(2025, 10, 26, 0, 30)),  # shown twice: the first
        ("2025-10-26 02:00:00", utc(2025, 10, 26, 2, 0)),
        ("2025-10-13T14:11:07+02:00", utc(2025, 10, 13, 12, 11, 7)),
        ("13/10/2025 14:11", UNREADABLE),
        ("14:11:07", UNREADABLE),
    ),
)
def test_time_of_a_price_is_uk_wall_time(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)


@pytest.mark.parametrize(
    ("read", "raw", "want"),
    [
        *readings(
            money,
            ("£9.50", Decimal("9.50")),
            ("£49", Decimal("49.00")),
            ("€27.03", Decimal("27.03")),
            ("£6110.82", Decimal("6110.82")),
            ("£283,550", Decimal("283550.00")),
            ("4187.20", Decimal("4187.20")),
            ("5234", Decimal("5234.00")),
            ("€7080", Decimal("7080.00")),
            ("1485148.51", Decimal("1485148.51")),
            ("£ 5", Decimal("5.00")),
            ("£\u00a05", Decimal("5.00")),
            (".50", Decimal("0.50")),
            ("0", Decimal("0.00")),
            (4187.2, Decimal("4187.20")),
            ("£2.80 £1.50", UNREADABLE),
            ("2.80 1.50", UNREADABLE),
            ("£", UNREADABLE),
            ("$5", UNREADABLE),
            ("£-5", UNREADABLE),
            ("10000000000", UNREADABLE),
            (MILLION_DIGITS, UNREADABLE),
        ),
        *readings(amount, ("£283,550", Decimal("283550")), ("€5,900", Decimal("5900"))),
        *readings(
            whole_money,
            ("£4,193", 4193),
            ("€5,900", 5900),
            ("£283,550", 283550),
            ("3140.40", 3140),
            ("3140.50", 3141),
            ("0", 0),
            ("£1,000 £500", UNREADABLE),
            ("9" * 18, 10**18 - 1),
            (MILLION_DIGITS, UNREADABLE),
        ),
        *readings(
            currency,
            ("£9.50", "GBP"),
            ("€7080", "EUR"),
            ("4187.20", "GBP"),
            (".50", "GBP"),
            (5234, "GBP"),
            ("€1.70 €1.10", "EUR"),
            ("$5", UNKNOWN),
            ("void", UNKNOWN),
        ),
    ],
)
def test_money(read: ValueReader, raw: Any, want: Reading) -> None:
    check(read, raw, want)


# Any JSON at all, through the reader of every column

SHAPES = (
    r"[+-]?\d{1,25}(\.\d{0,25})?",
    r"(\d{1,4}m)?(\d{1,4}½?f|½f)?(\d{1,5}y)?",
    r"(\d{1,4}:)?\d{1,4}(\.\d{1,5})?",
    r"(\d{1,4}m )?\d{1,4}(\.\d+)?s( \((slow|fast) by (\d{1,4}m )?\d{1,5}\.\d+s\))?",
    r"[£€]?\d{1,3}(,\d{3}){0,6}(\.\d{0,3})?( [£€]\d{1,4}\.\d\d){0,3}",
    r"(\d{1,5}/\d{1,5}|Evens|Evs|SP)[FJC]?",
    r"-?\d{1,25}",
    r"(\d{1,8} ?)?\(\d{1,8}[A-Z]?\)",
    r"(NR|R?\d{1,20}|PU|UR|F|DSQ)",
    r"[A-Za-z]{0,4} ?(I{1,3} )?\(([A-Z]{1,5}|\d{0,30}|July)\)",
    r"NON-RUNNER(\(\d\))?",
    r"(sir|dam|dsi|hrs)_\d{0,9}",
    r"(\d{4}|0001|9999)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
    r"(\d{4}|0001|9999)-(01|10|12)-(01|26|31)[T ][0-2]\d:[0-5]\d:[0-5]\d([+-][01]\d:[0-5]\d|Z)?",
    r"[1-9]\d{4}-(0[1-9]|1[0-2])-[0-3]\d([T ][0-2]\d:[0-5]\d:[0-5]\d[+-]\d\d:\d\d)?",
    r"\d{4}-(01|06|12)-(01|31)[T ][0-2]\d:[0-5]\d[+-][0-2]\d(:?[0-6]\d){0,2}(\.\d{1,6})?",
    r"-?\d(\.\d{1,3})?[eE][+-]?\d{1,4}|-0(\.0)?|NaN|-?Infinity",
    r"[ \u00a0\u200b\u200f\u3000\ufeff]{0,3}[a-zA-Z\u0301\u05d0\u202e]{0,3}[\u200b\u2060 ]{0,3}",
    r"[GCFMHX]|gelding|Mare|true|False|None|[-–\u2212 ]{1,2}",
)
NEARLY_VALID = st.one_of([st.from_regex(shape, fullmatch=True) for shape in SHAPES])
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**400, 10**4299]),
    st.floats(),
    ANY_TEXT,
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
ANYTHING = NEARLY_VALID | ANY_JSON

PYTHON = {
    "text": str,
    "bigint": int,
    "bool": bool,
    "date": date,
    "timestamp": datetime,
    "decimal": Decimal,
}


def fits(column: Column, value: Reading) -> bool:
    """Tell whether a value is of the column's type, exactly, and can be stored."""
    if value is None or isinstance(value, Unreadable):
        return True
    if type(value) is not PYTHON[column.type.name]:
        return False
    if isinstance(value, str):
        return "\x00" not in value and value == value.encode(errors="ignore").decode()
    if isinstance(value, Decimal):
        return value.is_finite() and value.as_tuple().exponent == -(column.type.scale or 0)
    return not isinstance(value, datetime) or value.tzinfo is UTC


def read_column(
    table: Table, endpoint: str, column: Column, values: list[Any], entries: list[list[Any]]
) -> Reading:
    """Read a column from a value for each of its fields, and lists of them where it gathers."""
    origin, depth = column.origins[endpoint], table.rows_from[endpoint].count("[]")
    arguments = [
        [entry[number] for entry in entries] if path.count("[]") > depth else values[number]
        for number, path in enumerate(origin.paths)
    ]
    return origin.read(*arguments)


def two(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=2, max_size=2)


ORIGINS = [(table, endpoint) for table in API_TABLES for endpoint in table.rows_from]


@given(values=two(ANYTHING), entries=st.lists(two(ANYTHING), max_size=3))
def test_no_value_raises_and_every_reading_fits_its_column(
    values: list[Any], entries: list[list[Any]]
) -> None:
    for table, endpoint in ORIGINS:
        columns = table.columns_from(endpoint)
        row: Row = {}
        for column in columns:
            found = read_column(table, endpoint, column, values, entries)
            assert fits(column, found), (table, column, found)
            row[column.name] = None if isinstance(found, Unreadable) else found
        to_arrow(table, columns, [row])
