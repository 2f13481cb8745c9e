-- error: the races of a day and region have far too few runners
-- A field has nine runners on average, and no day with three races or more comes near three: runners were
-- lost. Days with early entries only, whose cards are still to come, are left out.
SELECT races.date, races.region, count(DISTINCT races.id) AS races, count(runners.horse_id) AS runners
FROM ra_races AS races
JOIN ra_coverage AS coverage
    ON coverage.date = races.date AND coverage.status = 'complete'
    AND coverage.endpoint = CASE WHEN races.has_result THEN 'results' ELSE 'racecards' END
LEFT JOIN ra_runners AS runners ON runners.race_id = races.id
WHERE coalesce(races.is_abandoned, false) = false
GROUP BY races.date, races.region
HAVING count(DISTINCT races.id) >= 3 AND count(runners.horse_id) < 3.5 * count(DISTINCT races.id)
