-- error: a result belongs to no race
SELECT DISTINCT ran.race_id, ran.race_date
FROM ra_race_results AS ran
LEFT JOIN ra_races AS races ON races.id = ran.race_id
WHERE races.id IS NULL
