-- One row per horse, jockey, trainer or sire, code and distance: all loaded runs.
CREATE VIEW performance_by_distance AS
SELECT
    'horse' AS entity,
    horse_id AS entity_id,
    max(horse_name) AS entity_name,
    code, distance_f,
    {measures}
FROM runs
WHERE horse_id IS NOT NULL AND code IS NOT NULL
GROUP BY horse_id, code, distance_f
UNION ALL
SELECT
    'jockey' AS entity,
    jockey_id AS entity_id,
    max(jockey_name) AS entity_name,
    code, distance_f,
    {measures}
FROM runs
WHERE jockey_id IS NOT NULL AND code IS NOT NULL
GROUP BY jockey_id, code, distance_f
UNION ALL
SELECT
    'trainer' AS entity,
    trainer_id AS entity_id,
    max(trainer_name) AS entity_name,
    code, distance_f,
    {measures}
FROM runs
WHERE trainer_id IS NOT NULL AND code IS NOT NULL
GROUP BY trainer_id, code, distance_f
UNION ALL
SELECT
    'sire' AS entity,
    runs.sire_id AS entity_id,
    max(pedigree.sire) AS entity_name,
    code, distance_f,
    {measures}
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
