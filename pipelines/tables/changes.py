"""What changed between one response and the next: on a card, in a result, in a price."""

from typing import Final

from pipelines.tables.model import (
    BIGINT,
    DATE,
    TEXT,
    TIMESTAMP,
    Column,
    Kind,
    Table,
    Type,
    decimal,
)

_DERIVED: Final = "derived from successive responses: pipelines/models/changes.py"

CARD: Final = "card"
"""Fact of a race that its card has been seen; all that follows are changes."""


def _column(name: str, type: Type, meaning: str, *, required: bool = False) -> Column:
    return Column(name, type, meaning, required=required, set_by=_DERIVED)


_RACE = _column("race_id", TEXT, "Race", required=True)
_RUNNER = (_RACE, _column("horse_id", TEXT, "Horse", required=True))
_RACE_DATE = _column("race_date", DATE, "Race date", required=True)
_SEEN = (
    _column(
        "seen_before",
        TIMESTAMP,
        "The last response that had the old value (UTC): it changed after that",
    ),
    _column(
        "seen_at",
        TIMESTAMP,
        "The first response that has the new value (UTC): it changed before that",
        required=True,
    ),
)

RUNNER_CHANGES = Table(
    name="ra_runner_changes",
    kind=Kind.CHANGE,
    grain="one row per change of a runner on its card",
    key=("race_id", "horse_id", "what", "seen_at"),
    rows_from={},
    columns=(
        *_RUNNER,
        _RACE_DATE,
        _column(
            "what",
            TEXT,
            "declared (added to the card), non-runner, reinstated, removed (left the card), "
            "jockey, weight, draw, headgear or number",
            required=True,
        ),
        _column("old_value", TEXT, "What the card said before"),
        _column("new_value", TEXT, "What it says now"),
        *_SEEN,
    ),
)

RACE_CHANGES = Table(
    name="ra_race_changes",
    kind=Kind.CHANGE,
    grain="one row per change of a race: on its card, and of its result",
    key=("race_id", "what", "seen_at"),
    rows_from={},
    columns=(
        _RACE,
        _RACE_DATE,
        _column(
            "what",
            TEXT,
            "off time, going, prize, abandoned, status, or result: the first three, first without "
            "an old value, then whenever it is corrected",
            required=True,
        ),
        _column("old_value", TEXT, "What was said before"),
        _column("new_value", TEXT, "What is said now"),
        *_SEEN,
    ),
)

PRICE_CHANGES = Table(
    name="ra_price_changes",
    kind=Kind.CHANGE,
    grain="one row per price that a bookmaker has offered for a runner, from when to when",
    key=("race_id", "horse_id", "bookmaker_id", "origin", "valid_from"),
    rows_from={},
    columns=(
        *_RUNNER,
        _column("bookmaker_id", TEXT, "Bookmaker", required=True),
        _RACE_DATE,
        _column(
            "valid_from",
            TIMESTAMP,
            "The earliest moment at which it is known to have been on offer (UTC)",
            required=True,
        ),
        _column("valid_to", TIMESTAMP, "When the next price took its place; NULL for the last"),
        _column("fractional_odds", TEXT, "Fractional odds"),
        _column("decimal_odds", decimal(10, 2), "Decimal odds, stake included"),
        _column("price_status", TEXT, "priced, sp or none"),
        _column("ew_places", BIGINT, "Each-way places paid"),
        _column("ew_denom", BIGINT, "Each-way fraction denominator (5 = one fifth)"),
        _column("seen_at", TIMESTAMP, "The response that first had it (UTC)", required=True),
        _column(
            "origin",
            TEXT,
            "cards (seen on successive racecards) or history (from the vendor's price history)",
            required=True,
        ),
    ),
)

LAST_RESPONSES = Table(
    name="ra_last_responses",
    kind=Kind.BOOKKEEPING,
    grain="one row per dated endpoint and day: the last response that changes were looked for in",
    key=("endpoint", "date"),
    rows_from={},
    columns=(
        _column("endpoint", TEXT, "racecards or results", required=True),
        _column("date", DATE, "The UK day requested", required=True),
        _column("seen_at", TIMESTAMP, "When it was requested (UTC)", required=True),
    ),
)

LAST_SEEN = Table(
    name="ra_last_seen",
    kind=Kind.BOOKKEEPING,
    grain="one row per fact of a race or runner that changes are compared with",
    key=("race_id", "horse_id", "fact"),
    rows_from={},
    columns=(
        _RACE,
        _column("horse_id", TEXT, "Horse; empty for a fact of the race", required=True),
        _column("fact", TEXT, "Which fact", required=True),
        _RACE_DATE,
        _column("value", TEXT, "What the last response said that had it", required=True),
    ),
)
