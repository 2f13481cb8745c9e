-- Tables without their key; keys.sql is run again if this returns a row.
SELECT table_name AS missing
FROM information_schema.tables
WHERE table_schema = 'racing'
  AND table_type = 'BASE TABLE'
  AND table_name LIKE 'ra%'
  AND table_name || '_key' NOT IN (SELECT indexname FROM pg_indexes WHERE schemaname = 'racing')
