-- warning: a runner's fractional starting price differs from the decimal one
-- The vendor rounds the decimal to two places. The letter after a fraction marks a favourite.
SELECT race_id, horse_id, starting_price, starting_price_decimal
FROM (
    SELECT
        race_id,
        horse_id,
        starting_price,
        starting_price_decimal,
        CASE
            WHEN starting_price LIKE 'Ev%' THEN '1/1'
            ELSE translate(starting_price, 'FJC ', '')
        END AS fraction
    FROM ra_race_results
    WHERE starting_price IS NOT NULL AND starting_price_decimal IS NOT NULL
) AS prices
WHERE fraction LIKE '%/%'
  AND translate(fraction, '0123456789/', '') = ''
  AND abs(
    CAST(split_part(fraction, '/', 1) AS double precision)
    / nullif(CAST(split_part(fraction, '/', 2) AS double precision), 0)
    + 1
    - CAST(starting_price_decimal AS double precision)
  ) > 0.0101
