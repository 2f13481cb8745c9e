-- What has changed on today's cards since yesterday?
--
-- `updated_at` is when a row last changed, not when it was last loaded: a row that a run finds unchanged
-- keeps its time. So this shows what the last run changed: non-runners, jockeys, weights. (A horse
-- withdrawn days ahead is removed from the table.)
WITH marked AS (
    SELECT *, updated_at >= (SELECT max(started_at) FROM ra_runs) AS is_changed
    FROM ra_runners
    WHERE race_date = (SELECT max(race_date) FROM today_card)
)
SELECT races.time, races.course_name AS course, count(*) AS runners,
       count(*) FILTER (WHERE is_changed) AS changed,
       count(*) FILTER (WHERE is_changed AND is_scratched) AS now_out
FROM marked
JOIN ra_races AS races ON races.id = marked.race_id
GROUP BY races.id, races.time, races.course_name
HAVING count(*) FILTER (WHERE is_changed) > 0
ORDER BY races.time, course;
