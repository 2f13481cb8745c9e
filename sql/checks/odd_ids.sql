-- error: an id does not look like an id
-- A prefix for its kind, then letters, digits, _ and -: no other id is requested or stored.
SELECT table_name, id
FROM (
    SELECT 'ra_races' AS table_name, 'rac' AS prefix, id FROM ra_races
    UNION ALL
    SELECT 'ra_mst_horses', 'hrs', id FROM ra_mst_horses
    UNION ALL
    SELECT 'ra_mst_jockeys', 'jky', id FROM ra_mst_jockeys
    UNION ALL
    SELECT 'ra_mst_trainers', 'trn', id FROM ra_mst_trainers
    UNION ALL
    SELECT 'ra_mst_owners', 'own', id FROM ra_mst_owners
    UNION ALL
    SELECT 'ra_mst_courses', 'crs', id FROM ra_mst_courses
) AS ids
WHERE id NOT LIKE prefix || '\_%' ESCAPE '\'
   OR translate(id, 'abcdefghijklmnopqrstuvwxyz0123456789_-', '') <> ''
