-- error: a row names a race, horse or person that its table does not have
SELECT 'ra_runners.race_id' AS reference, runners.race_id AS id
FROM ra_runners AS runners LEFT JOIN ra_races AS races ON races.id = runners.race_id
WHERE races.id IS NULL
UNION
SELECT 'ra_runners.horse_id', runners.horse_id
FROM ra_runners AS runners LEFT JOIN ra_mst_horses AS horses ON horses.id = runners.horse_id
WHERE horses.id IS NULL
UNION
SELECT 'ra_runners.jockey_id', runners.jockey_id
FROM ra_runners AS runners LEFT JOIN ra_mst_jockeys AS jockeys ON jockeys.id = runners.jockey_id
WHERE runners.jockey_id IS NOT NULL AND jockeys.id IS NULL
UNION
SELECT 'ra_runners.trainer_id', runners.trainer_id
FROM ra_runners AS runners LEFT JOIN ra_mst_trainers AS trainers ON trainers.id = runners.trainer_id
WHERE runners.trainer_id IS NOT NULL AND trainers.id IS NULL
UNION
SELECT 'ra_runners.owner_id', runners.owner_id
FROM ra_runners AS runners LEFT JOIN ra_mst_owners AS owners ON owners.id = runners.owner_id
WHERE runners.owner_id IS NOT NULL AND owners.id IS NULL
UNION
SELECT 'ra_race_results.horse_id', ran.horse_id
FROM ra_race_results AS ran LEFT JOIN ra_mst_horses AS horses ON horses.id = ran.horse_id
WHERE horses.id IS NULL
UNION
SELECT 'ra_horse_pedigree.horse_id', pedigree.horse_id
FROM ra_horse_pedigree AS pedigree LEFT JOIN ra_mst_horses AS horses ON horses.id = pedigree.horse_id
WHERE horses.id IS NULL
UNION
SELECT 'ra_runner_odds.bookmaker_id', odds.bookmaker_id
FROM (SELECT DISTINCT bookmaker_id FROM ra_runner_odds) AS odds
LEFT JOIN ra_mst_bookmakers AS bookmakers ON bookmakers.id = odds.bookmaker_id
WHERE bookmakers.id IS NULL
