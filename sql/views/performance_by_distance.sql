-- One row a horse, jockey, trainer or sire, and code and distance: all runs that are loaded.
CREATE VIEW performance_by_distance AS
SELECT
    'horse' AS entity,
    horse_id AS entity_id,
    max(horse_name) AS entity_name,
    code, distance_f,
    count(*) AS runs,
    count(*) FILTER (WHERE is_winner) AS wins,
    count(*) FILTER (WHERE is_placed) AS places,
    CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate,
    CAST(100.0 * count(*) FILTER (WHERE is_placed) / count(*) AS decimal(5, 1)) AS place_rate,
    count(starting_price_decimal) AS runs_with_sp,
    CAST(sum(profit) AS decimal(14, 2)) AS profit,
    CAST(
        sum(win_share) FILTER (WHERE starting_price_decimal IS NOT NULL) / sum(expected_wins)
        AS decimal(10, 2)
    ) AS actual_expected
FROM runs
WHERE horse_id IS NOT NULL AND code IS NOT NULL
GROUP BY horse_id, code, distance_f
UNION ALL
SELECT
    'jockey' AS entity,
    jockey_id AS entity_id,
    max(jockey_name) AS entity_name,
    code, distance_f,
    count(*) AS runs,
    count(*) FILTER (WHERE is_winner) AS wins,
    count(*) FILTER (WHERE is_placed) AS places,
    CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate,
    CAST(100.0 * count(*) FILTER (WHERE is_placed) / count(*) AS decimal(5, 1)) AS place_rate,
    count(starting_price_decimal) AS runs_with_sp,
    CAST(sum(profit) AS decimal(14, 2)) AS profit,
    CAST(
        sum(win_share) FILTER (WHERE starting_price_decimal IS NOT NULL) / sum(expected_wins)
        AS decimal(10, 2)
    ) AS actual_expected
FROM runs
WHERE jockey_id IS NOT NULL AND code IS NOT NULL
GROUP BY jockey_id, code, distance_f
UNION ALL
SELECT
    'trainer' AS entity,
    trainer_id AS entity_id,
    max(trainer_name) AS entity_name,
    code, distance_f,
    count(*) AS runs,
    count(*) FILTER (WHERE is_winner) AS wins,
    count(*) FILTER (WHERE is_placed) AS places,
    CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate,
    CAST(100.0 * count(*) FILTER (WHERE is_placed) / count(*) AS decimal(5, 1)) AS place_rate,
    count(starting_price_decimal) AS runs_with_sp,
    CAST(sum(profit) AS decimal(14, 2)) AS profit,
    CAST(
        sum(win_share) FILTER (WHERE starting_price_decimal IS NOT NULL) / sum(expected_wins)
        AS decimal(10, 2)
    ) AS actual_expected
FROM runs
WHERE trainer_id IS NOT NULL AND code IS NOT NULL
GROUP BY trainer_id, code, distance_f
UNION ALL
SELECT
    'sire' AS entity,
    runs.sire_id AS entity_id,
    max(pedigree.sire) AS entity_name,
    code, distance_f,
    count(*) AS runs,
    count(*) FILTER (WHERE is_winner) AS wins,
    count(*) FILTER (WHERE is_placed) AS places,
    CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate,
    CAST(100.0 * count(*) FILTER (WHERE is_placed) / count(*) AS decimal(5, 1)) AS place_rate,
    count(starting_price_decimal) AS runs_with_sp,
    CAST(sum(profit) AS decimal(14, 2)) AS profit,
    CAST(
        sum(win_share) FILTER (WHERE starting_price_decimal IS NOT NULL) / sum(expected_wins)
        AS decimal(10, 2)
    ) AS actual_expected
FROM runs
LEFT JOIN ra_horse_pedigree AS pedigree
    ON pedigree.horse_id = runs.horse_id AND pedigree.sire_id = runs.sire_id
WHERE runs.sire_id IS NOT NULL AND code IS NOT NULL
GROUP BY runs.sire_id, code, distance_f;

COMMENT ON VIEW performance_by_distance IS 'One row a horse, jockey, trainer or sire (entity, entity_id), and code and distance: all runs that are loaded and whose code is known.';
COMMENT ON COLUMN performance_by_distance.entity IS 'horse, jockey, trainer or sire';
COMMENT ON COLUMN performance_by_distance.entity_id IS 'Horse, jockey, trainer or sire';
COMMENT ON COLUMN performance_by_distance.entity_name IS 'Name of the horse, jockey, trainer or sire';
COMMENT ON COLUMN performance_by_distance.code IS 'Flat, or Jumps for Hurdle, Chase and NH Flat';
COMMENT ON COLUMN performance_by_distance.distance_f IS 'Distance in furlongs, to the half furlong';
COMMENT ON COLUMN performance_by_distance.runs IS 'Runs';
COMMENT ON COLUMN performance_by_distance.wins IS 'Wins; each horse of a dead heat has one';
COMMENT ON COLUMN performance_by_distance.places IS 'Places by each-way terms (see runs.is_placed)';
COMMENT ON COLUMN performance_by_distance.strike_rate IS 'Wins in percent of runs';
COMMENT ON COLUMN performance_by_distance.place_rate IS 'Places in percent of runs';
COMMENT ON COLUMN performance_by_distance.runs_with_sp IS 'Runs that have a starting price: those that profit and actual_expected are about';
COMMENT ON COLUMN performance_by_distance.profit IS 'Profit of one unit staked on each run at starting price, a dead heat dividing the stake; NULL without starting prices';
COMMENT ON COLUMN performance_by_distance.actual_expected IS 'Wins (a dead heat of n as 1/n) over the wins the starting prices expect: above 1 is better than the market; NULL without starting prices';
