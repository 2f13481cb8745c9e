-- error: a table has two rows with the same key
-- The unique index of a table's key prevents this; a row here means that it was dropped. Prices have none in
-- a DuckDB file, where only merges write them: those of the last days are looked at.
SELECT 'ra_races' AS table_name, id AS row_key, count(*) AS found
FROM ra_races GROUP BY id HAVING count(*) > 1
UNION ALL
SELECT 'ra_runners', race_id || '/' || horse_id, count(*)
FROM ra_runners GROUP BY race_id, horse_id HAVING count(*) > 1
UNION ALL
SELECT 'ra_race_results', race_id || '/' || horse_id, count(*)
FROM ra_race_results GROUP BY race_id, horse_id HAVING count(*) > 1
UNION ALL
SELECT 'ra_mst_horses', id, count(*)
FROM ra_mst_horses GROUP BY id HAVING count(*) > 1
UNION ALL
SELECT 'ra_runner_odds', race_id || '/' || horse_id || '/' || bookmaker_id, count(*)
FROM ra_runner_odds
WHERE race_date >= (SELECT max(date) FROM ra_races) - 7
GROUP BY race_id, horse_id, bookmaker_id HAVING count(*) > 1
