-- One row per horse, jockey, trainer or sire, and course: all loaded runs.
CREATE VIEW performance_by_course AS
SELECT
    'horse' AS entity,
    horse_id AS entity_id,
    max(horse_name) AS entity_name,
    course_id, max(course_name) AS course_name,
    {measures}
FROM runs
WHERE horse_id IS NOT NULL
GROUP BY horse_id, course_id
UNION ALL
SELECT
    'jockey' AS entity,
    jockey_id AS entity_id,
    max(jockey_name) AS entity_name,
    course_id, max(course_name) AS course_name,
    {measures}
FROM runs
WHERE jockey_id IS NOT NULL
GROUP BY jockey_id, course_id
UNION ALL
SELECT
    'trainer' AS entity,
    trainer_id AS entity_id,
    max(trainer_name) AS entity_name,
    course_id, max(course_name) AS course_name,
    {measures}
FROM runs
WHERE trainer_id IS NOT NULL
GROUP BY trainer_id, course_id
UNION ALL
SELECT
    'sire' AS entity,
    runs.sire_id AS entity_id,
    max(pedigree.sire) AS entity_name,
    course_id, max(course_name) AS course_name,
    {measures}
FROM runs
LEFT JOIN ra_horse_pedigree AS pedigree
    ON pedigree.horse_id = runs.horse_id AND pedigree.sire_id = runs.sire_id
WHERE runs.sire_id IS NOT NULL
GROUP BY runs.sire_id, course_id;

COMMENT ON VIEW performance_by_course IS 'One row per horse, jockey, trainer or sire (entity, entity_id), and course: all loaded runs.';
COMMENT ON COLUMN performance_by_course.entity IS 'horse, jockey, trainer or sire';
COMMENT ON COLUMN performance_by_course.entity_id IS 'Horse, jockey, trainer or sire';
COMMENT ON COLUMN performance_by_course.entity_name IS 'Name of the horse, jockey, trainer or sire';
COMMENT ON COLUMN performance_by_course.course_id IS 'Course';
COMMENT ON COLUMN performance_by_course.course_name IS 'Name of the course';
