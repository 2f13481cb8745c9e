-- One row per horse, jockey, trainer, owner or sire, and split of its loaded runs: by code, handicap or not,
-- country and period, in every combination; `all` is not split.
--
-- The twelve months end with the latest UK day, up to today, that has cards.
CREATE VIEW performance_splits AS
SELECT
    'horse' AS entity,
    runs.horse_id AS entity_id,
    max(horse_name) AS entity_name,
    CASE WHEN by_code.apart THEN coalesce(runs.code, 'unknown') ELSE 'all' END AS code,
    CASE WHEN NOT by_kind.apart THEN 'all' WHEN is_handicap THEN 'handicap' ELSE 'other' END AS race_kind,
    CASE WHEN by_region.apart THEN coalesce(runs.region, 'unknown') ELSE 'all' END AS region,
    period,
    {measures}
FROM runs
CROSS JOIN (VALUES (true), (false)) AS by_code (apart)
CROSS JOIN (VALUES (true), (false)) AS by_kind (apart)
CROSS JOIN (VALUES (true), (false)) AS by_region (apart)
JOIN (
    SELECT 'all loaded' AS period, DATE '0001-01-01' AS since
    UNION ALL
    SELECT '12 months', CAST(max(date) - INTERVAL '12' MONTH AS date) FROM ra_races
    WHERE date <= CAST(now() AT TIME ZONE 'Europe/London' AS date)
) AS periods ON runs.race_date > periods.since
WHERE runs.horse_id IS NOT NULL
GROUP BY runs.horse_id, 4, 5, 6, period
UNION ALL
SELECT
    'jockey' AS entity,
    runs.jockey_id AS entity_id,
    max(jockey_name) AS entity_name,
    CASE WHEN by_code.apart THEN coalesce(runs.code, 'unknown') ELSE 'all' END AS code,
    CASE WHEN NOT by_kind.apart THEN 'all' WHEN is_handicap THEN 'handicap' ELSE 'other' END AS race_kind,
    CASE WHEN by_region.apart THEN coalesce(runs.region, 'unknown') ELSE 'all' END AS region,
    period,
    {measures}
FROM runs
CROSS JOIN (VALUES (true), (false)) AS by_code (apart)
CROSS JOIN (VALUES (true), (false)) AS by_kind (apart)
CROSS JOIN (VALUES (true), (false)) AS by_region (apart)
JOIN (
    SELECT 'all loaded' AS period, DATE '0001-01-01' AS since
    UNION ALL
    SELECT '12 months', CAST(max(date) - INTERVAL '12' MONTH AS date) FROM ra_races
    WHERE date <= CAST(now() AT TIME ZONE 'Europe/London' AS date)
) AS periods ON runs.race_date > periods.since
WHERE runs.jockey_id IS NOT NULL
GROUP BY runs.jockey_id, 4, 5, 6, period
UNION ALL
SELECT
    'trainer' AS entity,
    runs.trainer_id AS entity_id,
    max(trainer_name) AS entity_name,
    CASE WHEN by_code.apart THEN coalesce(runs.code, 'unknown') ELSE 'all' END AS code,
    CASE WHEN NOT by_kind.apart THEN 'all' WHEN is_handicap THEN 'handicap' ELSE 'other' END AS race_kind,
    CASE WHEN by_region.apart THEN coalesce(runs.region, 'unknown') ELSE 'all' END AS region,
    period,
    {measures}
FROM runs
CROSS JOIN (VALUES (true), (false)) AS by_code (apart)
CROSS JOIN (VALUES (true), (false)) AS by_kind (apart)
CROSS JOIN (VALUES (true), (false)) AS by_region (apart)
JOIN (
    SELECT 'all loaded' AS period, DATE '0001-01-01' AS since
    UNION ALL
    SELECT '12 months', CAST(max(date) - INTERVAL '12' MONTH AS date) FROM ra_races
    WHERE date <= CAST(now() AT TIME ZONE 'Europe/London' AS date)
) AS periods ON runs.race_date > periods.since
WHERE runs.trainer_id IS NOT NULL
GROUP BY runs.trainer_id, 4, 5, 6, period
UNION ALL
SELECT
    'owner' AS entity,
    runs.owner_id AS entity_id,
    max(owner_name) AS entity_name,
    CASE WHEN by_code.apart THEN coalesce(runs.code, 'unknown') ELSE 'all' END AS code,
    CASE WHEN NOT by_kind.apart THEN 'all' WHEN is_handicap THEN 'handicap' ELSE 'other' END AS race_kind,
    CASE WHEN by_region.apart THEN coalesce(runs.region, 'unknown') ELSE 'all' END AS region,
    period,
    {measures}
FROM runs
CROSS JOIN (VALUES (true), (false)) AS by_code (apart)
CROSS JOIN (VALUES (true), (false)) AS by_kind (apart)
CROSS JOIN (VALUES (true), (false)) AS by_region (apart)
JOIN (
    SELECT 'all loaded' AS period, DATE '0001-01-01' AS since
    UNION ALL
    SELECT '12 months', CAST(max(date) - INTERVAL '12' MONTH AS date) FROM ra_races
    WHERE date <= CAST(now() AT TIME ZONE 'Europe/London' AS date)
) AS periods ON runs.race_date > periods.since
WHERE runs.owner_id IS NOT NULL
GROUP BY runs.owner_id, 4, 5, 6, period
UNION ALL
SELECT
    'sire' AS entity,
    runs.sire_id AS entity_id,
    max(pedigree.sire) AS entity_name,
    CASE WHEN by_code.apart THEN coalesce(runs.code, 'unknown') ELSE 'all' END AS code,
    CASE WHEN NOT by_kind.apart THEN 'all' WHEN is_handicap THEN 'handicap' ELSE 'other' END AS race_kind,
    CASE WHEN by_region.apart THEN coalesce(runs.region, 'unknown') ELSE 'all' END AS region,
    period,
    {measures}
FROM runs
LEFT JOIN ra_horse_pedigree AS pedigree
    ON pedigree.horse_id = runs.horse_id AND pedigree.sire_id = runs.sire_id
CROSS JOIN (VALUES (true), (false)) AS by_code (apart)
CROSS JOIN (VALUES (true), (false)) AS by_kind (apart)
CROSS JOIN (VALUES (true), (false)) AS by_region (apart)
JOIN (
    SELECT 'all loaded' AS period, DATE '0001-01-01' AS since
    UNION ALL
    SELECT '12 months', CAST(max(date) - INTERVAL '12' MONTH AS date) FROM ra_races
    WHERE date <= CAST(now() AT TIME ZONE 'Europe/London' AS date)
) AS periods ON runs.race_date > periods.since
WHERE runs.sire_id IS NOT NULL
GROUP BY runs.sire_id, 4, 5, 6, period;

COMMENT ON VIEW performance_splits IS 'One row per horse, jockey, trainer, owner or sire (entity, entity_id), code, kind of race, region and period, each of them split or all: ask for one entity.';
COMMENT ON COLUMN performance_splits.entity IS 'horse, jockey, trainer, owner or sire';
COMMENT ON COLUMN performance_splits.entity_id IS 'Horse, jockey, trainer, owner or sire';
COMMENT ON COLUMN performance_splits.entity_name IS 'Name of the horse, jockey, trainer, owner or sire';
COMMENT ON COLUMN performance_splits.code IS 'all, Flat, Jumps (Hurdle, Chase and NH Flat), or unknown';
COMMENT ON COLUMN performance_splits.race_kind IS 'all, handicap (according to the race title), or other';
COMMENT ON COLUMN performance_splits.region IS 'all, the region of the course, or unknown';
COMMENT ON COLUMN performance_splits.period IS 'all loaded, or 12 months: those that end with the latest UK day, up to today, that has cards';
