-- How the prices of a runner moved until the off: open, high, low, now and the share they moved, for each
-- bookmaker. Where the vendor's own price history is loaded, it counts, and else what the cards showed.
-- A race has one day; the partitions name it so that a query for a day reads that day only.
CREATE VIEW price_movements AS
WITH known AS (
    SELECT
        prices.*,
        row_number() OVER moves AS since_open,
        row_number() OVER (
            PARTITION BY prices.race_date, prices.race_id, prices.horse_id, prices.bookmaker_id, prices.origin
            ORDER BY prices.valid_from DESC
        ) AS until_now,
        max(prices.origin) OVER (
            PARTITION BY prices.race_date, prices.race_id, prices.horse_id, prices.bookmaker_id
        ) AS best_origin
    FROM ra_price_changes AS prices
    JOIN ra_races AS races ON races.id = prices.race_id
    WHERE prices.decimal_odds IS NOT NULL
        AND (races.off_dt IS NULL OR prices.valid_from < races.off_dt)
    WINDOW moves AS (
        PARTITION BY prices.race_date, prices.race_id, prices.horse_id, prices.bookmaker_id, prices.origin
        ORDER BY prices.valid_from
    )
)
SELECT
    known.race_id,
    known.horse_id,
    known.race_date,
    races.off_dt,
    races.course_name,
    runners.horse_name,
    known.bookmaker_id,
    bookmakers.type AS market,
    CAST(max(known.decimal_odds) FILTER (WHERE known.since_open = 1) AS decimal(10, 2)) AS open_odds,
    CAST(max(known.decimal_odds) AS decimal(10, 2)) AS high_odds,
    CAST(min(known.decimal_odds) AS decimal(10, 2)) AS low_odds,
    CAST(max(known.decimal_odds) FILTER (WHERE known.until_now = 1) AS decimal(10, 2)) AS now_odds,
    CAST(100.0 * (
        max(known.decimal_odds) FILTER (WHERE known.until_now = 1)
        / max(known.decimal_odds) FILTER (WHERE known.since_open = 1) - 1
    ) AS decimal(9, 1)) AS moved_percent,
    count(*) - 1 AS moves,
    min(known.valid_from) AS opened_at,
    max(known.valid_from) AS moved_at,
    known.origin
FROM known
JOIN ra_races AS races ON races.id = known.race_id
LEFT JOIN ra_runners AS runners
    ON runners.race_id = known.race_id AND runners.horse_id = known.horse_id
LEFT JOIN ra_mst_bookmakers AS bookmakers ON bookmakers.id = known.bookmaker_id
WHERE known.origin = known.best_origin
GROUP BY
    known.race_id, known.horse_id, known.race_date, races.off_dt, races.course_name,
    runners.horse_name, known.bookmaker_id, bookmakers.type, known.origin;

COMMENT ON VIEW price_movements IS 'One row per runner and bookmaker: how its price moved until the off. Ask for one race or day (race_id or race_date), and for one kind of market: pools, exchanges and spread firms are not fixed odds.';
COMMENT ON COLUMN price_movements.race_id IS 'Race';
COMMENT ON COLUMN price_movements.horse_id IS 'Horse';
COMMENT ON COLUMN price_movements.race_date IS 'UK day of the race';
COMMENT ON COLUMN price_movements.off_dt IS 'Off time with time zone';
COMMENT ON COLUMN price_movements.course_name IS 'Name of the course';
COMMENT ON COLUMN price_movements.horse_name IS 'Name of the horse; NULL where it has left the card';
COMMENT ON COLUMN price_movements.bookmaker_id IS 'Bookmaker';
COMMENT ON COLUMN price_movements.market IS 'Kind of bookmaker: fixed_odds, exchange, pool or spread';
COMMENT ON COLUMN price_movements.open_odds IS 'The first price seen, decimal odds';
COMMENT ON COLUMN price_movements.high_odds IS 'The highest';
COMMENT ON COLUMN price_movements.low_odds IS 'The lowest';
COMMENT ON COLUMN price_movements.now_odds IS 'The latest before the off';
COMMENT ON COLUMN price_movements.moved_percent IS 'From the first to the latest, in percent of the first: below zero it has shortened';
COMMENT ON COLUMN price_movements.moves IS 'How often it changed';
COMMENT ON COLUMN price_movements.opened_at IS 'When the first was on offer';
COMMENT ON COLUMN price_movements.moved_at IS 'Since when the latest is on offer';
COMMENT ON COLUMN price_movements.origin IS 'cards, or history where the vendor''s price history is loaded';
