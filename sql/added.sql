-- What the tables and views of the dataset (the parameter) have or hold up that could be somebody else's: the
-- table or view, and its name. The software knows which are its own.
WITH ours AS (
    SELECT oid, relname, relowner, relnamespace
    FROM pg_class
    WHERE relnamespace = CAST(%s AS regnamespace) AND relkind IN ('r', 'v')
), loaded AS (
    SELECT * FROM ours WHERE left(relname, 1) <> '_'
)
SELECT loaded.relname, name.relname
FROM loaded JOIN pg_index ON indrelid = loaded.oid JOIN pg_class AS name ON name.oid = indexrelid
UNION ALL
SELECT relname, relname || '.' || attname
FROM loaded JOIN pg_attribute ON attrelid = loaded.oid
WHERE attnum > 0 AND NOT attisdropped
UNION ALL
SELECT relname, 'rights to ' || relname || '.' || attname
FROM loaded JOIN pg_attribute ON attrelid = loaded.oid
WHERE attacl IS NOT NULL
UNION ALL
SELECT relname, tgname
FROM loaded JOIN pg_trigger ON tgrelid = loaded.oid
WHERE NOT tgisinternal
UNION ALL
SELECT relname, conname
FROM loaded JOIN pg_constraint ON loaded.oid IN (conrelid, confrelid)
WHERE contype IN ('c', 'f', 'u', 'x')
UNION ALL
SELECT relname, polname
FROM loaded JOIN pg_policy ON polrelid = loaded.oid
UNION ALL
SELECT relname, pubname
FROM ours JOIN pg_publication_rel ON prrelid = ours.oid JOIN pg_publication AS p ON p.oid = prpubid
UNION ALL
SELECT ours.relname, CASE WHEN reader.relnamespace = ours.relnamespace THEN '' ELSE 'another ' END || reader.relname
FROM ours
JOIN pg_depend ON refclassid = CAST('pg_class' AS regclass) AND refobjid = ours.oid
    AND classid = CAST('pg_rewrite' AS regclass)
JOIN pg_rewrite ON pg_rewrite.oid = objid
JOIN pg_class AS reader ON reader.oid = ev_class AND reader.oid <> ours.oid
UNION ALL
SELECT relname, 'the owner of ' || relname
FROM ours
WHERE NOT pg_has_role(relowner, 'USAGE')
UNION ALL
SELECT 'ra_runs', 'no right to create a schema'
WHERE NOT has_database_privilege(current_database(), 'CREATE')
