-- Run before the first load, and safe to run before every one: defaults for columns that not every
-- source of a row has.

-- A card has no results, and a result is not a profile.
ALTER TABLE ra_races ALTER COLUMN has_result SET DEFAULT false;
ALTER TABLE ra_mst_horses ALTER COLUMN enrichment_status SET DEFAULT 'pending';

-- A horse is expected to run until sql/after_load.sql decides otherwise, which may be NULL. Before the
-- card's own mark had a column, horses without a number were those marked on a card.
ALTER TABLE ra_runners ALTER COLUMN is_scratched SET DEFAULT false;
ALTER TABLE ra_runners ALTER COLUMN is_scratched DROP NOT NULL;
UPDATE ra_runners SET is_non_runner_on_card = true
WHERE is_non_runner_on_card IS NULL AND is_scratched AND number IS NULL AND finish_status IS NULL;

-- updated_at.sql or triggers.sql set the exact time. A constant, because after a crash DuckDB cannot
-- replay its log if a default is a function.
ALTER TABLE ra_mst_courses ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_mst_bookmakers ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_mst_jockeys ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_mst_trainers ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_mst_owners ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_races ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
ALTER TABLE ra_runners ALTER COLUMN updated_at SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00';
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
