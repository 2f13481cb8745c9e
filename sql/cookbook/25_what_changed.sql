-- What has changed on today's cards since yesterday?
--
-- `ra_card_runners` holds what the card says, whatever the results add later. `updated_at` is when a row
-- last changed, not when it was last loaded: a row that a run finds unchanged keeps its time. So the
-- newest time marks what the last run that changed today's cards found: non-runners, jockeys, weights.
-- (A horse withdrawn days ahead is removed from the table.)
WITH entered AS (
    SELECT *, updated_at = max(updated_at) OVER () AS is_changed
    FROM ra_card_runners
    WHERE race_date = (SELECT max(race_date) FROM today_card)
)
SELECT races.time, races.course_name AS course, count(*) AS runners,
       count(*) FILTER (WHERE is_changed) AS changed,
       count(*) FILTER (WHERE is_changed AND is_non_runner_on_card) AS now_out
FROM entered
JOIN ra_races AS races ON races.id = entered.race_id
GROUP BY races.id, races.time, races.course_name
HAVING count(*) FILTER (WHERE is_changed) > 0
ORDER BY races.time, course;
