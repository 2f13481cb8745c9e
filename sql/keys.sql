-- One row per key, whatever happens: the database itself refuses a second one. Not run on DuckDB 1, whose
-- indexes cannot be trusted after a crash.
CREATE UNIQUE INDEX IF NOT EXISTS ra_mst_courses_key ON ra_mst_courses (id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_mst_bookmakers_key ON ra_mst_bookmakers (id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_mst_jockeys_key ON ra_mst_jockeys (id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_mst_trainers_key ON ra_mst_trainers (id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_mst_owners_key ON ra_mst_owners (id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_races_key ON ra_races (id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_runners_key ON ra_runners (race_id, horse_id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_mst_horses_key ON ra_mst_horses (id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_horse_pedigree_key ON ra_horse_pedigree (horse_id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_race_results_key ON ra_race_results (race_id, horse_id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_runner_odds_key ON ra_runner_odds (race_id, horse_id, bookmaker_id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_horse_prev_trainers_key ON ra_horse_prev_trainers (horse_id, trainer_id, change_date);
CREATE UNIQUE INDEX IF NOT EXISTS ra_horse_prev_owners_key ON ra_horse_prev_owners (horse_id, owner_id, change_date);
CREATE UNIQUE INDEX IF NOT EXISTS ra_horse_medical_key ON ra_horse_medical (horse_id, date, type);
CREATE UNIQUE INDEX IF NOT EXISTS ra_horse_quotes_key ON ra_horse_quotes (horse_id, race_id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_card_races_key ON ra_card_races (id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_card_runners_key ON ra_card_runners (race_id, horse_id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_result_races_key ON ra_result_races (id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_coverage_key ON ra_coverage (endpoint, date);
CREATE UNIQUE INDEX IF NOT EXISTS ra_issues_key ON ra_issues (endpoint, table_name, row_key, field);
CREATE UNIQUE INDEX IF NOT EXISTS ra_runs_key ON ra_runs (run_id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_rebuilds_key ON ra_rebuilds (scope);
CREATE UNIQUE INDEX IF NOT EXISTS ra_access_key ON ra_access (path);
CREATE UNIQUE INDEX IF NOT EXISTS ra_wanted_key ON ra_wanted (endpoint);
