-- Columns without their default; before_load.sql is run again if this returns a row.
SELECT table_name || '.' || column_name AS missing
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
