-- Postgres plans sql/after_load.sql from its statistics, which do not include the rows just loaded yet: it
-- then read all runners once for each day with results. So while the table is small and grows quickly,
-- statistics are collected without waiting for autovacuum; later a single load changes them little.
ANALYZE (SKIP_LOCKED) ra_coverage (endpoint, date, status);
DO $$ BEGIN
    IF (SELECT pg_relation_size(oid) > 1.1 * relpages * CAST(current_setting('block_size') AS bigint)
        FROM pg_class WHERE oid = CAST('ra_runners' AS regclass))
    THEN ANALYZE (SKIP_LOCKED) ra_runners (race_id, race_date, is_scratched, is_non_runner_on_card, finish_status); END IF; END $$;
