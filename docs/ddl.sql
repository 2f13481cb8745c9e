-- What a database needs beside dlt's CREATE TABLE, generated from the declarations.
-- A run applies what is missing; this file is for reading.

-- One row per key (not on DuckDB 1).
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
CREATE UNIQUE INDEX IF NOT EXISTS ra_horse_profiles_key ON ra_horse_profiles (id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_price_requests_key ON ra_price_requests (race_id, horse_id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_price_history_key ON ra_price_history (race_id, horse_id, bookmaker_id, changed_at);
CREATE UNIQUE INDEX IF NOT EXISTS ra_runner_changes_key ON ra_runner_changes (race_id, horse_id, what, seen_at);
CREATE UNIQUE INDEX IF NOT EXISTS ra_race_changes_key ON ra_race_changes (race_id, what, seen_at);
CREATE UNIQUE INDEX IF NOT EXISTS ra_price_changes_key ON ra_price_changes (race_id, horse_id, bookmaker_id, origin, valid_from);
CREATE UNIQUE INDEX IF NOT EXISTS ra_coverage_key ON ra_coverage (endpoint, date);
CREATE UNIQUE INDEX IF NOT EXISTS ra_issues_key ON ra_issues (endpoint, table_name, row_key, field);
CREATE UNIQUE INDEX IF NOT EXISTS ra_runs_key ON ra_runs (run_id);
CREATE UNIQUE INDEX IF NOT EXISTS ra_rebuilds_key ON ra_rebuilds (scope);
CREATE UNIQUE INDEX IF NOT EXISTS ra_access_key ON ra_access (path);
CREATE UNIQUE INDEX IF NOT EXISTS ra_wanted_key ON ra_wanted (endpoint);
CREATE UNIQUE INDEX IF NOT EXISTS ra_last_seen_key ON ra_last_seen (race_id, horse_id, fact);
CREATE UNIQUE INDEX IF NOT EXISTS ra_last_responses_key ON ra_last_responses (endpoint, date);
CREATE UNIQUE INDEX IF NOT EXISTS ra_loaded_responses_key ON ra_loaded_responses (endpoint, about);

-- Defaults of columns that not every source of a row has.
ALTER TABLE ra_mst_courses ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_mst_bookmakers ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_mst_jockeys ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_mst_trainers ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_mst_owners ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_races ALTER COLUMN has_result SET DEFAULT false;
ALTER TABLE ra_races ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_runners ALTER COLUMN is_scratched SET DEFAULT false;
ALTER TABLE ra_runners ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_mst_horses ALTER COLUMN enrichment_status SET DEFAULT 'pending';
ALTER TABLE ra_mst_horses ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_horse_pedigree ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_race_results ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_runner_odds ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_horse_prev_trainers ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_horse_prev_owners ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_horse_medical ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_horse_quotes ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_card_races ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_card_runners ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_result_races ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_horse_profiles ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_price_requests ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';

-- DuckDB, after each load: the id of a load is its time.
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
UPDATE ra_horse_profiles SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));
UPDATE ra_price_requests SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))
WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision));

-- Postgres: the time is set as a row is written.
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
CREATE OR REPLACE TRIGGER ra_horse_profiles_updated_at BEFORE INSERT OR UPDATE ON ra_horse_profiles
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER ra_price_requests_updated_at BEFORE INSERT OR UPDATE ON ra_price_requests
    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at();

-- Postgres: relations for tools that draw joins, not enforced.
DO $$ DECLARE declared text; BEGIN
FOREACH declared IN ARRAY ARRAY[
    'ra_mst_courses',
    'ra_mst_bookmakers',
    'ra_mst_jockeys',
    'ra_mst_trainers',
    'ra_mst_owners',
    'ra_races',
    'ra_runners',
    'ra_mst_horses',
    'ra_horse_pedigree',
    'ra_race_results',
    'ra_runner_odds',
    'ra_horse_prev_trainers',
    'ra_horse_prev_owners',
    'ra_horse_medical',
    'ra_horse_quotes',
    'ra_card_races',
    'ra_card_runners',
    'ra_result_races',
    'ra_horse_profiles',
    'ra_price_requests',
    'ra_price_history',
    'ra_runner_changes',
    'ra_race_changes',
    'ra_price_changes',
    'ra_coverage',
    'ra_issues',
    'ra_runs',
    'ra_rebuilds',
    'ra_access',
    'ra_wanted',
    'ra_last_seen',
    'ra_last_responses',
    'ra_loaded_responses'
] LOOP
    IF NOT EXISTS (
        SELECT FROM pg_constraint WHERE conrelid = declared::regclass AND contype = 'p'
    ) THEN
        EXECUTE format('ALTER TABLE %1$I ADD CONSTRAINT %2$I PRIMARY KEY USING INDEX %2$I',
            declared, declared || '_key'); END IF; END LOOP; END $$;
DO $$ DECLARE reference record; BEGIN
IF current_setting('server_version_num')::int < 180000 THEN RETURN; END IF;  FOR reference IN
SELECT *, source || '_' || field || '_fk' AS name FROM (VALUES
    ('ra_races', 'course_id', 'ra_mst_courses'),
    ('ra_runners', 'race_id', 'ra_races'),
    ('ra_runners', 'horse_id', 'ra_mst_horses'),
    ('ra_runners', 'jockey_id', 'ra_mst_jockeys'),
    ('ra_runners', 'trainer_id', 'ra_mst_trainers'),
    ('ra_runners', 'owner_id', 'ra_mst_owners'),
    ('ra_horse_pedigree', 'horse_id', 'ra_mst_horses'),
    ('ra_horse_pedigree', 'sire_horse_id', 'ra_mst_horses'),
    ('ra_horse_pedigree', 'dam_horse_id', 'ra_mst_horses'),
    ('ra_horse_pedigree', 'damsire_horse_id', 'ra_mst_horses'),
    ('ra_race_results', 'race_id', 'ra_races'),
    ('ra_race_results', 'horse_id', 'ra_mst_horses'),
    ('ra_race_results', 'jockey_id', 'ra_mst_jockeys'),
    ('ra_race_results', 'trainer_id', 'ra_mst_trainers'),
    ('ra_race_results', 'owner_id', 'ra_mst_owners'),
    ('ra_runner_odds', 'race_id', 'ra_races'),
    ('ra_runner_odds', 'horse_id', 'ra_mst_horses'),
    ('ra_runner_odds', 'bookmaker_id', 'ra_mst_bookmakers'),
    ('ra_horse_prev_trainers', 'horse_id', 'ra_mst_horses'),
    ('ra_horse_prev_trainers', 'trainer_id', 'ra_mst_trainers'),
    ('ra_horse_prev_owners', 'horse_id', 'ra_mst_horses'),
    ('ra_horse_prev_owners', 'owner_id', 'ra_mst_owners'),
    ('ra_horse_medical', 'horse_id', 'ra_mst_horses'),
    ('ra_horse_quotes', 'horse_id', 'ra_mst_horses'),
    ('ra_horse_quotes', 'race_id', 'ra_races'),
    ('ra_horse_quotes', 'course_id', 'ra_mst_courses'),
    ('ra_card_races', 'course_id', 'ra_mst_courses'),
    ('ra_card_runners', 'race_id', 'ra_races'),
    ('ra_card_runners', 'horse_id', 'ra_mst_horses'),
    ('ra_card_runners', 'jockey_id', 'ra_mst_jockeys'),
    ('ra_card_runners', 'trainer_id', 'ra_mst_trainers'),
    ('ra_card_runners', 'owner_id', 'ra_mst_owners'),
    ('ra_result_races', 'course_id', 'ra_mst_courses'),
    ('ra_price_requests', 'race_id', 'ra_races'),
    ('ra_price_requests', 'horse_id', 'ra_mst_horses'),
    ('ra_price_history', 'race_id', 'ra_races'),
    ('ra_price_history', 'horse_id', 'ra_mst_horses'),
    ('ra_price_history', 'bookmaker_id', 'ra_mst_bookmakers'),
    ('ra_runner_changes', 'race_id', 'ra_races'),
    ('ra_runner_changes', 'horse_id', 'ra_mst_horses'),
    ('ra_race_changes', 'race_id', 'ra_races'),
    ('ra_price_changes', 'race_id', 'ra_races'),
    ('ra_price_changes', 'horse_id', 'ra_mst_horses'),
    ('ra_price_changes', 'bookmaker_id', 'ra_mst_bookmakers'),
    ('ra_last_seen', 'race_id', 'ra_races'),
    ('ra_last_seen', 'horse_id', 'ra_mst_horses')
) AS listed (source, field, target)
LOOP
    IF NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = reference.source::regclass AND conname = reference.name
    ) THEN
        EXECUTE format(
            'ALTER TABLE %I ADD CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %I (id) NOT ENFORCED',
            reference.source, reference.name, reference.field, reference.target
        ); END IF; END LOOP; END $$;

-- Comments.
COMMENT ON TABLE ra_mst_courses IS 'One row per course id (turf and all-weather tracks at one venue are separate ids).';
COMMENT ON COLUMN ra_mst_courses.id IS 'Vendor course identifier';
COMMENT ON COLUMN ra_mst_courses.name IS 'Course name as the courses endpoint and racecards print it';
COMMENT ON COLUMN ra_mst_courses.code IS 'Three-letter short code';
COMMENT ON COLUMN ra_mst_courses.region IS 'Region in the form used by races: GB or IRE';
COMMENT ON COLUMN ra_mst_courses.region_code IS 'Region code in the form the query parameters take';
COMMENT ON COLUMN ra_mst_courses.country IS 'Region name as the vendor spells it';
COMMENT ON COLUMN ra_mst_courses.type IS 'Kind of racing staged';
COMMENT ON COLUMN ra_mst_courses.surface IS 'Track surface';
COMMENT ON COLUMN ra_mst_courses.latitude IS 'Latitude in decimal degrees (WGS84)';
COMMENT ON COLUMN ra_mst_courses.longitude IS 'Longitude in decimal degrees (WGS84)';
COMMENT ON COLUMN ra_mst_courses.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_mst_bookmakers IS 'One row per bookmaker, derived from the odds arrays.';
COMMENT ON COLUMN ra_mst_bookmakers.id IS 'Stable slug for the bookmaker';
COMMENT ON COLUMN ra_mst_bookmakers.name IS 'Bookmaker display name';
COMMENT ON COLUMN ra_mst_bookmakers.url IS 'Home page';
COMMENT ON COLUMN ra_mst_bookmakers.type IS 'Market type';
COMMENT ON COLUMN ra_mst_bookmakers.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_mst_jockeys IS 'One row per jockey, derived from racecard and result runners.';
COMMENT ON COLUMN ra_mst_jockeys.id IS 'Vendor jockey identifier';
COMMENT ON COLUMN ra_mst_jockeys.name IS 'Jockey name';
COMMENT ON COLUMN ra_mst_jockeys.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_mst_trainers IS 'One row per trainer, derived from racecard and result runners.';
COMMENT ON COLUMN ra_mst_trainers.id IS 'Vendor trainer identifier';
COMMENT ON COLUMN ra_mst_trainers.name IS 'Trainer name';
COMMENT ON COLUMN ra_mst_trainers.location IS 'Training yard';
COMMENT ON COLUMN ra_mst_trainers.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_mst_owners IS 'One row per owner, derived from racecard and result runners.';
COMMENT ON COLUMN ra_mst_owners.id IS 'Vendor owner identifier';
COMMENT ON COLUMN ra_mst_owners.name IS 'Owner name';
COMMENT ON COLUMN ra_mst_owners.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_races IS 'One row per race.';
COMMENT ON COLUMN ra_races.id IS 'Vendor race identifier';
COMMENT ON COLUMN ra_races.date IS 'Race date in UK time';
COMMENT ON COLUMN ra_races.time IS 'Scheduled (cards) or actual-published (results) off time, unambiguous';
COMMENT ON COLUMN ra_races.off_time IS 'Off time as printed by the vendor, 12-hour';
COMMENT ON COLUMN ra_races.off_dt IS 'Off time as an instant';
COMMENT ON COLUMN ra_races.course_id IS 'Course identifier';
COMMENT ON COLUMN ra_races.course_name IS 'Course name without country suffix';
COMMENT ON COLUMN ra_races.region IS 'Region of the course';
COMMENT ON COLUMN ra_races.race_name IS 'Race title';
COMMENT ON COLUMN ra_races.race_type IS 'Flat, Hurdle, Chase or NH Flat';
COMMENT ON COLUMN ra_races.race_class IS 'British class; blank for Irish and foreign races';
COMMENT ON COLUMN ra_races.pattern IS 'Pattern status';
COMMENT ON COLUMN ra_races.age_band IS 'Ages allowed';
COMMENT ON COLUMN ra_races.rating_band IS 'Rating range of a handicap';
COMMENT ON COLUMN ra_races.sex_restriction IS 'Sexes allowed: F, M, F&M, C&F, C&G, M&G';
COMMENT ON COLUMN ra_races.distance IS 'Exact distance as printed';
COMMENT ON COLUMN ra_races.distance_round IS 'Distance rounded for display';
COMMENT ON COLUMN ra_races.distance_f IS 'Rounded distance in furlongs (to the half furlong), NOT exact';
COMMENT ON COLUMN ra_races.distance_y IS 'Exact distance in yards';
COMMENT ON COLUMN ra_races.distance_m IS 'Exact distance in metres';
COMMENT ON COLUMN ra_races.going IS 'Official going';
COMMENT ON COLUMN ra_races.going_detailed IS 'Going in full, with GoingStick where given';
COMMENT ON COLUMN ra_races.surface IS 'Turf or AW';
COMMENT ON COLUMN ra_races.jumps IS 'Obstacles';
COMMENT ON COLUMN ra_races.stalls IS 'Stalls position';
COMMENT ON COLUMN ra_races.rail_movements IS 'Rail moves';
COMMENT ON COLUMN ra_races.weather IS 'Weather';
COMMENT ON COLUMN ra_races.prize_money IS 'FIRST PRIZE in whole units of prize_currency';
COMMENT ON COLUMN ra_races.prize_currency IS 'Currency of the money columns of this race';
COMMENT ON COLUMN ra_races.total_prize_money IS 'Money paid to placed runners, in prize_currency';
COMMENT ON COLUMN ra_races.field_size IS 'Runners that the card expects, without non-runners, as last fetched (blank before declarations); without a card, the horses that ran';
COMMENT ON COLUMN ra_races.non_runner_count IS 'Runners withdrawn so far';
COMMENT ON COLUMN ra_races.is_big_race IS 'Vendor feature-race flag';
COMMENT ON COLUMN ra_races.is_abandoned IS 'Abandoned';
COMMENT ON COLUMN ra_races.race_status IS 'Vendor race status, added in v1.4.3';
COMMENT ON COLUMN ra_races.has_result IS 'Result loaded';
COMMENT ON COLUMN ra_races.tip IS 'Vendor selection';
COMMENT ON COLUMN ra_races.verdict IS 'Vendor verdict';
COMMENT ON COLUMN ra_races.betting_forecast IS 'Forecast betting';
COMMENT ON COLUMN ra_races.winning_time IS 'Winner''s time as m:s.cc, seconds not zero-padded';
COMMENT ON COLUMN ra_races.winning_time_seconds IS 'Winning time in seconds';
COMMENT ON COLUMN ra_races.winning_time_detail IS 'Winning time with its comparison to standard';
COMMENT ON COLUMN ra_races.standard_time_diff_seconds IS 'Seconds slower (+) or faster (-) than standard';
COMMENT ON COLUMN ra_races.comments IS 'Stewards and record notes';
COMMENT ON COLUMN ra_races.non_runners IS 'Non-runners with reasons';
COMMENT ON COLUMN ra_races.tote_win IS 'Tote win dividend to a 1-unit stake, in tote_currency';
COMMENT ON COLUMN ra_races.tote_ex IS 'Tote exacta dividend, in tote_currency';
COMMENT ON COLUMN ra_races.tote_csf IS 'Computer straight forecast, in tote_currency';
COMMENT ON COLUMN ra_races.tote_tricast IS 'Tricast, in tote_currency';
COMMENT ON COLUMN ra_races.tote_trifecta IS 'Trifecta, in tote_currency';
COMMENT ON COLUMN ra_races.tote_pl IS 'Tote place dividends, in finishing order';
COMMENT ON COLUMN ra_races.tote_currency IS 'Currency of the dividend columns';
COMMENT ON COLUMN ra_races.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_runners IS 'One row per horse entered in a race.';
COMMENT ON COLUMN ra_runners.id IS 'Single-column row id (the API has none)';
COMMENT ON COLUMN ra_runners.race_id IS 'Race';
COMMENT ON COLUMN ra_runners.horse_id IS 'Horse';
COMMENT ON COLUMN ra_runners.race_date IS 'Race date, for partitioning and look-back';
COMMENT ON COLUMN ra_runners.horse_name IS 'Horse name without country suffix';
COMMENT ON COLUMN ra_runners.jockey_id IS 'Jockey identifier';
COMMENT ON COLUMN ra_runners.jockey_name IS 'Jockey name on the day';
COMMENT ON COLUMN ra_runners.trainer_id IS 'Trainer identifier';
COMMENT ON COLUMN ra_runners.trainer_name IS 'Trainer name on the day';
COMMENT ON COLUMN ra_runners.owner_id IS 'Owner identifier';
COMMENT ON COLUMN ra_runners.owner_name IS 'Owner name on the day';
COMMENT ON COLUMN ra_runners.trainer_location IS 'Yard on the day';
COMMENT ON COLUMN ra_runners.sire_id IS 'Sire identifier';
COMMENT ON COLUMN ra_runners.dam_id IS 'Dam identifier';
COMMENT ON COLUMN ra_runners.damsire_id IS 'Damsire identifier';
COMMENT ON COLUMN ra_runners.number IS 'Saddle-cloth number';
COMMENT ON COLUMN ra_runners.draw IS 'Starting stall (flat only)';
COMMENT ON COLUMN ra_runners.age IS 'Age in years on the day';
COMMENT ON COLUMN ra_runners.sex IS 'Sex on the day, in words';
COMMENT ON COLUMN ra_runners.sex_code IS 'Sex code on the day';
COMMENT ON COLUMN ra_runners.weight IS 'Weight to carry, in pounds';
COMMENT ON COLUMN ra_runners.weight_stones_lbs IS 'Weight as stones-pounds';
COMMENT ON COLUMN ra_runners.jockey_claim_lbs IS 'Apprentice or conditional allowance in pounds';
COMMENT ON COLUMN ra_runners.headgear IS 'Headgear letters, which combine: b blinkers, p cheekpieces, h hood, v visor, t tongue strap, e eyeshields';
COMMENT ON COLUMN ra_runners.headgear_run IS 'Ordinal of the run in this headgear; 1 = first time';
COMMENT ON COLUMN ra_runners.wind_surgery IS 'Wind-operation mark';
COMMENT ON COLUMN ra_runners.wind_surgery_run IS 'Ordinal of the run since the operation; 1 = first';
COMMENT ON COLUMN ra_runners.form IS 'Form figures, oldest first: - season break, / longer break, 0 tenth or worse, letters where the horse did not complete';
COMMENT ON COLUMN ra_runners.last_run IS 'Days since last run as printed';
COMMENT ON COLUMN ra_runners.last_run_days IS 'Days since the last run under this code';
COMMENT ON COLUMN ra_runners.last_run_days_other_code IS 'Days since the last run under the other code (F flat)';
COMMENT ON COLUMN ra_runners.official_rating IS 'Official rating run off, in pounds';
COMMENT ON COLUMN ra_runners.rpr IS 'Racing Post Rating before the race';
COMMENT ON COLUMN ra_runners.ts IS 'Topspeed figure before the race';
COMMENT ON COLUMN ra_runners.performance_rating IS 'Vendor performance rating before the race, sent since 2026';
COMMENT ON COLUMN ra_runners.speed_rating IS 'Vendor speed rating before the race, sent since 2026';
COMMENT ON COLUMN ra_runners.trainer_rtf IS 'Percent of the yard''s recent runners that ran to form';
COMMENT ON COLUMN ra_runners.trainer_14_days_runs IS 'Yard''s runners in the 14 days before the card';
COMMENT ON COLUMN ra_runners.trainer_14_days_wins IS 'Yard''s winners in those 14 days';
COMMENT ON COLUMN ra_runners.trainer_14_days_percent IS 'Yard''s strike rate in those 14 days, whole percent';
COMMENT ON COLUMN ra_runners.past_results_flags IS 'Card letters: C course, D distance, CD course and distance, BF beaten favourite';
COMMENT ON COLUMN ra_runners.stable_tour IS 'Trainer notes from stable tours; a date DD-MM-YY usually ends the text';
COMMENT ON COLUMN ra_runners.comment IS 'Pre-race comment';
COMMENT ON COLUMN ra_runners.spotlight IS 'Pre-race spotlight';
COMMENT ON COLUMN ra_runners.jockey_silk_url IS 'Owner''s silks, SVG address';
COMMENT ON COLUMN ra_runners.is_scratched IS 'Did not run (non-runner). True where the card marks the horse, the result names it among the non-runners, the race was abandoned, or as many others ran as the card expected; false of a horse that a result names, or that is still expected to run; NULL where a result, or all results of the day, are there without it and nothing says why: unknown';
COMMENT ON COLUMN ra_runners.is_non_runner_on_card IS 'Marked as a non-runner on the card; NULL for a horse that no card has named';
COMMENT ON COLUMN ra_runners.is_reserve IS 'Reserve';
COMMENT ON COLUMN ra_runners.position IS 'Finishing position; equal for dead heats';
COMMENT ON COLUMN ra_runners.position_str IS 'Position or non-completion code as sent';
COMMENT ON COLUMN ra_runners.finish_status IS 'Outcome in words; NULL before the result';
COMMENT ON COLUMN ra_runners.distance_beaten IS 'Lengths behind the horse in front (0 for the winner and within a dead heat)';
COMMENT ON COLUMN ra_runners.overall_beaten_distance IS 'Lengths behind the winner';
COMMENT ON COLUMN ra_runners.finishing_time IS 'Time as m:s.cc, seconds not zero-padded (estimated for beaten horses)';
COMMENT ON COLUMN ra_runners.time_seconds IS 'Finishing time in seconds';
COMMENT ON COLUMN ra_runners.starting_price IS 'Starting price as a fraction';
COMMENT ON COLUMN ra_runners.favourite_flag IS 'Favourite mark carried by the price';
COMMENT ON COLUMN ra_runners.starting_price_decimal IS 'Starting price as decimal odds, stake included';
COMMENT ON COLUMN ra_runners.bsp IS 'Betfair starting price, decimal odds';
COMMENT ON COLUMN ra_runners.prize_won IS 'Prize money won, in prize_currency';
COMMENT ON COLUMN ra_runners.prize_currency IS 'Currency of prize_won';
COMMENT ON COLUMN ra_runners.race_comment IS 'In-running comment; usually ends with market moves "(op 15/2 tchd 9/1)"';
COMMENT ON COLUMN ra_runners.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_mst_horses IS 'One row per horse that has appeared as a runner.';
COMMENT ON COLUMN ra_mst_horses.id IS 'Vendor horse identifier';
COMMENT ON COLUMN ra_mst_horses.name IS 'Horse name without its country suffix';
COMMENT ON COLUMN ra_mst_horses.sex IS 'Sex in words';
COMMENT ON COLUMN ra_mst_horses.sex_code IS 'One-letter sex code';
COMMENT ON COLUMN ra_mst_horses.dob IS 'Date of birth';
COMMENT ON COLUMN ra_mst_horses.colour IS 'Coat colour abbreviation';
COMMENT ON COLUMN ra_mst_horses.colour_code IS 'Coat colour code';
COMMENT ON COLUMN ra_mst_horses.region IS 'Country of birth (breeding region)';
COMMENT ON COLUMN ra_mst_horses.sire_id IS 'Identifier of the sire';
COMMENT ON COLUMN ra_mst_horses.dam_id IS 'Identifier of the dam';
COMMENT ON COLUMN ra_mst_horses.damsire_id IS 'Identifier of the damsire';
COMMENT ON COLUMN ra_mst_horses.breeder IS 'Breeder as printed';
COMMENT ON COLUMN ra_mst_horses.enrichment_status IS 'Where the profile columns came from; drives which horses still need a profile call';
COMMENT ON COLUMN ra_mst_horses.enriched_at IS 'When a horse profile was last fetched';
COMMENT ON COLUMN ra_mst_horses.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_horse_pedigree IS 'One row per horse.';
COMMENT ON COLUMN ra_horse_pedigree.horse_id IS 'Horse the pedigree belongs to';
COMMENT ON COLUMN ra_horse_pedigree.sire IS 'Sire name without country suffix';
COMMENT ON COLUMN ra_horse_pedigree.sire_id IS 'Sire identifier';
COMMENT ON COLUMN ra_horse_pedigree.sire_region IS 'Country of birth of the sire';
COMMENT ON COLUMN ra_horse_pedigree.sire_horse_id IS 'Same animal as a horse id, for joining lineage and for fetching its profile';
COMMENT ON COLUMN ra_horse_pedigree.dam IS 'Dam name without country suffix';
COMMENT ON COLUMN ra_horse_pedigree.dam_id IS 'Dam identifier';
COMMENT ON COLUMN ra_horse_pedigree.dam_region IS 'Country of birth of the dam';
COMMENT ON COLUMN ra_horse_pedigree.dam_horse_id IS 'Same animal as a horse id, for joining lineage and for fetching its profile';
COMMENT ON COLUMN ra_horse_pedigree.damsire IS 'Damsire name without country suffix';
COMMENT ON COLUMN ra_horse_pedigree.damsire_id IS 'Damsire identifier';
COMMENT ON COLUMN ra_horse_pedigree.damsire_region IS 'Country of birth of the damsire';
COMMENT ON COLUMN ra_horse_pedigree.damsire_horse_id IS 'Same animal as a horse id, for joining lineage and for fetching its profile';
COMMENT ON COLUMN ra_horse_pedigree.breeder IS 'Breeder as printed';
COMMENT ON COLUMN ra_horse_pedigree.region IS 'Country of birth of the horse';
COMMENT ON COLUMN ra_horse_pedigree.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_race_results IS 'One row per horse that took part, exactly as the results endpoint reports it.';
COMMENT ON COLUMN ra_race_results.race_id IS 'Race';
COMMENT ON COLUMN ra_race_results.horse_id IS 'Horse';
COMMENT ON COLUMN ra_race_results.runner_id IS 'Runner row: joins ra_runners.id';
COMMENT ON COLUMN ra_race_results.race_date IS 'Race date';
COMMENT ON COLUMN ra_race_results.horse_name IS 'Horse name';
COMMENT ON COLUMN ra_race_results.jockey_id IS 'Jockey identifier';
COMMENT ON COLUMN ra_race_results.jockey_name IS 'Jockey name';
COMMENT ON COLUMN ra_race_results.trainer_id IS 'Trainer identifier';
COMMENT ON COLUMN ra_race_results.trainer_name IS 'Trainer name';
COMMENT ON COLUMN ra_race_results.owner_id IS 'Owner identifier';
COMMENT ON COLUMN ra_race_results.owner_name IS 'Owner name';
COMMENT ON COLUMN ra_race_results.jockey_claim_lbs IS 'Allowance in pounds';
COMMENT ON COLUMN ra_race_results.sire_id IS 'Sire identifier';
COMMENT ON COLUMN ra_race_results.dam_id IS 'Dam identifier';
COMMENT ON COLUMN ra_race_results.damsire_id IS 'Damsire identifier';
COMMENT ON COLUMN ra_race_results.number IS 'Saddle-cloth number';
COMMENT ON COLUMN ra_race_results.is_reserve IS 'Reserve';
COMMENT ON COLUMN ra_race_results.draw IS 'Stall';
COMMENT ON COLUMN ra_race_results.age IS 'Age in years';
COMMENT ON COLUMN ra_race_results.sex_code IS 'Sex code';
COMMENT ON COLUMN ra_race_results.weight IS 'Weight in pounds';
COMMENT ON COLUMN ra_race_results.weight_stones_lbs IS 'Weight as stones-pounds';
COMMENT ON COLUMN ra_race_results.headgear IS 'Headgear letters';
COMMENT ON COLUMN ra_race_results.position IS 'Finishing position';
COMMENT ON COLUMN ra_race_results.position_str IS 'Position or code as sent';
COMMENT ON COLUMN ra_race_results.finish_status IS 'Outcome in words';
COMMENT ON COLUMN ra_race_results.distance_beaten IS 'Lengths behind the horse in front';
COMMENT ON COLUMN ra_race_results.overall_beaten_distance IS 'Lengths behind the winner';
COMMENT ON COLUMN ra_race_results.finishing_time IS 'Time as printed';
COMMENT ON COLUMN ra_race_results.time_seconds IS 'Time in seconds';
COMMENT ON COLUMN ra_race_results.starting_price IS 'Starting price fraction';
COMMENT ON COLUMN ra_race_results.favourite_flag IS 'Favourite mark';
COMMENT ON COLUMN ra_race_results.starting_price_decimal IS 'Starting price decimal';
COMMENT ON COLUMN ra_race_results.bsp IS 'Betfair starting price';
COMMENT ON COLUMN ra_race_results.prize_won IS 'Prize money won';
COMMENT ON COLUMN ra_race_results.prize_currency IS 'Currency of prize_won';
COMMENT ON COLUMN ra_race_results.official_rating IS 'Official rating run off';
COMMENT ON COLUMN ra_race_results.rpr IS 'Racing Post Rating achieved IN this race';
COMMENT ON COLUMN ra_race_results.tsr IS 'Topspeed figure achieved IN this race';
COMMENT ON COLUMN ra_race_results.performance_rating IS 'Vendor performance rating achieved IN this race, sent since 2026';
COMMENT ON COLUMN ra_race_results.speed_rating IS 'Vendor speed rating achieved IN this race, sent since 2026';
COMMENT ON COLUMN ra_race_results.race_comment IS 'In-running comment';
COMMENT ON COLUMN ra_race_results.jockey_silk_url IS 'Silks address';
COMMENT ON COLUMN ra_race_results.region IS 'Country of birth (breeding region)';
COMMENT ON COLUMN ra_race_results.sire IS 'Sire name without country suffix';
COMMENT ON COLUMN ra_race_results.sire_region IS 'Country of birth of the sire';
COMMENT ON COLUMN ra_race_results.dam IS 'Dam name without country suffix';
COMMENT ON COLUMN ra_race_results.dam_region IS 'Country of birth of the dam';
COMMENT ON COLUMN ra_race_results.damsire IS 'Damsire name without country suffix';
COMMENT ON COLUMN ra_race_results.damsire_region IS 'Country of birth of the damsire';
COMMENT ON COLUMN ra_race_results.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_runner_odds IS 'Latest price of one bookmaker for one runner.';
COMMENT ON COLUMN ra_runner_odds.race_id IS 'Race';
COMMENT ON COLUMN ra_runner_odds.horse_id IS 'Horse';
COMMENT ON COLUMN ra_runner_odds.bookmaker_id IS 'Bookmaker';
COMMENT ON COLUMN ra_runner_odds.race_date IS 'Race date';
COMMENT ON COLUMN ra_runner_odds.fractional_odds IS 'Fractional odds';
COMMENT ON COLUMN ra_runner_odds.decimal_odds IS 'Decimal odds, stake included';
COMMENT ON COLUMN ra_runner_odds.price_status IS 'Whether a price was on offer';
COMMENT ON COLUMN ra_runner_odds.ew_places IS 'Each-way places paid';
COMMENT ON COLUMN ra_runner_odds.ew_denom IS 'Each-way fraction denominator (5 = one fifth)';
COMMENT ON COLUMN ra_runner_odds.odds_updated_at IS 'When the vendor last saw the price';
COMMENT ON COLUMN ra_runner_odds.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_horse_prev_trainers IS 'One earlier trainer of a horse.';
COMMENT ON COLUMN ra_horse_prev_trainers.horse_id IS 'Horse';
COMMENT ON COLUMN ra_horse_prev_trainers.trainer_id IS 'Earlier trainer';
COMMENT ON COLUMN ra_horse_prev_trainers.change_date IS 'Date the horse left that trainer';
COMMENT ON COLUMN ra_horse_prev_trainers.trainer_name IS 'Earlier trainer''s name';
COMMENT ON COLUMN ra_horse_prev_trainers.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_horse_prev_owners IS 'One earlier owner of a horse.';
COMMENT ON COLUMN ra_horse_prev_owners.horse_id IS 'Horse';
COMMENT ON COLUMN ra_horse_prev_owners.owner_id IS 'Earlier owner';
COMMENT ON COLUMN ra_horse_prev_owners.change_date IS 'Date of the change';
COMMENT ON COLUMN ra_horse_prev_owners.owner_name IS 'Earlier owner''s name';
COMMENT ON COLUMN ra_horse_prev_owners.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_horse_medical IS 'One medical event of a horse.';
COMMENT ON COLUMN ra_horse_medical.horse_id IS 'Horse';
COMMENT ON COLUMN ra_horse_medical.date IS 'Date of the event';
COMMENT ON COLUMN ra_horse_medical.type IS 'Kind of event';
COMMENT ON COLUMN ra_horse_medical.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_horse_quotes IS 'One quotation about a horse after a past race.';
COMMENT ON COLUMN ra_horse_quotes.horse_id IS 'Horse';
COMMENT ON COLUMN ra_horse_quotes.race_id IS 'Race the quote is about';
COMMENT ON COLUMN ra_horse_quotes.date IS 'Date of that race';
COMMENT ON COLUMN ra_horse_quotes.race_name IS 'Title of that race';
COMMENT ON COLUMN ra_horse_quotes.course_id IS 'Course of that race';
COMMENT ON COLUMN ra_horse_quotes.course_name IS 'Course name';
COMMENT ON COLUMN ra_horse_quotes.distance_f IS 'Distance in furlongs';
COMMENT ON COLUMN ra_horse_quotes.distance_y IS 'Distance in yards';
COMMENT ON COLUMN ra_horse_quotes.quote IS 'Text, usually ending with speaker and role';
COMMENT ON COLUMN ra_horse_quotes.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_card_races IS 'One row per race, exactly as the racecards endpoint reports it.';
COMMENT ON COLUMN ra_card_races.id IS 'Vendor race identifier';
COMMENT ON COLUMN ra_card_races.date IS 'Race date in UK time';
COMMENT ON COLUMN ra_card_races.time IS 'Scheduled (cards) or actual-published (results) off time, unambiguous';
COMMENT ON COLUMN ra_card_races.off_time IS 'Off time as printed by the vendor, 12-hour';
COMMENT ON COLUMN ra_card_races.off_dt IS 'Off time as an instant';
COMMENT ON COLUMN ra_card_races.course_id IS 'Course identifier';
COMMENT ON COLUMN ra_card_races.course_name IS 'Course name without country suffix';
COMMENT ON COLUMN ra_card_races.region IS 'Region of the course';
COMMENT ON COLUMN ra_card_races.race_name IS 'Race title';
COMMENT ON COLUMN ra_card_races.race_type IS 'Flat, Hurdle, Chase or NH Flat';
COMMENT ON COLUMN ra_card_races.race_class IS 'British class; blank for Irish and foreign races';
COMMENT ON COLUMN ra_card_races.pattern IS 'Pattern status';
COMMENT ON COLUMN ra_card_races.age_band IS 'Ages allowed';
COMMENT ON COLUMN ra_card_races.rating_band IS 'Rating range of a handicap';
COMMENT ON COLUMN ra_card_races.sex_restriction IS 'Sexes allowed: F, M, F&M, C&F, C&G, M&G';
COMMENT ON COLUMN ra_card_races.distance IS 'Exact distance as printed';
COMMENT ON COLUMN ra_card_races.distance_round IS 'Distance rounded for display';
COMMENT ON COLUMN ra_card_races.distance_f IS 'Rounded distance in furlongs (to the half furlong), NOT exact';
COMMENT ON COLUMN ra_card_races.distance_y IS 'Exact distance in yards';
COMMENT ON COLUMN ra_card_races.distance_m IS 'Exact distance in metres';
COMMENT ON COLUMN ra_card_races.going IS 'Official going';
COMMENT ON COLUMN ra_card_races.going_detailed IS 'Going in full, with GoingStick where given';
COMMENT ON COLUMN ra_card_races.surface IS 'Turf or AW';
COMMENT ON COLUMN ra_card_races.jumps IS 'Obstacles';
COMMENT ON COLUMN ra_card_races.stalls IS 'Stalls position';
COMMENT ON COLUMN ra_card_races.rail_movements IS 'Rail moves';
COMMENT ON COLUMN ra_card_races.weather IS 'Weather';
COMMENT ON COLUMN ra_card_races.prize_money IS 'FIRST PRIZE in whole units of prize_currency';
COMMENT ON COLUMN ra_card_races.prize_currency IS 'Currency of the money columns of this race';
COMMENT ON COLUMN ra_card_races.field_size IS 'Runners that the card expects, without non-runners, as last fetched (blank before declarations); without a card, the horses that ran';
COMMENT ON COLUMN ra_card_races.non_runner_count IS 'Runners withdrawn so far';
COMMENT ON COLUMN ra_card_races.is_big_race IS 'Vendor feature-race flag';
COMMENT ON COLUMN ra_card_races.is_abandoned IS 'Abandoned';
COMMENT ON COLUMN ra_card_races.race_status IS 'Vendor race status, added in v1.4.3';
COMMENT ON COLUMN ra_card_races.tip IS 'Vendor selection';
COMMENT ON COLUMN ra_card_races.verdict IS 'Vendor verdict';
COMMENT ON COLUMN ra_card_races.betting_forecast IS 'Forecast betting';
COMMENT ON COLUMN ra_card_races.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_card_runners IS 'One row per horse on a racecard, exactly as the racecards endpoint reports it.';
COMMENT ON COLUMN ra_card_runners.id IS 'Single-column row id (the API has none)';
COMMENT ON COLUMN ra_card_runners.race_id IS 'Race';
COMMENT ON COLUMN ra_card_runners.horse_id IS 'Horse';
COMMENT ON COLUMN ra_card_runners.race_date IS 'Race date, for partitioning and look-back';
COMMENT ON COLUMN ra_card_runners.horse_name IS 'Horse name without country suffix';
COMMENT ON COLUMN ra_card_runners.jockey_id IS 'Jockey identifier';
COMMENT ON COLUMN ra_card_runners.jockey_name IS 'Jockey name on the day';
COMMENT ON COLUMN ra_card_runners.trainer_id IS 'Trainer identifier';
COMMENT ON COLUMN ra_card_runners.trainer_name IS 'Trainer name on the day';
COMMENT ON COLUMN ra_card_runners.owner_id IS 'Owner identifier';
COMMENT ON COLUMN ra_card_runners.owner_name IS 'Owner name on the day';
COMMENT ON COLUMN ra_card_runners.trainer_location IS 'Yard on the day';
COMMENT ON COLUMN ra_card_runners.sire_id IS 'Sire identifier';
COMMENT ON COLUMN ra_card_runners.dam_id IS 'Dam identifier';
COMMENT ON COLUMN ra_card_runners.damsire_id IS 'Damsire identifier';
COMMENT ON COLUMN ra_card_runners.number IS 'Saddle-cloth number';
COMMENT ON COLUMN ra_card_runners.draw IS 'Starting stall (flat only)';
COMMENT ON COLUMN ra_card_runners.age IS 'Age in years on the day';
COMMENT ON COLUMN ra_card_runners.sex IS 'Sex on the day, in words';
COMMENT ON COLUMN ra_card_runners.sex_code IS 'Sex code on the day';
COMMENT ON COLUMN ra_card_runners.weight IS 'Weight to carry, in pounds';
COMMENT ON COLUMN ra_card_runners.weight_stones_lbs IS 'Weight as stones-pounds';
COMMENT ON COLUMN ra_card_runners.jockey_claim_lbs IS 'Apprentice or conditional allowance in pounds';
COMMENT ON COLUMN ra_card_runners.headgear IS 'Headgear letters, which combine: b blinkers, p cheekpieces, h hood, v visor, t tongue strap, e eyeshields';
COMMENT ON COLUMN ra_card_runners.headgear_run IS 'Ordinal of the run in this headgear; 1 = first time';
COMMENT ON COLUMN ra_card_runners.wind_surgery IS 'Wind-operation mark';
COMMENT ON COLUMN ra_card_runners.wind_surgery_run IS 'Ordinal of the run since the operation; 1 = first';
COMMENT ON COLUMN ra_card_runners.form IS 'Form figures, oldest first: - season break, / longer break, 0 tenth or worse, letters where the horse did not complete';
COMMENT ON COLUMN ra_card_runners.last_run IS 'Days since last run as printed';
COMMENT ON COLUMN ra_card_runners.last_run_days IS 'Days since the last run under this code';
COMMENT ON COLUMN ra_card_runners.last_run_days_other_code IS 'Days since the last run under the other code (F flat)';
COMMENT ON COLUMN ra_card_runners.official_rating IS 'Official rating run off, in pounds';
COMMENT ON COLUMN ra_card_runners.rpr IS 'Racing Post Rating before the race';
COMMENT ON COLUMN ra_card_runners.ts IS 'Topspeed figure before the race';
COMMENT ON COLUMN ra_card_runners.performance_rating IS 'Vendor performance rating before the race, sent since 2026';
COMMENT ON COLUMN ra_card_runners.speed_rating IS 'Vendor speed rating before the race, sent since 2026';
COMMENT ON COLUMN ra_card_runners.trainer_rtf IS 'Percent of the yard''s recent runners that ran to form';
COMMENT ON COLUMN ra_card_runners.trainer_14_days_runs IS 'Yard''s runners in the 14 days before the card';
COMMENT ON COLUMN ra_card_runners.trainer_14_days_wins IS 'Yard''s winners in those 14 days';
COMMENT ON COLUMN ra_card_runners.trainer_14_days_percent IS 'Yard''s strike rate in those 14 days, whole percent';
COMMENT ON COLUMN ra_card_runners.past_results_flags IS 'Card letters: C course, D distance, CD course and distance, BF beaten favourite';
COMMENT ON COLUMN ra_card_runners.stable_tour IS 'Trainer notes from stable tours; a date DD-MM-YY usually ends the text';
COMMENT ON COLUMN ra_card_runners.comment IS 'Pre-race comment';
COMMENT ON COLUMN ra_card_runners.spotlight IS 'Pre-race spotlight';
COMMENT ON COLUMN ra_card_runners.jockey_silk_url IS 'Owner''s silks, SVG address';
COMMENT ON COLUMN ra_card_runners.is_non_runner_on_card IS 'Marked as a non-runner on the card; NULL for a horse that no card has named';
COMMENT ON COLUMN ra_card_runners.is_reserve IS 'Reserve';
COMMENT ON COLUMN ra_card_runners.dob IS 'Date of birth';
COMMENT ON COLUMN ra_card_runners.colour IS 'Coat colour abbreviation';
COMMENT ON COLUMN ra_card_runners.region IS 'Country of birth (breeding region)';
COMMENT ON COLUMN ra_card_runners.breeder IS 'Breeder as printed';
COMMENT ON COLUMN ra_card_runners.sire IS 'Sire name without country suffix';
COMMENT ON COLUMN ra_card_runners.sire_region IS 'Country of birth of the sire';
COMMENT ON COLUMN ra_card_runners.dam IS 'Dam name without country suffix';
COMMENT ON COLUMN ra_card_runners.dam_region IS 'Country of birth of the dam';
COMMENT ON COLUMN ra_card_runners.damsire IS 'Damsire name without country suffix';
COMMENT ON COLUMN ra_card_runners.damsire_region IS 'Country of birth of the damsire';
COMMENT ON COLUMN ra_card_runners.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_result_races IS 'One row per race with a result, exactly as the results endpoint reports it.';
COMMENT ON COLUMN ra_result_races.id IS 'Vendor race identifier';
COMMENT ON COLUMN ra_result_races.date IS 'Race date in UK time';
COMMENT ON COLUMN ra_result_races.time IS 'Scheduled (cards) or actual-published (results) off time, unambiguous';
COMMENT ON COLUMN ra_result_races.off_time IS 'Off time as printed by the vendor, 12-hour';
COMMENT ON COLUMN ra_result_races.off_dt IS 'Off time as an instant';
COMMENT ON COLUMN ra_result_races.course_id IS 'Course identifier';
COMMENT ON COLUMN ra_result_races.course_name IS 'Course name without country suffix';
COMMENT ON COLUMN ra_result_races.region IS 'Region of the course';
COMMENT ON COLUMN ra_result_races.race_name IS 'Race title';
COMMENT ON COLUMN ra_result_races.race_type IS 'Flat, Hurdle, Chase or NH Flat';
COMMENT ON COLUMN ra_result_races.race_class IS 'British class; blank for Irish and foreign races';
COMMENT ON COLUMN ra_result_races.pattern IS 'Pattern status';
COMMENT ON COLUMN ra_result_races.age_band IS 'Ages allowed';
COMMENT ON COLUMN ra_result_races.rating_band IS 'Rating range of a handicap';
COMMENT ON COLUMN ra_result_races.sex_restriction IS 'Sexes allowed: F, M, F&M, C&F, C&G, M&G';
COMMENT ON COLUMN ra_result_races.distance IS 'Exact distance as printed';
COMMENT ON COLUMN ra_result_races.distance_round IS 'Distance rounded for display';
COMMENT ON COLUMN ra_result_races.distance_f IS 'Rounded distance in furlongs (to the half furlong), NOT exact';
COMMENT ON COLUMN ra_result_races.distance_y IS 'Exact distance in yards';
COMMENT ON COLUMN ra_result_races.distance_m IS 'Exact distance in metres';
COMMENT ON COLUMN ra_result_races.going IS 'Official going';
COMMENT ON COLUMN ra_result_races.surface IS 'Turf or AW';
COMMENT ON COLUMN ra_result_races.jumps IS 'Obstacles';
COMMENT ON COLUMN ra_result_races.prize_currency IS 'Currency of the money columns of this race';
COMMENT ON COLUMN ra_result_races.total_prize_money IS 'Money paid to placed runners, in prize_currency';
COMMENT ON COLUMN ra_result_races.field_size IS 'Runners that the card expects, without non-runners, as last fetched (blank before declarations); without a card, the horses that ran';
COMMENT ON COLUMN ra_result_races.winning_time IS 'Winner''s time as m:s.cc, seconds not zero-padded';
COMMENT ON COLUMN ra_result_races.winning_time_seconds IS 'Winning time in seconds';
COMMENT ON COLUMN ra_result_races.winning_time_detail IS 'Winning time with its comparison to standard';
COMMENT ON COLUMN ra_result_races.standard_time_diff_seconds IS 'Seconds slower (+) or faster (-) than standard';
COMMENT ON COLUMN ra_result_races.comments IS 'Stewards and record notes';
COMMENT ON COLUMN ra_result_races.non_runners IS 'Non-runners with reasons';
COMMENT ON COLUMN ra_result_races.tote_win IS 'Tote win dividend to a 1-unit stake, in tote_currency';
COMMENT ON COLUMN ra_result_races.tote_ex IS 'Tote exacta dividend, in tote_currency';
COMMENT ON COLUMN ra_result_races.tote_csf IS 'Computer straight forecast, in tote_currency';
COMMENT ON COLUMN ra_result_races.tote_tricast IS 'Tricast, in tote_currency';
COMMENT ON COLUMN ra_result_races.tote_trifecta IS 'Trifecta, in tote_currency';
COMMENT ON COLUMN ra_result_races.tote_pl IS 'Tote place dividends, in finishing order';
COMMENT ON COLUMN ra_result_races.tote_currency IS 'Currency of the dividend columns';
COMMENT ON COLUMN ra_result_races.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_horse_profiles IS 'One row per horse whose profile was requested, exactly as the horse endpoints report it.';
COMMENT ON COLUMN ra_horse_profiles.id IS 'Vendor horse identifier';
COMMENT ON COLUMN ra_horse_profiles.name IS 'Horse name without its country suffix';
COMMENT ON COLUMN ra_horse_profiles.sex IS 'Sex in words';
COMMENT ON COLUMN ra_horse_profiles.sex_code IS 'One-letter sex code';
COMMENT ON COLUMN ra_horse_profiles.dob IS 'Date of birth';
COMMENT ON COLUMN ra_horse_profiles.colour IS 'Coat colour abbreviation';
COMMENT ON COLUMN ra_horse_profiles.colour_code IS 'Coat colour code';
COMMENT ON COLUMN ra_horse_profiles.region IS 'Country of birth (breeding region)';
COMMENT ON COLUMN ra_horse_profiles.sire_id IS 'Identifier of the sire';
COMMENT ON COLUMN ra_horse_profiles.dam_id IS 'Identifier of the dam';
COMMENT ON COLUMN ra_horse_profiles.damsire_id IS 'Identifier of the damsire';
COMMENT ON COLUMN ra_horse_profiles.breeder IS 'Breeder as printed';
COMMENT ON COLUMN ra_horse_profiles.enrichment_status IS 'Where the profile columns came from; drives which horses still need a profile call';
COMMENT ON COLUMN ra_horse_profiles.enriched_at IS 'When a horse profile was last fetched';
COMMENT ON COLUMN ra_horse_profiles.sire IS 'Sire name without country suffix';
COMMENT ON COLUMN ra_horse_profiles.sire_region IS 'Country of birth of the sire';
COMMENT ON COLUMN ra_horse_profiles.dam IS 'Dam name without country suffix';
COMMENT ON COLUMN ra_horse_profiles.dam_region IS 'Country of birth of the dam';
COMMENT ON COLUMN ra_horse_profiles.damsire IS 'Damsire name without country suffix';
COMMENT ON COLUMN ra_horse_profiles.damsire_region IS 'Country of birth of the damsire';
COMMENT ON COLUMN ra_horse_profiles.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_price_requests IS 'One row per runner whose price history was requested.';
COMMENT ON COLUMN ra_price_requests.race_id IS 'Race';
COMMENT ON COLUMN ra_price_requests.horse_id IS 'Horse';
COMMENT ON COLUMN ra_price_requests.status IS 'found, or not_found where the API has none: it is not requested again';
COMMENT ON COLUMN ra_price_requests.requested_at IS 'When it was requested (UTC)';
COMMENT ON COLUMN ra_price_requests.updated_at IS 'When a value of this row last changed (UTC)';

COMMENT ON TABLE ra_price_history IS 'One row per price that the vendor''s history has of one bookmaker for one runner.';
COMMENT ON COLUMN ra_price_history.race_id IS 'Race';
COMMENT ON COLUMN ra_price_history.horse_id IS 'Horse';
COMMENT ON COLUMN ra_price_history.bookmaker_id IS 'Bookmaker';
COMMENT ON COLUMN ra_price_history.changed_at IS 'Since when the price was on offer (UTC)';
COMMENT ON COLUMN ra_price_history.fractional_odds IS 'Fractional odds';
COMMENT ON COLUMN ra_price_history.decimal_odds IS 'Decimal odds, stake included';
COMMENT ON COLUMN ra_price_history.price_status IS 'priced, sp or none';

COMMENT ON TABLE ra_runner_changes IS 'One row per change of a runner on its card.';
COMMENT ON COLUMN ra_runner_changes.race_id IS 'Race';
COMMENT ON COLUMN ra_runner_changes.horse_id IS 'Horse';
COMMENT ON COLUMN ra_runner_changes.race_date IS 'Race date';
COMMENT ON COLUMN ra_runner_changes.what IS 'declared (added to the card), non-runner, reinstated, removed (left the card), jockey, weight, draw, headgear or number';
COMMENT ON COLUMN ra_runner_changes.old_value IS 'What the card said before';
COMMENT ON COLUMN ra_runner_changes.new_value IS 'What it says now';
COMMENT ON COLUMN ra_runner_changes.seen_before IS 'The last response that had the old value (UTC): it changed after that';
COMMENT ON COLUMN ra_runner_changes.seen_at IS 'The first response that has the new value (UTC): it changed before that';

COMMENT ON TABLE ra_race_changes IS 'One row per change of a race: on its card, and of its result.';
COMMENT ON COLUMN ra_race_changes.race_id IS 'Race';
COMMENT ON COLUMN ra_race_changes.race_date IS 'Race date';
COMMENT ON COLUMN ra_race_changes.what IS 'off time, going, prize, abandoned, status, or result: the first three, first without an old value, then whenever it is corrected';
COMMENT ON COLUMN ra_race_changes.old_value IS 'What was said before';
COMMENT ON COLUMN ra_race_changes.new_value IS 'What is said now';
COMMENT ON COLUMN ra_race_changes.seen_before IS 'The last response that had the old value (UTC): it changed after that';
COMMENT ON COLUMN ra_race_changes.seen_at IS 'The first response that has the new value (UTC): it changed before that';

COMMENT ON TABLE ra_price_changes IS 'One row per price that a bookmaker has offered for a runner, from when to when.';
COMMENT ON COLUMN ra_price_changes.race_id IS 'Race';
COMMENT ON COLUMN ra_price_changes.horse_id IS 'Horse';
COMMENT ON COLUMN ra_price_changes.bookmaker_id IS 'Bookmaker';
COMMENT ON COLUMN ra_price_changes.race_date IS 'Race date';
COMMENT ON COLUMN ra_price_changes.valid_from IS 'The earliest moment at which it is known to have been on offer (UTC)';
COMMENT ON COLUMN ra_price_changes.valid_to IS 'When the next price took its place; NULL for the last';
COMMENT ON COLUMN ra_price_changes.fractional_odds IS 'Fractional odds';
COMMENT ON COLUMN ra_price_changes.decimal_odds IS 'Decimal odds, stake included';
COMMENT ON COLUMN ra_price_changes.price_status IS 'priced, sp or none';
COMMENT ON COLUMN ra_price_changes.ew_places IS 'Each-way places paid';
COMMENT ON COLUMN ra_price_changes.ew_denom IS 'Each-way fraction denominator (5 = one fifth)';
COMMENT ON COLUMN ra_price_changes.seen_at IS 'The response that first had it (UTC)';
COMMENT ON COLUMN ra_price_changes.origin IS 'cards (seen on successive racecards) or history (from the vendor''s price history)';

COMMENT ON TABLE ra_coverage IS 'One row per dated endpoint and day: what the API has, what is loaded, what is missing.';
COMMENT ON COLUMN ra_coverage.endpoint IS 'racecards or results';
COMMENT ON COLUMN ra_coverage.date IS 'The UK day requested';
COMMENT ON COLUMN ra_coverage.status IS 'complete; open (the day was not over yet); partial; failed; beyond_plan (older than the plan reaches); not_in_plan (of an endpoint that the plan does not include)';
COMMENT ON COLUMN ra_coverage.total IS 'Races the API says it has';
COMMENT ON COLUMN ra_coverage.received IS 'Races the API sent';
COMMENT ON COLUMN ra_coverage.loaded IS 'Races of the configured regions loaded';
COMMENT ON COLUMN ra_coverage.reason IS 'Why the day is not complete';
COMMENT ON COLUMN ra_coverage.loaded_at IS 'When the day was requested (UTC)';

COMMENT ON TABLE ra_issues IS 'One row per value or row that could not be stored where it belongs.';
COMMENT ON COLUMN ra_issues.endpoint IS 'Endpoint that sent the value';
COMMENT ON COLUMN ra_issues.table_name IS 'Table it belongs to';
COMMENT ON COLUMN ra_issues.row_key IS 'Key of the row, its parts joined by a slash; a digest of the row if it has no key';
COMMENT ON COLUMN ra_issues.field IS 'Field of the response; empty for a whole row';
COMMENT ON COLUMN ra_issues.problem IS 'What is wrong with it';
COMMENT ON COLUMN ra_issues.raw_value IS 'The value, or the whole row, as sent (JSON)';
COMMENT ON COLUMN ra_issues.date IS 'Day whose response held it';

COMMENT ON TABLE ra_runs IS 'One row per run that opened this database: when, how it ended, and its report.';
COMMENT ON COLUMN ra_runs.run_id IS 'Name of its report, without .json';
COMMENT ON COLUMN ra_runs.mode IS 'backfill, daily, manual or rebuild';
COMMENT ON COLUMN ra_runs.is_test IS 'Whether it read a sample only';
COMMENT ON COLUMN ra_runs.started_at IS 'When it began (UTC)';
COMMENT ON COLUMN ra_runs.finished_at IS 'When it ended (UTC)';
COMMENT ON COLUMN ra_runs.exit_code IS '0 complete, 1 incomplete, 130 or 143 stopped';
COMMENT ON COLUMN ra_runs.calls IS 'Calls made to the API';
COMMENT ON COLUMN ra_runs.missing IS 'What is missing, a line for each reason';
COMMENT ON COLUMN ra_runs.report IS 'The report as written to the folder (JSON)';

COMMENT ON TABLE ra_rebuilds IS 'One row per `pipeline rebuild` that has deleted rows and not made all of them again yet.';
COMMENT ON COLUMN ra_rebuilds.scope IS 'What it makes again, in words';
COMMENT ON COLUMN ra_rebuilds.table_names IS 'Its tables; empty for all of them';
COMMENT ON COLUMN ra_rebuilds.first_day IS 'Its first day; empty for all of them';
COMMENT ON COLUMN ra_rebuilds.begun_at IS 'When it began (UTC)';
COMMENT ON COLUMN ra_rebuilds.attempts IS 'Runs that have begun to finish it';
COMMENT ON COLUMN ra_rebuilds.profiles IS 'Horses that had a profile before it';

COMMENT ON TABLE ra_access IS 'One row per endpoint: whether your plan at the vendor includes it.';
COMMENT ON COLUMN ra_access.path IS 'Path of the endpoint, or results add-on';
COMMENT ON COLUMN ra_access.is_included IS 'Whether the key includes it';
COMMENT ON COLUMN ra_access.plan IS 'The lowest plan that includes it';
COMMENT ON COLUMN ra_access.said IS 'What the API says where it refuses it';
COMMENT ON COLUMN ra_access.checked_at IS 'When that was found out';
COMMENT ON COLUMN ra_access.included_since IS 'When it was first found to be included after it was not';

COMMENT ON TABLE ra_wanted IS 'One row per dated endpoint: since which day it is kept complete.';
COMMENT ON COLUMN ra_wanted.endpoint IS 'racecards or results';
COMMENT ON COLUMN ra_wanted.first_day IS 'The first day that daily runs keep complete, as a backfill, a daily run or --keep has declared; empty where days were only loaded once';
COMMENT ON COLUMN ra_wanted.declared_at IS 'When that was declared';

COMMENT ON TABLE ra_last_seen IS 'One row per fact of a race or runner that changes are compared with.';
COMMENT ON COLUMN ra_last_seen.race_id IS 'Race';
COMMENT ON COLUMN ra_last_seen.horse_id IS 'Horse; empty for a fact of the race';
COMMENT ON COLUMN ra_last_seen.fact IS 'Which fact';
COMMENT ON COLUMN ra_last_seen.race_date IS 'Race date';
COMMENT ON COLUMN ra_last_seen.value IS 'What the last response said that had it';

COMMENT ON TABLE ra_last_responses IS 'One row per dated endpoint and day: the last response that changes were looked for in.';
COMMENT ON COLUMN ra_last_responses.endpoint IS 'racecards or results';
COMMENT ON COLUMN ra_last_responses.date IS 'The UK day requested';
COMMENT ON COLUMN ra_last_responses.seen_at IS 'When it was requested (UTC)';

COMMENT ON TABLE ra_loaded_responses IS 'One row per request whose response is loaded without an issue: what it was.';
COMMENT ON COLUMN ra_loaded_responses.endpoint IS 'courses, racecards or results';
COMMENT ON COLUMN ra_loaded_responses.about IS 'The UK day requested, or the regions';
COMMENT ON COLUMN ra_loaded_responses.digest IS 'SHA-256 of the response, and of the code that reads it: a daily run loads no response again whose digest this is';
