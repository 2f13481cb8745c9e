-- How do horses run after a layoff?
--
-- The days since the last run under the same code (flat or jumps) come from the card, so they are right
-- even if that run is not loaded; a horse without any runs for the first time under this code. Only
-- runners with a loaded card count; results carry no `trainer_location`, which is how the query tells.
SELECT CASE WHEN runners.last_run_days <= 14 THEN 'up to 14'
            WHEN runners.last_run_days <= 30 THEN '15 to 30'
            WHEN runners.last_run_days <= 60 THEN '31 to 60'
            WHEN runners.last_run_days <= 120 THEN '61 to 120'
            WHEN runners.last_run_days > 120 THEN 'over 120'
            ELSE 'first run' END AS days_off,
       count(*) AS runs, count(*) FILTER (WHERE is_winner) AS wins,
       CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate,
       CAST(sum(expected_wins) AS decimal(9, 1)) AS expected_wins,
       CAST(sum(profit) AS decimal(9, 2)) AS profit
FROM runs
JOIN ra_runners AS runners
  ON runners.race_id = runs.race_id AND runners.horse_id = runs.horse_id
WHERE runners.trainer_location IS NOT NULL
GROUP BY 1
ORDER BY min(coalesce(runners.last_run_days, 10000));
