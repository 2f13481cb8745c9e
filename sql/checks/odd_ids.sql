-- error: an id does not look like one
SELECT 'ra_races' AS table_name, id FROM ra_races WHERE id NOT LIKE 'rac\_%' ESCAPE '\'
UNION ALL
SELECT 'ra_mst_horses', id FROM ra_mst_horses WHERE id NOT LIKE 'hrs\_%' ESCAPE '\'
UNION ALL
SELECT 'ra_mst_jockeys', id FROM ra_mst_jockeys WHERE id NOT LIKE 'jky\_%' ESCAPE '\'
UNION ALL
SELECT 'ra_mst_trainers', id FROM ra_mst_trainers WHERE id NOT LIKE 'trn\_%' ESCAPE '\'
UNION ALL
SELECT 'ra_mst_owners', id FROM ra_mst_owners WHERE id NOT LIKE 'own\_%' ESCAPE '\'
UNION ALL
SELECT 'ra_mst_courses', id FROM ra_mst_courses WHERE id NOT LIKE 'crs\_%' ESCAPE '\'
