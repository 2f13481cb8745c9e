-- Written by `make docs` from the declarations of the tables: change them there.
-- Primary and foreign keys in the catalogue of Postgres, so that tools can draw joins. The index of
-- a key becomes that of the primary key. Foreign keys are not enforced (since Postgres 18): tables
-- are loaded one after the other, and a row may refer to data that no plan includes.
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
    'ra_coverage',
    'ra_issues',
    'ra_runs',
    'ra_rebuilds',
    'ra_access',
    'ra_wanted'
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
    ('ra_result_races', 'course_id', 'ra_mst_courses')
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
