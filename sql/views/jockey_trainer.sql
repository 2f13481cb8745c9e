-- One row per jockey and trainer: all loaded rides of the jockey for the trainer.
CREATE VIEW jockey_trainer AS
SELECT
    jockey_id,
    max(jockeys.name) AS jockey_name,
    trainer_id,
    max(trainers.name) AS trainer_name,
    count(*) AS runs,
    count(*) FILTER (WHERE is_winner) AS wins,
    count(*) FILTER (WHERE is_placed) AS places,
    CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate,
    CAST(100.0 * count(*) FILTER (WHERE is_placed) / count(*) AS decimal(5, 1)) AS place_rate,
    count(starting_price_decimal) AS runs_with_sp,
    CAST(sum(profit) AS decimal(14, 2)) AS profit,
    CAST(
        sum(win_share) FILTER (WHERE starting_price_decimal IS NOT NULL) / sum(expected_wins)
        AS decimal(10, 2)
    ) AS actual_expected,
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
COMMENT ON COLUMN jockey_trainer.runs IS 'Runs';
COMMENT ON COLUMN jockey_trainer.wins IS 'Wins; each horse in a dead heat counts as one';
COMMENT ON COLUMN jockey_trainer.places IS 'Places by each-way terms (see runs.is_placed)';
COMMENT ON COLUMN jockey_trainer.strike_rate IS 'Wins as a percentage of runs';
COMMENT ON COLUMN jockey_trainer.place_rate IS 'Places as a percentage of runs';
COMMENT ON COLUMN jockey_trainer.runs_with_sp IS 'Runs that have a starting price; profit and actual_expected refer to these';
COMMENT ON COLUMN jockey_trainer.profit IS 'Profit of staking one unit on each run at starting price, with the stake divided in a dead heat; NULL without starting prices';
COMMENT ON COLUMN jockey_trainer.actual_expected IS 'Actual wins (1/n each in a dead heat of n) divided by the wins expected from starting prices: above 1 is better than the market expects; NULL without starting prices';
COMMENT ON COLUMN jockey_trainer.prize_won_gbp IS 'Prize money won in sterling, never added to euro; NULL if none';
COMMENT ON COLUMN jockey_trainer.prize_won_eur IS 'Prize money won in euro, never added to sterling; NULL if none';
COMMENT ON COLUMN jockey_trainer.first_run IS 'UK day of the first run counted';
COMMENT ON COLUMN jockey_trainer.last_run IS 'UK day of the last run counted';
