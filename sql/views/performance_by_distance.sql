-- One row per horse, jockey, trainer or sire, code and distance: all loaded runs.
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

COMMENT ON VIEW performance_by_distance IS 'One row per horse, jockey, trainer or sire (entity, entity_id), code and distance: all loaded runs whose code is known.';
COMMENT ON COLUMN performance_by_distance.entity IS 'horse, jockey, trainer or sire';
COMMENT ON COLUMN performance_by_distance.entity_id IS 'Horse, jockey, trainer or sire';
COMMENT ON COLUMN performance_by_distance.entity_name IS 'Name of the horse, jockey, trainer or sire';
COMMENT ON COLUMN performance_by_distance.code IS 'Flat, or Jumps for Hurdle, Chase and NH Flat';
COMMENT ON COLUMN performance_by_distance.distance_f IS 'Distance in furlongs, rounded to half a furlong';
COMMENT ON COLUMN performance_by_distance.runs IS 'Runs';
COMMENT ON COLUMN performance_by_distance.wins IS 'Wins; each horse in a dead heat counts as one';
COMMENT ON COLUMN performance_by_distance.places IS 'Places by each-way terms (see runs.is_placed)';
COMMENT ON COLUMN performance_by_distance.strike_rate IS 'Wins as a percentage of runs';
COMMENT ON COLUMN performance_by_distance.place_rate IS 'Places as a percentage of runs';
COMMENT ON COLUMN performance_by_distance.runs_with_sp IS 'Runs that have a starting price; profit and actual_expected refer to these';
COMMENT ON COLUMN performance_by_distance.profit IS 'Profit of staking one unit on each run at starting price, with the stake divided in a dead heat; NULL without starting prices';
COMMENT ON COLUMN performance_by_distance.actual_expected IS 'Actual wins (1/n each in a dead heat of n) divided by the wins expected from starting prices: above 1 is better than the market expects; NULL without starting prices';
