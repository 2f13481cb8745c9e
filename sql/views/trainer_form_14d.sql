-- One row a trainer and UK day with horses on its cards: the yard in the 14 days before that day.
--
-- The day itself is not among them, and so no race of it.
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
-- Day by day: both databases join equal days much faster than days between two others.
CROSS JOIN generate_series(1, 14) AS back (days)
LEFT JOIN runs
    ON runs.trainer_id = days.trainer_id
    AND runs.race_date = days.race_date - CAST(back.days AS integer)
GROUP BY days.trainer_id, days.trainer_name, days.race_date, days.runners;

COMMENT ON VIEW trainer_form_14d IS 'One row a trainer and UK day with horses on its cards: the yards form in the 14 days before that day, without the day itself.';
COMMENT ON COLUMN trainer_form_14d.trainer_id IS 'Trainer';
COMMENT ON COLUMN trainer_form_14d.trainer_name IS 'Name of the trainer on the day';
COMMENT ON COLUMN trainer_form_14d.race_date IS 'UK day with horses on its cards; the 14 days end the day before';
COMMENT ON COLUMN trainer_form_14d.runners IS 'Runners of the trainer on the day; non-runners, and horses of which nobody knows, left out';
COMMENT ON COLUMN trainer_form_14d.runs IS 'Runs in the 14 days before';
COMMENT ON COLUMN trainer_form_14d.wins IS 'Wins in the 14 days before; each horse of a dead heat has one';
COMMENT ON COLUMN trainer_form_14d.places IS 'Places by each-way terms in the 14 days before';
COMMENT ON COLUMN trainer_form_14d.strike_rate IS 'Wins in percent of runs; NULL without a run';
COMMENT ON COLUMN trainer_form_14d.place_rate IS 'Places in percent of runs; NULL without a run';
COMMENT ON COLUMN trainer_form_14d.runs_with_sp IS 'Runs that have a starting price: those that profit and actual_expected are about';
COMMENT ON COLUMN trainer_form_14d.profit IS 'Profit of one unit staked on each of those runs at starting price, a dead heat dividing the stake';
COMMENT ON COLUMN trainer_form_14d.actual_expected IS 'Wins (a dead heat of n as 1/n) over the wins the starting prices expect';
