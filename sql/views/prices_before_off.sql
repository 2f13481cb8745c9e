-- The price of each bookmaker so many minutes before the off, as it was known then: nothing later counts.
CREATE VIEW prices_before_off AS
SELECT
    prices.race_id,
    prices.horse_id,
    prices.bookmaker_id,
    prices.race_date,
    races.off_dt,
    bookmakers.type AS market,
    before.minutes,
    prices.decimal_odds,
    prices.fractional_odds,
    prices.price_status,
    prices.ew_places,
    prices.ew_denom,
    prices.valid_from,
    prices.origin
FROM (
    SELECT
        *,
        max(origin) OVER (PARTITION BY race_date, race_id, horse_id, bookmaker_id) AS best_origin
    FROM ra_price_changes
) AS prices
JOIN ra_races AS races ON races.id = prices.race_id
CROSS JOIN (
    VALUES (0), (1), (2), (5), (10), (15), (20), (30), (60), (120), (240), (480), (720), (1440)
) AS before (minutes)
LEFT JOIN ra_mst_bookmakers AS bookmakers ON bookmakers.id = prices.bookmaker_id
WHERE prices.origin = prices.best_origin
    AND prices.valid_from <= races.off_dt - before.minutes * INTERVAL '1' MINUTE
    AND (
        prices.valid_to IS NULL
        OR prices.valid_to > races.off_dt - before.minutes * INTERVAL '1' MINUTE
    );

COMMENT ON VIEW prices_before_off IS 'One row per runner, bookmaker and number of minutes before the off: the price on offer at that moment, with nothing that was only known later. Ask for one number of minutes, and for a race or a day.';
COMMENT ON COLUMN prices_before_off.race_id IS 'Race';
COMMENT ON COLUMN prices_before_off.horse_id IS 'Horse';
COMMENT ON COLUMN prices_before_off.bookmaker_id IS 'Bookmaker';
COMMENT ON COLUMN prices_before_off.race_date IS 'UK day of the race';
COMMENT ON COLUMN prices_before_off.off_dt IS 'Off time with time zone';
COMMENT ON COLUMN prices_before_off.market IS 'Kind of bookmaker: fixed_odds, exchange, pool or spread';
COMMENT ON COLUMN prices_before_off.minutes IS 'Minutes before the off: 0, 1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480, 720 or 1440';
COMMENT ON COLUMN prices_before_off.decimal_odds IS 'Decimal odds, stake included';
COMMENT ON COLUMN prices_before_off.fractional_odds IS 'Fractional odds';
COMMENT ON COLUMN prices_before_off.price_status IS 'priced, sp or none';
COMMENT ON COLUMN prices_before_off.ew_places IS 'Each-way places paid';
COMMENT ON COLUMN prices_before_off.ew_denom IS 'Each-way fraction denominator (5 = one fifth)';
COMMENT ON COLUMN prices_before_off.valid_from IS 'Since when it was on offer';
COMMENT ON COLUMN prices_before_off.origin IS 'cards, or history where the vendor''s price history is loaded';
