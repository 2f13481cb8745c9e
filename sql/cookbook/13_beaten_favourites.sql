-- Do beaten favourites win next time out?
--
-- Next time out is the next loaded run; joint favourites count as favourites.
WITH careers AS (
    SELECT *,
           lag(is_winner) OVER career AS won_last_time,
           lag(favourite_flag) OVER career AS last_favourite_flag
    FROM runs
    WINDOW career AS (PARTITION BY horse_id ORDER BY race_date, off_dt)
)
SELECT CASE WHEN won_last_time THEN 'winner'
            WHEN last_favourite_flag IS NULL THEN 'beaten'
            ELSE 'beaten favourite' END AS last_time,
       count(*) AS runs, count(*) FILTER (WHERE is_winner) AS wins,
       CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate,
       CAST(sum(expected_wins) AS decimal(9, 1)) AS expected_wins,
       CAST(sum(profit) AS decimal(9, 2)) AS profit
FROM careers
WHERE won_last_time IS NOT NULL
GROUP BY 1
ORDER BY 1;
