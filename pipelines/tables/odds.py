"""Odds: the latest price of each bookmaker for each runner, and the vendor's history of them."""

from pipelines.parsing.names import bookmaker_id
from pipelines.parsing.prices import fractional_odds, price_status
from pipelines.parsing.values import london_instant, positive_decimal_reader
from pipelines.tables.model import (
    BIGINT,
    DATE,
    TEXT,
    TIMESTAMP,
    Column,
    Kind,
    Table,
    decimal,
    updated_at,
)

_PRICE = (
    Column(
        "fractional_odds",
        TEXT,
        "Fractional odds",
        fractional_odds,
        field=("fractional", "decimal"),
    ),
    Column(
        "decimal_odds",
        decimal(10, 2),
        "Decimal odds, stake included",
        positive_decimal_reader(10, 2),
        field="decimal",
    ),
)

RUNNER_ODDS = Table(
    name="ra_runner_odds",
    kind=Kind.RACE,
    grain="latest price of one bookmaker for one runner",
    key=("race_id", "horse_id", "bookmaker_id"),
    rows_from={"racecards": "runners[].odds[]"},
    columns=(
        Column("race_id", TEXT, "Race", field="^^race_id"),
        Column("horse_id", TEXT, "Horse", field="^horse_id"),
        Column("bookmaker_id", TEXT, "Bookmaker", bookmaker_id, field="bookmaker"),
        Column("race_date", DATE, "Race date", field="^^date", required=True),
        *_PRICE,
        Column(
            "price_status",
            TEXT,
            "Whether a price was on offer",
            price_status,
            field=("fractional", "decimal"),
            required=True,
        ),
        Column("ew_places", BIGINT, "Each-way places paid", field="ew_places"),
        Column(
            "ew_denom", BIGINT, "Each-way fraction denominator (5 = one fifth)", field="ew_denom"
        ),
        Column(
            "odds_updated_at",
            TIMESTAMP,
            "When the vendor last saw the price",
            london_instant,
            field="updated",
        ),
        updated_at(),
    ),
)

PRICE_REQUESTS = Table(
    name="ra_price_requests",
    kind=Kind.HISTORY,
    grain="one row per runner whose price history was requested",
    key=("race_id", "horse_id"),
    rows_from={"prices": ""},
    how_often="with --prices",
    asked_at="requested_at",
    columns=(
        Column("race_id", TEXT, "Race", field="race_id"),
        Column("horse_id", TEXT, "Horse", field="horse_id"),
        Column(
            "status",
            TEXT,
            "found, or not_found where the API has none: it is not requested again",
            field="status",
            required=True,
        ),
        Column(
            "requested_at",
            TIMESTAMP,
            "When it was requested (UTC)",
            field="requested_at",
            required=True,
        ),
        updated_at(),
    ),
)

PRICE_HISTORY = Table(
    name="ra_price_history",
    kind=Kind.HISTORY,
    grain="one row per price that the vendor's history has of one bookmaker for one runner",
    key=("race_id", "horse_id", "bookmaker_id", "changed_at"),
    rows_from={"prices": "odds[].history[]"},
    how_often="with --prices",
    columns=(
        Column("race_id", TEXT, "Race", field="^^race_id"),
        Column("horse_id", TEXT, "Horse", field="^^horse_id"),
        Column("bookmaker_id", TEXT, "Bookmaker", bookmaker_id, field="^bookmaker"),
        Column(
            "changed_at", TIMESTAMP, "Since when the price was on offer (UTC)", field="changed_at"
        ),
        *_PRICE,
        Column(
            "price_status",
            TEXT,
            "priced, sp or none",
            price_status,
            field=("fractional", "decimal"),
            required=True,
        ),
    ),
)
