-- One row per trainer and course: all loaded runs.
CREATE VIEW trainer_course AS
SELECT
    trainer_id,
    max(trainers.name) AS trainer_name,
    course_id,
    max(course_name) AS course_name,
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
LEFT JOIN ra_mst_trainers AS trainers ON trainers.id = trainer_id
WHERE trainer_id IS NOT NULL
GROUP BY trainer_id, course_id;

COMMENT ON VIEW trainer_course IS 'One row per trainer and course: all loaded runs.';
COMMENT ON COLUMN trainer_course.trainer_id IS 'Trainer';
COMMENT ON COLUMN trainer_course.trainer_name IS 'Name of the trainer';
COMMENT ON COLUMN trainer_course.course_id IS 'Course';
COMMENT ON COLUMN trainer_course.course_name IS 'Name of the course';
COMMENT ON COLUMN trainer_course.runs IS 'Runs';
COMMENT ON COLUMN trainer_course.wins IS 'Wins; each horse in a dead heat counts as one';
COMMENT ON COLUMN trainer_course.places IS 'Places by each-way terms (see runs.is_placed)';
COMMENT ON COLUMN trainer_course.strike_rate IS 'Wins as a percentage of runs';
COMMENT ON COLUMN trainer_course.place_rate IS 'Places as a percentage of runs';
COMMENT ON COLUMN trainer_course.runs_with_sp IS 'Runs that have a starting price; profit and actual_expected refer to these';
COMMENT ON COLUMN trainer_course.profit IS 'Profit of staking one unit on each run at starting price, with the stake divided in a dead heat; NULL without starting prices';
COMMENT ON COLUMN trainer_course.actual_expected IS 'Actual wins (1/n each in a dead heat of n) divided by the wins expected from starting prices: above 1 is better than the market expects; NULL without starting prices';
COMMENT ON COLUMN trainer_course.prize_won_gbp IS 'Prize money won in sterling, never added to euro; NULL if none';
COMMENT ON COLUMN trainer_course.prize_won_eur IS 'Prize money won in euro, never added to sterling; NULL if none';
COMMENT ON COLUMN trainer_course.first_run IS 'UK day of the first run counted';
COMMENT ON COLUMN trainer_course.last_run IS 'UK day of the last run counted';
