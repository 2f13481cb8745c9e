-- One row per horse, jockey, trainer, owner or sire: its loaded runs whose morning price is known.
CREATE VIEW performance_at_morning_price AS
SELECT
    'horse' AS entity,
    runs.horse_id AS entity_id,
    max(horse_name) AS entity_name,
    count(*) AS runs,
    count(*) FILTER (WHERE is_winner) AS wins,
    CAST(sum(morning.profit) AS decimal(14, 2)) AS profit,
    CAST(CAST(100.0 * sum(morning.profit) / count(*) AS decimal(20, 8)) AS decimal(9, 1)) AS roi,
    count(morning.profit_each_way) AS runs_each_way,
    CAST(sum(morning.profit_each_way) AS decimal(14, 2)) AS profit_each_way,
    CAST(
        CAST(100.0 * sum(morning.profit_each_way) / nullif(count(morning.profit_each_way), 0) AS decimal(20, 8))
        AS decimal(9, 1)
    ) AS roi_each_way,
    CAST(sum(runs.profit) AS decimal(14, 2)) AS profit_at_sp,
    CAST(CAST(100.0 * sum(runs.profit) / nullif(count(runs.profit), 0) AS decimal(20, 8)) AS decimal(9, 1))
        AS roi_at_sp
FROM runs
JOIN runs_at_morning_price AS morning
    ON morning.race_id = runs.race_id AND morning.horse_id = runs.horse_id
WHERE runs.horse_id IS NOT NULL
GROUP BY runs.horse_id
UNION ALL
SELECT
    'jockey' AS entity,
    runs.jockey_id AS entity_id,
    max(jockey_name) AS entity_name,
    count(*) AS runs,
    count(*) FILTER (WHERE is_winner) AS wins,
    CAST(sum(morning.profit) AS decimal(14, 2)) AS profit,
    CAST(CAST(100.0 * sum(morning.profit) / count(*) AS decimal(20, 8)) AS decimal(9, 1)) AS roi,
    count(morning.profit_each_way) AS runs_each_way,
    CAST(sum(morning.profit_each_way) AS decimal(14, 2)) AS profit_each_way,
    CAST(
        CAST(100.0 * sum(morning.profit_each_way) / nullif(count(morning.profit_each_way), 0) AS decimal(20, 8))
        AS decimal(9, 1)
    ) AS roi_each_way,
    CAST(sum(runs.profit) AS decimal(14, 2)) AS profit_at_sp,
    CAST(CAST(100.0 * sum(runs.profit) / nullif(count(runs.profit), 0) AS decimal(20, 8)) AS decimal(9, 1))
        AS roi_at_sp
FROM runs
JOIN runs_at_morning_price AS morning
    ON morning.race_id = runs.race_id AND morning.horse_id = runs.horse_id
WHERE runs.jockey_id IS NOT NULL
GROUP BY runs.jockey_id
UNION ALL
SELECT
    'trainer' AS entity,
    runs.trainer_id AS entity_id,
    max(trainer_name) AS entity_name,
    count(*) AS runs,
    count(*) FILTER (WHERE is_winner) AS wins,
    CAST(sum(morning.profit) AS decimal(14, 2)) AS profit,
    CAST(CAST(100.0 * sum(morning.profit) / count(*) AS decimal(20, 8)) AS decimal(9, 1)) AS roi,
    count(morning.profit_each_way) AS runs_each_way,
    CAST(sum(morning.profit_each_way) AS decimal(14, 2)) AS profit_each_way,
    CAST(
        CAST(100.0 * sum(morning.profit_each_way) / nullif(count(morning.profit_each_way), 0) AS decimal(20, 8))
        AS decimal(9, 1)
    ) AS roi_each_way,
    CAST(sum(runs.profit) AS decimal(14, 2)) AS profit_at_sp,
    CAST(CAST(100.0 * sum(runs.profit) / nullif(count(runs.profit), 0) AS decimal(20, 8)) AS decimal(9, 1))
        AS roi_at_sp
FROM runs
JOIN runs_at_morning_price AS morning
    ON morning.race_id = runs.race_id AND morning.horse_id = runs.horse_id
WHERE runs.trainer_id IS NOT NULL
GROUP BY runs.trainer_id
UNION ALL
SELECT
    'owner' AS entity,
    runs.owner_id AS entity_id,
    max(owner_name) AS entity_name,
    count(*) AS runs,
    count(*) FILTER (WHERE is_winner) AS wins,
    CAST(sum(morning.profit) AS decimal(14, 2)) AS profit,
    CAST(CAST(100.0 * sum(morning.profit) / count(*) AS decimal(20, 8)) AS decimal(9, 1)) AS roi,
    count(morning.profit_each_way) AS runs_each_way,
    CAST(sum(morning.profit_each_way) AS decimal(14, 2)) AS profit_each_way,
    CAST(
        CAST(100.0 * sum(morning.profit_each_way) / nullif(count(morning.profit_each_way), 0) AS decimal(20, 8))
        AS decimal(9, 1)
    ) AS roi_each_way,
    CAST(sum(runs.profit) AS decimal(14, 2)) AS profit_at_sp,
    CAST(CAST(100.0 * sum(runs.profit) / nullif(count(runs.profit), 0) AS decimal(20, 8)) AS decimal(9, 1))
        AS roi_at_sp
FROM runs
JOIN runs_at_morning_price AS morning
    ON morning.race_id = runs.race_id AND morning.horse_id = runs.horse_id
WHERE runs.owner_id IS NOT NULL
GROUP BY runs.owner_id
UNION ALL
SELECT
    'sire' AS entity,
    runs.sire_id AS entity_id,
    max(pedigree.sire) AS entity_name,
    count(*) AS runs,
    count(*) FILTER (WHERE is_winner) AS wins,
    CAST(sum(morning.profit) AS decimal(14, 2)) AS profit,
    CAST(CAST(100.0 * sum(morning.profit) / count(*) AS decimal(20, 8)) AS decimal(9, 1)) AS roi,
    count(morning.profit_each_way) AS runs_each_way,
    CAST(sum(morning.profit_each_way) AS decimal(14, 2)) AS profit_each_way,
    CAST(
        CAST(100.0 * sum(morning.profit_each_way) / nullif(count(morning.profit_each_way), 0) AS decimal(20, 8))
        AS decimal(9, 1)
    ) AS roi_each_way,
    CAST(sum(runs.profit) AS decimal(14, 2)) AS profit_at_sp,
    CAST(CAST(100.0 * sum(runs.profit) / nullif(count(runs.profit), 0) AS decimal(20, 8)) AS decimal(9, 1))
        AS roi_at_sp
FROM runs
LEFT JOIN ra_horse_pedigree AS pedigree
    ON pedigree.horse_id = runs.horse_id AND pedigree.sire_id = runs.sire_id
JOIN runs_at_morning_price AS morning
    ON morning.race_id = runs.race_id AND morning.horse_id = runs.horse_id
WHERE runs.sire_id IS NOT NULL
GROUP BY runs.sire_id;

COMMENT ON VIEW performance_at_morning_price IS 'One row per horse, jockey, trainer, owner or sire (entity, entity_id): what its loaded runs returned at the best morning price, where that is known, and the same runs at starting price. Ask for one entity.';
COMMENT ON COLUMN performance_at_morning_price.entity IS 'horse, jockey, trainer, owner or sire';
COMMENT ON COLUMN performance_at_morning_price.entity_id IS 'Horse, jockey, trainer, owner or sire';
COMMENT ON COLUMN performance_at_morning_price.entity_name IS 'Name of the horse, jockey, trainer, owner or sire';
COMMENT ON COLUMN performance_at_morning_price.runs IS 'Loaded runs whose morning price is known';
COMMENT ON COLUMN performance_at_morning_price.wins IS 'Wins; each horse in a dead heat counts as one';
COMMENT ON COLUMN performance_at_morning_price.profit IS 'Profit of staking one unit on each at the best morning price (see runs_at_morning_price)';
COMMENT ON COLUMN performance_at_morning_price.roi IS 'That profit as a percentage of the stakes';
COMMENT ON COLUMN performance_at_morning_price.runs_each_way IS 'Those with known each-way terms';
COMMENT ON COLUMN performance_at_morning_price.profit_each_way IS 'Profit of one unit each way on each, by the terms of the bookmaker';
COMMENT ON COLUMN performance_at_morning_price.roi_each_way IS 'That profit as a percentage of the stakes';
COMMENT ON COLUMN performance_at_morning_price.profit_at_sp IS 'Profit of staking one unit on each of the same runs at starting price; NULL without starting prices';
COMMENT ON COLUMN performance_at_morning_price.roi_at_sp IS 'That profit as a percentage of the stakes';
