-- Which trainers with a runner today have a strike rate of 20 % or more in the last fortnight?
--
-- The fortnight ends yesterday, so nothing of today is included. Three runs are enough here because the
-- sandbox is small; use ten on real data. The card also has the vendor's own figures:
-- `ra_runners.trainer_14_days_runs`, `trainer_14_days_wins` and `trainer_14_days_percent`.
SELECT max(trainer_name) AS trainer, trainer_wins_14d AS wins, trainer_runs_14d AS runs,
       trainer_strike_rate_14d AS strike_rate, count(*) AS runners_today
FROM today_card
WHERE trainer_strike_rate_14d >= 20
  AND trainer_runs_14d >= 3
  AND NOT is_non_runner
GROUP BY trainer_id, trainer_wins_14d, trainer_runs_14d, trainer_strike_rate_14d
ORDER BY strike_rate DESC, runs DESC, trainer
LIMIT 10;
