-- A race as a timeline: everything that was seen to change, and the best new price at each moment.
CREATE VIEW race_timeline AS
SELECT
    events.race_id,
    events.race_date,
    races.off_dt,
    races.course_name,
    events.seen_at,
    events.seen_before,
    events.horse_id,
    runners.horse_name,
    events.what,
    events.old_value,
    events.new_value
FROM (
    SELECT race_id, horse_id, race_date, what, old_value, new_value, seen_before, seen_at
    FROM ra_runner_changes
    UNION ALL
    SELECT race_id, NULL, race_date, what, old_value, new_value, seen_before, seen_at
    FROM ra_race_changes
    UNION ALL
    SELECT
        prices.race_id, prices.horse_id, prices.race_date, 'best price', NULL,
        CAST(max(prices.decimal_odds) AS text), NULL, prices.valid_from
    FROM ra_price_changes AS prices
    JOIN ra_mst_bookmakers AS bookmakers
        ON bookmakers.id = prices.bookmaker_id AND bookmakers.type = 'fixed_odds'
    WHERE prices.origin = 'cards' AND prices.decimal_odds IS NOT NULL
    GROUP BY prices.race_id, prices.horse_id, prices.race_date, prices.valid_from
) AS events
LEFT JOIN ra_races AS races ON races.id = events.race_id
LEFT JOIN ra_runners AS runners
    ON runners.race_id = events.race_id AND runners.horse_id = events.horse_id;

COMMENT ON VIEW race_timeline IS 'One row per event of a race: changes of runners, of the race and its result, and the best of the prices that were new at a moment. Ask for one race, in the order of seen_at.';
COMMENT ON COLUMN race_timeline.race_id IS 'Race';
COMMENT ON COLUMN race_timeline.race_date IS 'UK day of the race';
COMMENT ON COLUMN race_timeline.off_dt IS 'Off time with time zone';
COMMENT ON COLUMN race_timeline.course_name IS 'Name of the course';
COMMENT ON COLUMN race_timeline.seen_at IS 'When it was first seen; of a price, when it was first on offer';
COMMENT ON COLUMN race_timeline.seen_before IS 'The last response that had the old value; NULL for a price';
COMMENT ON COLUMN race_timeline.horse_id IS 'Horse; NULL for an event of the race';
COMMENT ON COLUMN race_timeline.horse_name IS 'Name of the horse';
COMMENT ON COLUMN race_timeline.what IS 'What has changed: non-runner, going, result and so on, or best price';
COMMENT ON COLUMN race_timeline.old_value IS 'What was said before';
COMMENT ON COLUMN race_timeline.new_value IS 'What was said then; the highest of the new prices of fixed-odds firms, in decimal odds';
