-- What of keys.sql and before_load.sql is missing; both are run again if this gives a row.
SELECT table_name AS missing
FROM information_schema.tables
WHERE table_schema = 'racing'
  AND table_type = 'BASE TABLE'
  AND table_name LIKE 'ra%'
  AND table_name || '_key' NOT IN (SELECT indexname FROM pg_indexes WHERE schemaname = 'racing')
UNION ALL
SELECT table_name || '.' || column_name
FROM information_schema.columns
WHERE table_schema = 'racing'
  AND column_default IS NULL
  AND (
    (table_name, column_name) IN (
        ('ra_races', 'has_result'),
        ('ra_runners', 'is_scratched'),
        ('ra_mst_horses', 'enrichment_status')
    )
    OR column_name = 'updated_at'
  )
