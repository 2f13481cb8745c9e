-- What did dead heats pay?
--
-- A dead heat of two halves the stake: half is paid at the full price and the other half is lost, so a
-- winner at evens only returns the stake. Both horses have position 1: count winners with `is_winner`,
-- not one per race.
SELECT race_date, course_name AS course, horse_name AS horse, starting_price AS sp,
       CAST(win_share AS decimal(4, 2)) AS win_share,
       starting_price_decimal - 1 AS full_profit, CAST(profit AS decimal(8, 3)) AS profit
FROM runs
WHERE is_winner AND win_share < 1
ORDER BY race_date DESC, race_id, horse
LIMIT 10;
