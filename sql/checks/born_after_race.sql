-- error: a horse raced before it was born, or within its first eighteen months
SELECT DISTINCT horses.id AS horse_id, horses.name, horses.dob, min(ran.race_date) AS first_race
FROM ra_mst_horses AS horses
JOIN ra_race_results AS ran ON ran.horse_id = horses.id
WHERE horses.dob IS NOT NULL
GROUP BY horses.id, horses.name, horses.dob
HAVING min(ran.race_date) < horses.dob + 540
