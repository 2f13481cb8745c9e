-- Do horses that shorten on the course win more often?
--
-- From the opening price in the result's comment, `(op 15/2 tchd 9/1)`, to the starting price; without an
-- opening price the price counts as steady. In real life horses that shorten win more often, but their
-- prices are short, too: `expected_wins` and `profit`, which use the starting price, show whether the
-- move meant more than that. You cannot bet on the whole move: it is only complete when the race starts.
WITH shows AS (
    SELECT race_id, horse_id,
           split_part(split_part(split_part(race_comment, '(op ', 2), ')', 1), ' ', 1) AS opening
    FROM ra_race_results
),
moves AS (
    SELECT runs.*, opening,
           CASE WHEN position('/' IN opening) > 0
                THEN 1 + CAST(split_part(opening, '/', 1) AS decimal(8, 2))
                       / CAST(split_part(opening, '/', 2) AS decimal(8, 2)) END AS opening_decimal
    FROM runs
    JOIN shows ON shows.race_id = runs.race_id AND shows.horse_id = runs.horse_id
    WHERE starting_price_decimal IS NOT NULL
)
SELECT CASE WHEN opening_decimal IS NULL OR opening = starting_price THEN 'steady'
            WHEN opening_decimal > starting_price_decimal THEN 'shortened'
            ELSE 'drifted' END AS price,
       count(*) AS runs, count(*) FILTER (WHERE is_winner) AS wins,
       CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate,
       CAST(sum(expected_wins) AS decimal(9, 1)) AS expected_wins,
       CAST(sum(profit) AS decimal(9, 2)) AS profit
FROM moves
GROUP BY 1
ORDER BY 1;
