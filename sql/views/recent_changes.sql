-- What was seen to change yesterday and today (UK days): runners, races and results, the newest first.
CREATE VIEW recent_changes AS
SELECT
    changes.seen_at,
    changes.seen_before,
    changes.race_date,
    races.off_dt,
    races.course_name,
    changes.race_id,
    changes.horse_id,
    runners.horse_name,
    changes.what,
    changes.old_value,
    changes.new_value
FROM (
    SELECT race_id, horse_id, race_date, what, old_value, new_value, seen_before, seen_at
    FROM ra_runner_changes
    UNION ALL
    SELECT race_id, NULL, race_date, what, old_value, new_value, seen_before, seen_at
    FROM ra_race_changes
) AS changes
LEFT JOIN ra_races AS races ON races.id = changes.race_id
LEFT JOIN ra_runners AS runners
    ON runners.race_id = changes.race_id AND runners.horse_id = changes.horse_id
WHERE changes.seen_at >= CAST(CAST(now() AT TIME ZONE 'Europe/London' AS date) - 1 AS timestamp)
    AT TIME ZONE 'Europe/London'
ORDER BY changes.seen_at DESC, races.off_dt, changes.race_id, runners.horse_name, changes.what;

COMMENT ON VIEW recent_changes IS 'One row per change of a runner, race or result that was seen yesterday or today (UK days), the newest first. Prices are in price_movements.';
COMMENT ON COLUMN recent_changes.seen_at IS 'The first response that has the new value';
COMMENT ON COLUMN recent_changes.seen_before IS 'The last response that had the old value: it changed between the two';
COMMENT ON COLUMN recent_changes.race_date IS 'UK day of the race';
COMMENT ON COLUMN recent_changes.off_dt IS 'Off time with time zone';
COMMENT ON COLUMN recent_changes.course_name IS 'Name of the course';
COMMENT ON COLUMN recent_changes.race_id IS 'Race';
COMMENT ON COLUMN recent_changes.horse_id IS 'Horse; NULL where the race has changed';
COMMENT ON COLUMN recent_changes.horse_name IS 'Name of the horse; NULL where it has left the card';
COMMENT ON COLUMN recent_changes.what IS 'What has changed: non-runner, jockey, going, result and so on';
COMMENT ON COLUMN recent_changes.old_value IS 'What was said before';
COMMENT ON COLUMN recent_changes.new_value IS 'What was said then';
