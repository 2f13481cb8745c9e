-- error: a race has runners that finished and no winner
SELECT races.id AS race_id, races.date, races.course_name, races.off_time
FROM ra_races AS races
WHERE races.has_result
  AND EXISTS (
    SELECT 1 FROM ra_race_results AS ran
    WHERE ran.race_id = races.id AND ran.position IS NOT NULL
  )
  AND NOT EXISTS (
    SELECT 1 FROM ra_race_results AS ran WHERE ran.race_id = races.id AND ran.position = 1
  )
