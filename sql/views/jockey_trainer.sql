-- One row per jockey and trainer: all loaded rides of the jockey for the trainer.
CREATE VIEW jockey_trainer AS
SELECT
    jockey_id,
    max(jockeys.name) AS jockey_name,
    trainer_id,
    max(trainers.name) AS trainer_name,
    {measures},
    CAST(sum(prize_won_gbp) AS decimal(14, 2)) AS prize_won_gbp,
    CAST(sum(prize_won_eur) AS decimal(14, 2)) AS prize_won_eur,
    min(race_date) AS first_run,
    max(race_date) AS last_run
FROM runs
LEFT JOIN ra_mst_jockeys AS jockeys ON jockeys.id = jockey_id
LEFT JOIN ra_mst_trainers AS trainers ON trainers.id = trainer_id
WHERE jockey_id IS NOT NULL AND trainer_id IS NOT NULL
GROUP BY jockey_id, trainer_id;

COMMENT ON VIEW jockey_trainer IS 'One row per jockey and trainer: all loaded rides of the jockey for the trainer.';
COMMENT ON COLUMN jockey_trainer.jockey_id IS 'Jockey';
COMMENT ON COLUMN jockey_trainer.jockey_name IS 'Name of the jockey';
COMMENT ON COLUMN jockey_trainer.trainer_id IS 'Trainer';
COMMENT ON COLUMN jockey_trainer.trainer_name IS 'Name of the trainer';
COMMENT ON COLUMN jockey_trainer.prize_won_gbp IS 'Prize money won in sterling, never added to euro; NULL if none';
COMMENT ON COLUMN jockey_trainer.prize_won_eur IS 'Prize money won in euro, never added to sterling; NULL if none';
COMMENT ON COLUMN jockey_trainer.first_run IS 'UK day of the first run counted';
COMMENT ON COLUMN jockey_trainer.last_run IS 'UK day of the last run counted';
