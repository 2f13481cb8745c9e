"""Features of the race, the stall and the price: all as known before the off."""

from typing import Final

from pipelines.tables.features.model import (
    ANY,
    BEATEN,
    BOOLEAN,
    CHANCE,
    IMPACT,
    INTEGER,
    REAL,
    RUNS,
    TEXT,
    WINS,
    YEAR,
    Counted,
    Fact,
    Who,
    each,
    fact,
)

STALL: Final = Who(
    "draw",
    "horses from this third of the draw over this course, surface and distance",
    ("course_id", "surface", "distance_f", "third"),
)

# fmt: off
RACE: Final = (
    fact("code", TEXT, "Flat, or Jumps; NULL if the type of race is unknown", "target.code"),
    fact("is_flat", BOOLEAN, "Flat race", "target.race_type = 'Flat'"),
    fact("is_hurdle", BOOLEAN, "Hurdle race", "target.race_type = 'Hurdle'"),
    fact("is_chase", BOOLEAN, "Chase", "target.race_type = 'Chase'"),
    fact("is_bumper", BOOLEAN, "NH Flat race", "target.race_type = 'NH Flat'"),
    fact("is_handicap", BOOLEAN, "Handicap, according to the race title", "target.is_handicap"),
    fact("is_all_weather", BOOLEAN, "Artificial surface", "target.surface = 'AW'"),
    fact("is_irish", BOOLEAN, "At an Irish course", "target.region = 'IRE'"),
    fact("is_pattern", BOOLEAN, "Pattern or listed race", "coalesce(target.pattern, '') <> ''"),
    fact("is_big_race", BOOLEAN, "Feature race, by the card", "coalesce(target.is_big_race, false)" ),
    fact("race_class", INTEGER, "British class, 1 to 7; NULL for Irish races", "target.class"),
    fact("distance_f", REAL, "Distance in furlongs, to half a furlong", "target.distance_f"),
    fact("distance_y", INTEGER, "Distance in yards", "target.distance_y"),
    fact("distance_band", INTEGER, "Flat below 7, 10, 13 furlongs and longer: 1 to 4; Jumps below 18.5, 22.5 and longer: 1 to 3", "target.band"),
    fact("going_group", INTEGER, "Going before the off: 1 firm, 2 good, 3 good to soft, 4 soft, 5 heavy; artificial: 11 fast, 12 standard, 13 slow", "target.going"),
    fact("prize_money", INTEGER, "First prize on the card, in its own currency", "target.prize_money" ),
    fact("field_size", INTEGER, "Runners by the card, its non-runners excluded; without a card, those that ran", "target.field_size"),
    fact("declared", INTEGER, "Horses declared: not marked as non-runners on the card, no reserves", "target.declared"),
    fact("places_paid", INTEGER, "Places by each-way terms for that field", "target.places_paid"),
    fact("stablemates", INTEGER, "Other horses of the trainer declared in the race", "target.stablemates"),
    fact("race_month", INTEGER, "Month of the race", "EXTRACT(month FROM target.race_date)"),
    fact("race_weekday", INTEGER, "Day of the week: 0 Sunday to 6 Saturday", "EXTRACT(dow FROM target.race_date)"),
    fact("race_hour", INTEGER, "Hour of the scheduled off, UK time", "EXTRACT(hour FROM target.off_dt AT TIME ZONE 'Europe/London')"),
    fact("yard_percent_on_card", INTEGER, "Strike rate of the yard in the last 14 days, printed on the card", "target.trainer_14_days_percent"),
    fact("yard_ran_to_form", INTEGER, "Percent of the yard's recent runners that ran to form, printed on the card", "target.trainer_rtf"),
)

DRAW: Final[tuple[Counted | Fact, ...]] = (
    fact("draw", INTEGER, "Stall; NULL if there is none", "target.stall"),
    fact("draw_place", REAL, "Place in the draw of those declared: (place - 0.5) / horses drawn, low near 0", "target.draw_place"),
    fact("draw_third", INTEGER, "Third of the draw: 1 low, 2 middle, 3 high", "target.third"),
    *each(STALL, RUNS, WINS, CHANCE, IMPACT, BEATEN, over=(YEAR,), where=(ANY,)),
)

PRICE: Final = (
    fact("price_first", REAL, "Best first price of the fixed-odds bookmakers, decimal odds", "prices.first_price"),
    fact("price_60m", REAL, "Best fixed price known an hour before the off", "prices.price_60"),
    fact("price_10m", REAL, "Best fixed price known ten minutes before the off", "prices.price_10"),
    fact("price_last", REAL, "Best fixed price known before the off", "prices.price_0"),
    fact("price_mean", REAL, "Average of the fixed prices known before the off", "prices.mean_0"),
    fact("price_exchange", REAL, "Best exchange price known before the off", "prices.exchange_0"),
    fact("price_bookmakers", INTEGER, "Fixed-odds bookmakers with a price before the off", "prices.bookmakers_0"),
    fact("price_move", REAL, "Last best price divided by the first, less one: negative if it shortened", "prices.price_0 / nullif(prices.first_price, 0) - 1"),
    fact("price_move_last_hour", REAL, "Last best price divided by that of an hour before the off, less one", "prices.price_0 / nullif(prices.price_60, 0) - 1"),
    fact("price_share", REAL, "Chance by the last average prices, adding up to 1 in the race", "prices.share"),
    fact("price_rank", INTEGER, "Place in the betting by the last average price: 1 for the favourite", "prices.place"),
)

RACES: Final[tuple[Counted | Fact, ...]] = (*RACE, *DRAW, *PRICE)
