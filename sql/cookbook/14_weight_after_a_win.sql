-- How do winners cope with more weight next time?
--
-- Pounds compared with the winning run. Only runs in the same type of race are compared, because weights
-- over jumps are on a different scale.
WITH careers AS (
    SELECT *,
           lag(is_winner) OVER career AS won_last_time,
           lag(race_type) OVER career AS last_race_type,
           weight - lag(weight) OVER career AS more_weight
    FROM runs
    WINDOW career AS (PARTITION BY horse_id ORDER BY race_date, off_dt)
)
SELECT CASE WHEN more_weight <= 0 THEN 'no more'
            WHEN more_weight <= 6 THEN 'up 1 to 6'
            ELSE 'up 7 or more' END AS weight_carried,
       count(*) AS runs, count(*) FILTER (WHERE is_winner) AS wins,
       CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate,
       CAST(sum(expected_wins) AS decimal(9, 1)) AS expected_wins,
       CAST(sum(profit) AS decimal(9, 2)) AS profit
FROM careers
WHERE won_last_time AND race_type = last_race_type AND more_weight IS NOT NULL
GROUP BY 1
ORDER BY 1;
