-- Does first-time headgear work?
--
-- `headgear_run` is 1 on the card for a horse's first run in this headgear. Only runners with a loaded
-- card count; results carry no `trainer_location`, which is how the query tells. Compare `wins` with
-- `expected_wins`; a profit can come from a single outsider.
SELECT CASE WHEN runners.headgear IS NULL THEN 'none'
            WHEN runners.headgear_run = 1 THEN 'first time'
            ELSE 'worn before' END AS headgear,
       count(*) AS runs, count(*) FILTER (WHERE is_winner) AS wins,
       CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate,
       CAST(sum(expected_wins) AS decimal(9, 1)) AS expected_wins,
       CAST(sum(profit) AS decimal(9, 2)) AS profit
FROM runs
JOIN ra_runners AS runners
  ON runners.race_id = runs.race_id AND runners.horse_id = runs.horse_id
WHERE runners.trainer_location IS NOT NULL
GROUP BY 1
ORDER BY 1;
