-- The id of a load is its time: seconds since 1970. A row that a load leaves unchanged keeps both.
-- DuckDB, which has no triggers and reads two columns quickly, runs this after each load; Postgres runs
-- it once, before sql/triggers.sql takes over row by row.
UPDATE ra_mst_courses SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_mst_bookmakers SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_mst_jockeys SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_mst_trainers SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_mst_owners SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_races SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_runners SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_mst_horses SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_horse_pedigree SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_race_results SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_runner_odds SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_horse_prev_trainers SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_horse_prev_owners SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_horse_medical SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_horse_quotes SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_card_races SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_card_runners SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_result_races SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
