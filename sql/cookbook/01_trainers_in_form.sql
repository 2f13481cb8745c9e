-- Which trainers with a runner today strike at 20 % in the last fortnight?
--
-- The fortnight ends yesterday: nothing of today is in it. Three runs are a low bar, for a small world;
-- ask for ten on real data. The card brings the vendor's own count, too, in
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
