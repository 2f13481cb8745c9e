-- error: two races at one course start at the same time
-- Races that are abandoned or have no runners left do not count: one of a pair was moved.
SELECT races.date, races.course_name, races.off_dt, min(races.id) AS one, max(races.id) AS other
FROM ra_races AS races
WHERE coalesce(races.is_abandoned, false) = false
  AND races.off_dt IS NOT NULL
  AND EXISTS (
    SELECT 1 FROM ra_runners AS runners WHERE runners.race_id = races.id AND NOT runners.is_scratched
  )
GROUP BY races.date, races.course_id, races.course_name, races.off_dt
HAVING count(*) > 1
