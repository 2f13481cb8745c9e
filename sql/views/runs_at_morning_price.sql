-- One row per run whose morning price is known: what one unit on it has returned.
--
-- Place returns are by the terms of the bookmaker that offered the price. A bookmaker may have cut the winnings
-- when a horse was withdrawn after the bet (Rule 4): no response says by how much, so it is not counted.
CREATE VIEW runs_at_morning_price AS
SELECT
    race_id,
    horse_id,
    race_date,
    decimal_odds,
    bookmaker_name,
    ew_places,
    ew_denom,
    CAST(win_share * decimal_odds - 1 AS decimal(14, 6)) AS profit,
    CAST(
        (win_share * decimal_odds + morning_place_share * (1 + (decimal_odds - 1) / ew_denom)) / 2 - 1
        AS decimal(14, 6)
    ) AS profit_each_way,
    CAST(CAST(100.0 * decimal_odds / starting_price_decimal - 100 AS decimal(20, 8)) AS decimal(9, 1))
        AS better_than_sp
FROM (
    SELECT
        morning_prices.*,
        runs.win_share,
        runs.starting_price_decimal,
        CAST(
            CASE
                WHEN morning_prices.ew_places IS NULL THEN NULL
                WHEN runs.position <= morning_prices.ew_places
                    THEN least(1.0, 1.0 * (morning_prices.ew_places - runs.position + 1) / runs.level)
                ELSE 0
            END AS decimal(12, 10)
        ) AS morning_place_share
    FROM morning_prices
    JOIN runs ON runs.race_id = morning_prices.race_id AND runs.horse_id = morning_prices.horse_id
) AS morning;

COMMENT ON VIEW runs_at_morning_price IS 'One row per run whose best morning price is known (see morning_prices): profit of one unit, to win and each way, without deductions for late non-runners (Rule 4). Ask for a race or a day.';
COMMENT ON COLUMN runs_at_morning_price.race_id IS 'Race';
COMMENT ON COLUMN runs_at_morning_price.horse_id IS 'Horse';
COMMENT ON COLUMN runs_at_morning_price.race_date IS 'UK day of the race';
COMMENT ON COLUMN runs_at_morning_price.decimal_odds IS 'Best price of a bookmaker at 09:00 UK time, decimal odds';
COMMENT ON COLUMN runs_at_morning_price.bookmaker_name IS 'Bookmaker that offered it';
COMMENT ON COLUMN runs_at_morning_price.ew_places IS 'Each-way places that this bookmaker paid';
COMMENT ON COLUMN runs_at_morning_price.ew_denom IS 'Its each-way fraction denominator (5 = one fifth)';
COMMENT ON COLUMN runs_at_morning_price.profit IS 'Profit of staking one unit to win at that price, with the stake divided in a dead heat';
COMMENT ON COLUMN runs_at_morning_price.profit_each_way IS 'Profit of one unit each way at that price and by those terms: half of it to win, half for a place; NULL without terms';
COMMENT ON COLUMN runs_at_morning_price.better_than_sp IS 'By how many percent the price is above the starting price; NULL without a starting price';
