-- Which races today have the smallest bookmaker's margin?
--
-- `book` is what it costs to get 100 back whoever wins, backing each runner at the best price of any
-- bookmaker: below 100 the punter is ahead. Prices are the latest known, and the best may be gone by now;
-- a book far below 100 suggests that, or a horse that has just been withdrawn. Exchanges are left out
-- because of their commission, and so are races with an unpriced runner.
WITH best AS (
    SELECT card.race_id, card.horse_id, max(odds.decimal_odds) AS price
    FROM today_card AS card
    LEFT JOIN ra_runner_odds AS odds
      ON odds.race_id = card.race_id AND odds.horse_id = card.horse_id
     AND odds.bookmaker_id IN (SELECT id FROM ra_mst_bookmakers WHERE type = 'fixed_odds')
    WHERE NOT card.is_non_runner
    GROUP BY card.race_id, card.horse_id
)
SELECT races.time, races.course_name AS course, races.race_type AS type, count(*) AS runners,
       CAST(sum(100 / price) AS decimal(6, 1)) AS book
FROM best
JOIN ra_races AS races ON races.id = best.race_id
GROUP BY races.id, races.time, races.course_name, races.race_type
HAVING count(price) = count(*)
ORDER BY book, races.time, course
LIMIT 8;
