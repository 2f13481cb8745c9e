-- warning: a race marked as abandoned on its card has a result
-- If horses finished, it was run, and counts.
SELECT id AS race_id, date, course_name, off_time, race_status
FROM ra_races
WHERE is_abandoned AND has_result
