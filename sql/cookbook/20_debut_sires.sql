-- Which sires get winners first time out on soft ground?
--
-- First time out according to the card (only a card has a `trainer_location`): no form figures and no
-- days since a last run. Soft includes any going with cut in it, including Irish yielding.
SELECT max(pedigree.sire) AS sire, count(*) AS debuts,
       count(*) FILTER (WHERE is_winner) AS wins,
       CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate,
       CAST(sum(profit) AS decimal(9, 2)) AS profit
FROM runs
JOIN ra_runners AS runners
  ON runners.race_id = runs.race_id AND runners.horse_id = runs.horse_id
JOIN ra_horse_pedigree AS pedigree ON pedigree.horse_id = runs.horse_id
WHERE runners.form IS NULL
  AND runners.last_run IS NULL
  AND runners.trainer_location IS NOT NULL
  AND runs.going IN ('Good To Soft', 'Soft', 'Soft To Heavy', 'Heavy',
                     'Good To Yielding', 'Yielding', 'Yielding To Soft')
GROUP BY runs.sire_id
HAVING count(*) FILTER (WHERE is_winner) > 0
ORDER BY wins DESC, debuts, sire
LIMIT 8;
