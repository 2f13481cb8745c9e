-- One row per runner: the best price of a bookmaker at nine in the morning, as it was on offer then.
--
-- Fixed odds only: exchanges take a commission and pools pay what they like. Of equal prices, the one with the
-- better each-way terms, then the first by name. Where the vendor's own price history is loaded, it counts.
CREATE VIEW morning_prices AS
SELECT
    race_id,
    horse_id,
    race_date,
    decimal_odds,
    bookmaker_id,
    bookmaker_name,
    ew_places,
    ew_denom
FROM (
    SELECT
        prices.race_id,
        prices.horse_id,
        prices.race_date,
        prices.decimal_odds,
        prices.bookmaker_id,
        bookmakers.name AS bookmaker_name,
        prices.ew_places,
        prices.ew_denom,
        row_number() OVER (
            PARTITION BY prices.race_date, prices.race_id, prices.horse_id
            ORDER BY
                prices.decimal_odds DESC, prices.ew_places DESC NULLS LAST, prices.ew_denom,
                bookmakers.name, prices.bookmaker_id
        ) AS place
    FROM (
        SELECT *, max(origin) OVER (PARTITION BY race_date, race_id, horse_id, bookmaker_id) AS best_origin
        FROM ra_price_changes
    ) AS prices
    JOIN ra_mst_bookmakers AS bookmakers
        ON bookmakers.id = prices.bookmaker_id AND bookmakers.type = 'fixed_odds'
    WHERE prices.origin = prices.best_origin
        AND prices.decimal_odds > 1
        AND prices.valid_from <= (prices.race_date + TIME '09:00') AT TIME ZONE 'Europe/London'
        AND (
            prices.valid_to IS NULL
            OR prices.valid_to > (prices.race_date + TIME '09:00') AT TIME ZONE 'Europe/London'
        )
) AS offers
WHERE place = 1;

COMMENT ON VIEW morning_prices IS 'One row per runner: the best price of a bookmaker (fixed odds) at 09:00 UK time on the day of the race, where the day was watched by then. Ask for a race or a day.';
COMMENT ON COLUMN morning_prices.race_id IS 'Race';
COMMENT ON COLUMN morning_prices.horse_id IS 'Horse';
COMMENT ON COLUMN morning_prices.race_date IS 'UK day of the race';
COMMENT ON COLUMN morning_prices.decimal_odds IS 'The price: decimal odds, stake included';
COMMENT ON COLUMN morning_prices.bookmaker_id IS 'Bookmaker that offered it; the better each-way terms decide, then the name';
COMMENT ON COLUMN morning_prices.bookmaker_name IS 'Name of the bookmaker';
COMMENT ON COLUMN morning_prices.ew_places IS 'Each-way places that this bookmaker paid';
COMMENT ON COLUMN morning_prices.ew_denom IS 'Its each-way fraction denominator (5 = one fifth)';
