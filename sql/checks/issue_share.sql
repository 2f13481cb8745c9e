-- error: more than one in twenty rows of a day have something set aside in ra_issues
-- One or two rows prove nothing. A row that is set aside as a whole counts, although it is in no table;
-- differences between a result and its card do not, since nothing is wrong with them.
SELECT set_aside.table_name, set_aside.date, set_aside.found AS set_aside, coalesce(loaded.found, 0) AS loaded
FROM (
    SELECT table_name, date, count(DISTINCT row_key) AS found
    FROM ra_issues
    WHERE table_name IN ('ra_races', 'ra_runners', 'ra_race_results')
      AND problem <> 'differs from the racecard'
    GROUP BY table_name, date
    HAVING count(DISTINCT row_key) >= 3
) AS set_aside
LEFT JOIN (
    SELECT 'ra_races' AS table_name, date, count(*) AS found FROM ra_races
    WHERE date IN (SELECT date FROM ra_issues) GROUP BY date
    UNION ALL
    SELECT 'ra_runners', race_date, count(*) FROM ra_runners
    WHERE race_date IN (SELECT date FROM ra_issues) GROUP BY race_date
    UNION ALL
    SELECT 'ra_race_results', race_date, count(*) FROM ra_race_results
    WHERE race_date IN (SELECT date FROM ra_issues) GROUP BY race_date
) AS loaded ON loaded.table_name = set_aside.table_name AND loaded.date = set_aside.date
WHERE set_aside.found > 0.05 * coalesce(loaded.found, 0)
