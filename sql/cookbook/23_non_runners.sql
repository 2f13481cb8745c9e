-- Whose horses are taken out most often?
--
-- Declared for races that were run, by trainers with ten declarations at least. `is_scratched` says who
-- is out; prices do not, for they can stay. Only loaded cards count (what no result brings is
-- `trainer_location`): results name non-runners without an id.
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
