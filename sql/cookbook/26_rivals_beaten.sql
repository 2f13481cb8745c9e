-- Is the horse that has beaten most rivals this year worth more than its price?
--
-- Horses are ranked in their race by the percentage of rivals that they beat in the 365 days before it;
-- 4 is fourth or lower. An `actual_expected` near 1 means that prices know this already. It needs the
-- table `features`: run `pipeline features` first. To rank today's runners, take `today_features`, which
-- has the same columns.
WITH ranked AS (
    SELECT race_id, horse_id,
           rank() OVER (PARTITION BY race_id ORDER BY horse_beaten_365d DESC) AS place
    FROM features
    WHERE horse_runs_365d >= 2 AND horse_beaten_365d IS NOT NULL
)
SELECT least(place, 4) AS place, count(*) AS runs,
       CAST(sum(win_share) AS decimal(9, 1)) AS wins,
       CAST(sum(expected_wins) AS decimal(9, 2)) AS expected,
       CAST(sum(win_share) / nullif(sum(expected_wins), 0) AS decimal(9, 2)) AS actual_expected,
       CAST(sum(profit) AS decimal(9, 2)) AS profit
FROM ranked
JOIN runs ON runs.race_id = ranked.race_id AND runs.horse_id = ranked.horse_id
WHERE expected_wins IS NOT NULL
GROUP BY least(place, 4)
ORDER BY 1;
