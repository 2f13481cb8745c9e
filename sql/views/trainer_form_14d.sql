-- One row per trainer and UK day with horses on the cards: the yard's form in the 14 days before that day.
--
-- The day itself, with all its races, is left out.
CREATE VIEW trainer_form_14d AS
SELECT
    days.trainer_id,
    days.trainer_name,
    days.race_date,
    days.runners,
    {measures}
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
