-- error: a race has a result and is not void, but has no winner
SELECT races.id AS race_id, races.date, races.course_name, races.off_time
FROM ra_races AS races
WHERE races.has_result
  AND EXISTS (
    SELECT 1 FROM ra_race_results AS ran
    WHERE ran.race_id = races.id AND ran.finish_status <> 'void'
  )
  AND NOT EXISTS (
    SELECT 1 FROM ra_race_results AS ran WHERE ran.race_id = races.id AND ran.position = 1
  )
