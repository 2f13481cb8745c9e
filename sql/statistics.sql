-- Postgres plans sql/after_load.sql by what it knows of the rows, and of what a load has just brought it
-- knows nothing yet: it read all runners once for each day with results. Autovacuum is not waited for
-- while runners are few and become many; later a load changes little of what is known.
ANALYZE (SKIP_LOCKED) ra_coverage (endpoint, date, status);
DO $$ BEGIN
    IF (SELECT pg_relation_size(oid) > 1.1 * relpages * CAST(current_setting('block_size') AS bigint)
        FROM pg_class WHERE oid = CAST('ra_runners' AS regclass))
    THEN ANALYZE (SKIP_LOCKED) ra_runners (race_id, race_date, is_scratched, is_non_runner_on_card, finish_status); END IF; END $$;
