-- Is the second run after wind surgery the one to back?
--
-- The card only marks the first run after an operation (`wind_surgery_run` is 1). The second is the run
-- after a marked one, if its card is loaded too. (Results carry no `trainer_location`, which is how the
-- query tells; `ra_horse_medical` has the dates of operations.)
WITH marks AS (
    SELECT race_id, horse_id, trainer_location, wind_surgery_run,
           lag(wind_surgery_run) OVER (
               PARTITION BY horse_id ORDER BY race_date, race_id
           ) AS mark_before
    FROM ra_runners
    WHERE finish_status IS NOT NULL
)
SELECT CASE WHEN wind_surgery_run = 1 THEN '1st'
            WHEN mark_before = 1 THEN '2nd'
            ELSE 'others' END AS run_after_surgery,
       count(*) AS runs, count(*) FILTER (WHERE is_winner) AS wins,
       CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate,
       CAST(sum(expected_wins) AS decimal(9, 1)) AS expected_wins,
       CAST(sum(profit) AS decimal(9, 2)) AS profit
FROM marks
JOIN runs ON runs.race_id = marks.race_id AND runs.horse_id = marks.horse_id
WHERE marks.trainer_location IS NOT NULL
GROUP BY 1
ORDER BY 1;
