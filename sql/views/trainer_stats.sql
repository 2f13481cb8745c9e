-- One row per trainer: all loaded runs.
CREATE VIEW trainer_stats AS
SELECT
    trainer_id,
    max(trainers.name) AS trainer_name,
    {measures},
    CAST(sum(prize_won_gbp) AS decimal(14, 2)) AS prize_won_gbp,
    CAST(sum(prize_won_eur) AS decimal(14, 2)) AS prize_won_eur,
    min(race_date) AS first_run,
    max(race_date) AS last_run
FROM runs
LEFT JOIN ra_mst_trainers AS trainers ON trainers.id = trainer_id
WHERE trainer_id IS NOT NULL
GROUP BY trainer_id;

COMMENT ON VIEW trainer_stats IS 'One row per trainer: all loaded runs.';
COMMENT ON COLUMN trainer_stats.trainer_id IS 'Trainer';
COMMENT ON COLUMN trainer_stats.trainer_name IS 'Name of the trainer';
COMMENT ON COLUMN trainer_stats.prize_won_gbp IS 'Prize money won in sterling, never added to euro; NULL if none';
COMMENT ON COLUMN trainer_stats.prize_won_eur IS 'Prize money won in euro, never added to sterling; NULL if none';
COMMENT ON COLUMN trainer_stats.first_run IS 'UK day of the first run counted';
COMMENT ON COLUMN trainer_stats.last_run IS 'UK day of the last run counted';
