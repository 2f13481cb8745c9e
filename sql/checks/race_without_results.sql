-- error: a race of yesterday has no result
-- On the latest day with complete results: a result can come late, and is fetched again for two weeks. A
-- race of an earlier day without one is a warning, and so is one that has no runners left or was replaced
-- by another race at its time and course. Abandoned races may not be marked as such on the card.
SELECT
    races.id AS race_id,
    races.date,
    races.off_time,
    races.course_name,
    races.race_status,
    races.date = (
        SELECT max(date) FROM ra_coverage
        WHERE endpoint = 'results' AND status = 'complete'
          AND date < CAST(now() AT TIME ZONE 'Europe/London' AS date)
    )
    AND EXISTS (
        SELECT 1 FROM ra_runners AS runners
        WHERE runners.race_id = races.id AND runners.is_non_runner_on_card IS NOT TRUE
    )
    AND NOT EXISTS (
        SELECT 1 FROM ra_races AS other
        WHERE other.has_result AND other.course_id = races.course_id AND other.off_dt = races.off_dt
    ) AS is_recent
FROM ra_races AS races
JOIN ra_coverage AS coverage
    ON coverage.endpoint = 'results' AND coverage.date = races.date AND coverage.status = 'complete'
WHERE NOT races.has_result AND coalesce(races.is_abandoned, false) = false
ORDER BY is_recent DESC, races.date DESC
