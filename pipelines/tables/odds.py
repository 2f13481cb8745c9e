"""Odds: the latest price of each bookmaker for each runner."""

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
