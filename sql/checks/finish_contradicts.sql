-- error: a finishing position and a finish status contradict each other
-- Only a horse that finished has a position, and ra_runners repeats what ra_race_results says.
SELECT 'ra_race_results' AS table_name, race_id, horse_id, position, finish_status
FROM ra_race_results
WHERE (position IS NOT NULL AND finish_status IS DISTINCT FROM 'finished')
   OR (position IS NULL AND finish_status = 'finished')
   OR position < 1
UNION ALL
SELECT 'ra_runners', runners.race_id, runners.horse_id, runners.position, runners.finish_status
FROM ra_runners AS runners
JOIN ra_race_results AS ran ON ran.race_id = runners.race_id AND ran.horse_id = runners.horse_id
WHERE runners.position IS DISTINCT FROM ran.position
   OR runners.finish_status IS DISTINCT FROM ran.finish_status
