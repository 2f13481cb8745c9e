-- Postgres plans sql/after_load.sql by what it knows of the rows, and of what a load has just brought it
-- knows nothing yet: it read all runners once for each day with results. Autovacuum is not waited for.
ANALYZE (SKIP_LOCKED) ra_runners (race_id, race_date, is_scratched, finish_status);
ANALYZE (SKIP_LOCKED) ra_coverage (endpoint, date, status);
