-- One row per trainer and UK day with horses on the cards: the yard's form in the 14 days before that day.
--
-- The day itself, with all its races, is left out.
CREATE VIEW trainer_form_14d AS
SELECT
    days.trainer_id,
    days.trainer_name,
    days.race_date,
    days.runners,
    count(runs.race_id) AS runs,
    count(*) FILTER (WHERE is_winner) AS wins,
    count(*) FILTER (WHERE is_placed) AS places,
    CAST(
        100.0 * count(*) FILTER (WHERE is_winner) / nullif(count(runs.race_id), 0)
        AS decimal(5, 1)
    ) AS strike_rate,
    CAST(
        100.0 * count(*) FILTER (WHERE is_placed) / nullif(count(runs.race_id), 0)
        AS decimal(5, 1)
    ) AS place_rate,
    count(starting_price_decimal) AS runs_with_sp,
    CAST(sum(profit) AS decimal(14, 2)) AS profit,
    CAST(
        sum(win_share) FILTER (WHERE starting_price_decimal IS NOT NULL) / sum(expected_wins)
        AS decimal(10, 2)
    ) AS actual_expected
FROM (
    SELECT
        trainer_id,
        max(trainer_name) AS trainer_name,
        race_date,
        count(*) FILTER (WHERE NOT is_scratched) AS runners
    FROM ra_runners
    WHERE trainer_id IS NOT NULL
    GROUP BY trainer_id, race_date
) AS days
-- Day by day: both databases join on equal days much faster than on a range of days.
CROSS JOIN generate_series(1, 14) AS back (days)
LEFT JOIN runs
    ON runs.trainer_id = days.trainer_id
    AND runs.race_date = days.race_date - CAST(back.days AS integer)
GROUP BY days.trainer_id, days.trainer_name, days.race_date, days.runners;

COMMENT ON VIEW trainer_form_14d IS 'One row per trainer and UK day with horses on the cards: the yard''s form in the 14 days before that day, without the day itself.';
COMMENT ON COLUMN trainer_form_14d.trainer_id IS 'Trainer';
COMMENT ON COLUMN trainer_form_14d.trainer_name IS 'Name of the trainer on the day';
COMMENT ON COLUMN trainer_form_14d.race_date IS 'UK day with horses on the cards; the 14 days end the day before';
COMMENT ON COLUMN trainer_form_14d.runners IS 'Runners of the trainer on the day, without non-runners and horses that may not have run';
COMMENT ON COLUMN trainer_form_14d.runs IS 'Runs in the 14 days before';
COMMENT ON COLUMN trainer_form_14d.wins IS 'Wins in the 14 days before; each horse in a dead heat counts as one';
COMMENT ON COLUMN trainer_form_14d.places IS 'Places by each-way terms in the 14 days before';
COMMENT ON COLUMN trainer_form_14d.strike_rate IS 'Wins as a percentage of runs; NULL without a run';
COMMENT ON COLUMN trainer_form_14d.place_rate IS 'Places as a percentage of runs; NULL without a run';
COMMENT ON COLUMN trainer_form_14d.runs_with_sp IS 'Runs that have a starting price; profit and actual_expected refer to these';
COMMENT ON COLUMN trainer_form_14d.profit IS 'Profit of staking one unit on each of those runs at starting price, with the stake divided in a dead heat';
COMMENT ON COLUMN trainer_form_14d.actual_expected IS 'Actual wins (1/n each in a dead heat of n) divided by the wins expected from starting prices';
