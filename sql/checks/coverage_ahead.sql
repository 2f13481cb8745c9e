-- error: a day is marked complete, but not all its races are in the tables
SELECT coverage.endpoint, coverage.date, coverage.loaded, coalesce(found.races, 0) AS races
FROM ra_coverage AS coverage
LEFT JOIN (
    SELECT 'racecards' AS endpoint, date, count(*) AS races FROM ra_races GROUP BY date
    UNION ALL
    SELECT 'results', date, count(*) FROM ra_races WHERE has_result GROUP BY date
) AS found ON found.endpoint = coverage.endpoint AND found.date = coverage.date
WHERE coverage.status = 'complete' AND coalesce(found.races, 0) < coverage.loaded
