-- One row per jockey and UK day with rides on the cards: the jockey's form in the 14 days before that day.
--
-- The day itself, with all its races, is left out.
CREATE VIEW jockey_form_14d AS
SELECT
    days.jockey_id,
    days.jockey_name,
    days.race_date,
    days.runners,
    {measures}
FROM (
    SELECT
        jockey_id,
        max(jockey_name) AS jockey_name,
        race_date,
        count(*) FILTER (WHERE NOT is_scratched) AS runners
    FROM ra_runners
    WHERE jockey_id IS NOT NULL
    GROUP BY jockey_id, race_date
) AS days
-- Day by day: both databases join on equal days much faster than on a range of days.
CROSS JOIN generate_series(1, 14) AS back (days)
LEFT JOIN runs
    ON runs.jockey_id = days.jockey_id
    AND runs.race_date = days.race_date - CAST(back.days AS integer)
GROUP BY days.jockey_id, days.jockey_name, days.race_date, days.runners;

COMMENT ON VIEW jockey_form_14d IS 'One row per jockey and UK day with rides on the cards: the jockey''s form in the 14 days before that day, without the day itself.';
COMMENT ON COLUMN jockey_form_14d.jockey_id IS 'Jockey';
COMMENT ON COLUMN jockey_form_14d.jockey_name IS 'Name of the jockey on the day';
COMMENT ON COLUMN jockey_form_14d.race_date IS 'UK day with rides on the cards; the 14 days end the day before';
COMMENT ON COLUMN jockey_form_14d.runners IS 'Rides of the jockey on the day, without non-runners and horses that may not have run';
