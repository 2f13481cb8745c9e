-- error: the runners of a race that are no non-runners are not the rows of its result
-- Either side may be short: a starter without a result, or a result without a runner.
SELECT races.id AS race_id, races.date, starters.found AS starters, finishers.found AS results
FROM ra_races AS races
JOIN (
    SELECT race_id, count(*) AS found FROM ra_race_results GROUP BY race_id
) AS finishers ON finishers.race_id = races.id
LEFT JOIN (
    SELECT race_id, count(*) AS found FROM ra_runners WHERE NOT is_scratched GROUP BY race_id
) AS starters ON starters.race_id = races.id
WHERE coalesce(starters.found, 0) <> finishers.found
