-- Whose horses are withdrawn most often?
--
-- Declared for races that were run, by trainers with at least ten declarations. `is_scratched` says which
-- horses did not run; prices do not, because they can remain. Only runners with a loaded card count
-- (results carry no `trainer_location`, and name non-runners without an id).
SELECT trainers.name AS trainer, count(*) AS declared,
       count(*) FILTER (WHERE is_scratched) AS non_runners,
       CAST(100.0 * count(*) FILTER (WHERE is_scratched) / count(*) AS decimal(5, 1)) AS percent
FROM ra_runners AS runners
JOIN ra_races AS races ON races.id = runners.race_id
JOIN ra_mst_trainers AS trainers ON trainers.id = runners.trainer_id
WHERE races.has_result AND runners.trainer_location IS NOT NULL
GROUP BY trainers.id, trainers.name
HAVING count(*) >= 10
ORDER BY percent DESC, declared DESC, trainer
LIMIT 8;
