-- error: a race is marked as having a result, but none of its horses has one
SELECT races.id AS race_id, races.date, races.course_name
FROM ra_races AS races
LEFT JOIN ra_race_results AS ran ON ran.race_id = races.id
WHERE races.has_result AND ran.race_id IS NULL
