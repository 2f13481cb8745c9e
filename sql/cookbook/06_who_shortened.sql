-- Who shortened most before the off?
--
-- Price moves in the morning are not stored: `ra_runner_odds` keeps only the latest price of each
-- bookmaker (the API's field for the price history is empty). But the tables show who shortened on the
-- course: the comment in the result ends with the opening price, `(op 15/2 tchd 9/1)`, to compare with
-- the starting price. This is the latest day with results; `ratio` is the return at the opening price
-- divided by that at SP, for prices below 20, where a move takes money. To track the mornings as well,
-- copy the day's prices into a table of your own, with `now()`, after each run of the pipeline.
WITH shows AS (
    SELECT race_id, horse_id,
           split_part(split_part(split_part(race_comment, '(op ', 2), ')', 1), ' ', 1) AS opening
    FROM ra_race_results
    WHERE race_date = (SELECT max(race_date) FROM ra_race_results)
),
prices AS (
    SELECT race_id, horse_id, opening,
           1 + CAST(split_part(opening, '/', 1) AS decimal(8, 2))
             / CAST(split_part(opening, '/', 2) AS decimal(8, 2)) AS opening_decimal
    FROM shows
    WHERE position('/' IN opening) > 0
)
SELECT races.time, runs.course_name AS course, runs.horse_name AS horse, opening,
       runs.starting_price AS sp,
       CAST(opening_decimal / starting_price_decimal AS decimal(6, 2)) AS ratio,
       coalesce(CAST(runs.position AS varchar), runs.finish_status) AS finish
FROM prices
JOIN runs ON runs.race_id = prices.race_id AND runs.horse_id = prices.horse_id
JOIN ra_races AS races ON races.id = runs.race_id
WHERE starting_price_decimal < 20
  AND opening_decimal > starting_price_decimal
  AND opening <> starting_price
ORDER BY ratio DESC, races.time, course, horse
LIMIT 8;
