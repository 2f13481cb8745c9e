-- warning: a race of a day whose results are complete has none
-- Abandoned races have none, and say so on the card or nowhere.
SELECT races.id AS race_id, races.date, races.course_name, races.race_status
FROM ra_races AS races
JOIN ra_coverage AS coverage
    ON coverage.endpoint = 'results' AND coverage.date = races.date AND coverage.status = 'complete'
WHERE NOT races.has_result AND coalesce(races.is_abandoned, false) = false
