-- On Postgres a row's time is set as the row is written: finding the rows afterwards would mean reading
-- the whole table, and setting the time would write each row twice.
CREATE OR REPLACE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.updated_at = to_timestamp(CAST(NEW._dlt_load_id AS double precision)); RETURN NEW; END $$;
CREATE OR REPLACE TRIGGER ra_mst_courses_updated_at BEFORE INSERT OR UPDATE ON ra_mst_courses
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_mst_bookmakers_updated_at BEFORE INSERT OR UPDATE ON ra_mst_bookmakers
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_mst_jockeys_updated_at BEFORE INSERT OR UPDATE ON ra_mst_jockeys
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_mst_trainers_updated_at BEFORE INSERT OR UPDATE ON ra_mst_trainers
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_mst_owners_updated_at BEFORE INSERT OR UPDATE ON ra_mst_owners
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_races_updated_at BEFORE INSERT OR UPDATE ON ra_races
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_runners_updated_at BEFORE INSERT OR UPDATE ON ra_runners
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_mst_horses_updated_at BEFORE INSERT OR UPDATE ON ra_mst_horses
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_horse_pedigree_updated_at BEFORE INSERT OR UPDATE ON ra_horse_pedigree
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_race_results_updated_at BEFORE INSERT OR UPDATE ON ra_race_results
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_runner_odds_updated_at BEFORE INSERT OR UPDATE ON ra_runner_odds
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_horse_prev_trainers_updated_at BEFORE INSERT OR UPDATE ON ra_horse_prev_trainers
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_horse_prev_owners_updated_at BEFORE INSERT OR UPDATE ON ra_horse_prev_owners
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_horse_medical_updated_at BEFORE INSERT OR UPDATE ON ra_horse_medical
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_horse_quotes_updated_at BEFORE INSERT OR UPDATE ON ra_horse_quotes
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_card_races_updated_at BEFORE INSERT OR UPDATE ON ra_card_races
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_card_runners_updated_at BEFORE INSERT OR UPDATE ON ra_card_runners
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_result_races_updated_at BEFORE INSERT OR UPDATE ON ra_result_races
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
