-- Tables without their trigger; sql/triggers.sql is run again if this returns a row.
SELECT table_name AS missing
FROM information_schema.columns
WHERE table_schema = 'racing'
  AND column_name = 'updated_at'
  AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = 'racing')
  AND table_name || '_updated_at' NOT IN (
    SELECT tgname
    FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = CAST('racing' AS regnamespace)
  )
