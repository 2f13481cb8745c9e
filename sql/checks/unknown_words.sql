-- warning: an unknown word: its value is NULL, and no statistic counts it
-- A run with an unknown position counts nowhere. Report the word, and load the days again (or rebuild)
-- with a version that knows it.
SELECT 'ra_race_results.position' AS value, position_str AS word, count(*) AS found, max(race_date) AS latest
FROM ra_race_results WHERE finish_status = 'unknown' GROUP BY position_str
UNION ALL
SELECT issues.table_name || ', ' || issues.field, issues.raw_value, count(*), max(issues.date)
FROM ra_issues AS issues
WHERE issues.problem = 'unknown word' AND issues.field NOT LIKE '%.position'
GROUP BY issues.table_name, issues.field, issues.raw_value
