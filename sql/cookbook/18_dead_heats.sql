-- What did dead heats pay?
--
-- A dead heat of two halves the stake: half of it is paid at the full price, the other half is lost, so
-- that a winner at evens returns the stake and no more. Both have position 1: count winners by
-- `is_winner`, never as one a race.
SELECT race_date, course_name AS course, horse_name AS horse, starting_price AS sp,
       CAST(win_share AS decimal(4, 2)) AS win_share,
       starting_price_decimal - 1 AS full_profit, CAST(profit AS decimal(8, 3)) AS profit
FROM runs
WHERE is_winner AND win_share < 1
ORDER BY race_date DESC, race_id, horse
LIMIT 10;
