-- error: a row refers to a missing race, horse, person or bookmaker: load its day again without --table
-- The row was loaded, but not the one it refers to. Results without a race and unlisted courses have
-- their own checks.
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
SELECT 'ra_race_results.jockey_id', ran.jockey_id
FROM ra_race_results AS ran LEFT JOIN ra_mst_jockeys AS jockeys ON jockeys.id = ran.jockey_id
WHERE ran.jockey_id IS NOT NULL AND jockeys.id IS NULL
UNION
SELECT 'ra_race_results.trainer_id', ran.trainer_id
FROM ra_race_results AS ran LEFT JOIN ra_mst_trainers AS trainers ON trainers.id = ran.trainer_id
WHERE ran.trainer_id IS NOT NULL AND trainers.id IS NULL
UNION
SELECT 'ra_race_results.owner_id', ran.owner_id
FROM ra_race_results AS ran LEFT JOIN ra_mst_owners AS owners ON owners.id = ran.owner_id
WHERE ran.owner_id IS NOT NULL AND owners.id IS NULL
UNION
SELECT 'ra_horse_pedigree.horse_id', pedigree.horse_id
FROM ra_horse_pedigree AS pedigree LEFT JOIN ra_mst_horses AS horses ON horses.id = pedigree.horse_id
WHERE horses.id IS NULL
UNION
SELECT 'ra_runner_odds.bookmaker_id', odds.bookmaker_id
FROM (SELECT DISTINCT bookmaker_id FROM ra_runner_odds) AS odds
LEFT JOIN ra_mst_bookmakers AS bookmakers ON bookmakers.id = odds.bookmaker_id
WHERE bookmakers.id IS NULL
UNION
SELECT 'ra_horse_prev_trainers.horse_id', moves.horse_id
FROM ra_horse_prev_trainers AS moves LEFT JOIN ra_mst_horses AS horses ON horses.id = moves.horse_id
WHERE horses.id IS NULL
UNION
SELECT 'ra_horse_prev_owners.horse_id', sales.horse_id
FROM ra_horse_prev_owners AS sales LEFT JOIN ra_mst_horses AS horses ON horses.id = sales.horse_id
WHERE horses.id IS NULL
UNION
SELECT 'ra_horse_medical.horse_id', notes.horse_id
FROM ra_horse_medical AS notes LEFT JOIN ra_mst_horses AS horses ON horses.id = notes.horse_id
WHERE horses.id IS NULL
UNION
SELECT 'ra_horse_quotes.horse_id', quotes.horse_id
FROM ra_horse_quotes AS quotes LEFT JOIN ra_mst_horses AS horses ON horses.id = quotes.horse_id
WHERE horses.id IS NULL
UNION
SELECT 'ra_runner_odds.race_id, horse_id', odds.race_id || ', ' || odds.horse_id
FROM (SELECT DISTINCT race_id, horse_id FROM ra_runner_odds) AS odds
LEFT JOIN ra_runners AS runners
    ON runners.race_id = odds.race_id AND runners.horse_id = odds.horse_id
WHERE runners.race_id IS NULL
