-- The runners that features are wanted of, with what is said of them before the off.
--
-- Of a race with a card everything is the card's, even where the card is blank and the result is not: nobody
-- knew more before the off. A race without a card has what its result says. The field is whom the card declares:
-- no horse that it marks as a non-runner, and no reserve. Who really ran is known only later, and says nothing
-- here of anybody else.
CREATE TEMPORARY TABLE feature_target AS
SELECT
    fields.*,
    CASE WHEN stall_of_field IS NOT NULL AND drawn = declared THEN (place - 0.5) / drawn END AS draw_place,
    CASE
        WHEN stall_of_field IS NULL OR drawn < declared THEN NULL
        WHEN 3 * (place - 0.5) < drawn THEN 1
        WHEN 3 * (place - 0.5) < 2 * drawn THEN 2
        ELSE 3
    END AS third,
    CASE
        WHEN field_size >= 16 AND is_handicap THEN 4
        WHEN field_size >= 8 THEN 3
        WHEN field_size >= 5 THEN 2
        WHEN field_size > 0 THEN 1
    END AS places_paid,
    CASE WHEN trainer_id IS NOT NULL THEN of_yard - CASE WHEN is_declared THEN 1 ELSE 0 END END AS stablemates
FROM (
    SELECT
        runners.*,
        row_number() OVER (
            PARTITION BY race_id, stall_of_field IS NULL ORDER BY stall_of_field, horse_id
        ) AS place,
        count(stall_of_field) OVER race AS drawn,
        count(*) FILTER (WHERE is_declared) OVER race AS declared,
        count(*) FILTER (WHERE is_declared) OVER (PARTITION BY race_id, trainer_id) AS of_yard
    FROM (
        SELECT
            listed.*,
            CASE WHEN listed.is_declared THEN listed.stall END AS stall_of_field,
            bands.band,
            goings.going
        FROM (
            SELECT
                runners.race_id, runners.horse_id, runners.race_date,
                runners.race_date - DATE '2000-01-01' AS day,
                races.off_dt, races.course_id, nullif(races.region, '') AS region, races.race_type,
                CASE
                    WHEN races.race_type = 'Flat' THEN 'Flat'
                    WHEN races.race_type IN ('Hurdle', 'Chase', 'NH Flat') THEN 'Jumps'
                END AS code,
                CAST(nullif(regexp_replace(races.race_class, '[^0-9]', '', 'g'), '') AS integer) AS class,
                races.race_name ILIKE '%handicap%' AS is_handicap,
                races.pattern, races.is_big_race, races.surface, races.distance_f, races.distance_y,
                lower(races.going) AS going_word, races.prize_money, races.field_size,
                runners.trainer_id, runners.jockey_id, runners.owner_id, runners.sire_id, runners.damsire_id,
                CASE WHEN races.race_type = 'Flat' THEN runners.draw END AS stall,
                runners.age, runners.sex_code, runners.weight, runners.jockey_claim_lbs, runners.headgear,
                runners.headgear_run, runners.wind_surgery_run, runners.last_run_days,
                least(runners.last_run_days, runners.last_run_days_other_code) AS days_on_card,
                runners.official_rating, runners.rpr, runners.ts, runners.trainer_rtf,
                runners.trainer_14_days_percent, runners.is_reserve,
                NOT runners.is_reserve AND runners.is_non_runner_on_card IS NOT true
                    AND runners.is_on_card = races.is_on_card AS is_declared,
                ran.race_id IS NOT NULL AS has_run,
                runners.race_date = (SELECT max(date) FROM ra_races WHERE date <= DATE '{today}')
                    AND concluded.is_scratched IS NOT true
                    AND races.is_abandoned IS NOT true AS is_of_today
            FROM (
                SELECT race_id, horse_id, race_date, trainer_id, jockey_id, owner_id, sire_id, damsire_id, draw, age,
                    sex_code, weight, jockey_claim_lbs, headgear, headgear_run, wind_surgery_run,
                    last_run_days, last_run_days_other_code, official_rating, rpr, ts, trainer_rtf,
                    trainer_14_days_percent, is_reserve, is_non_runner_on_card, true AS is_on_card
                FROM ra_card_runners WHERE race_date BETWEEN DATE '{first}' AND DATE '{today}'
                UNION ALL
                SELECT race_id, horse_id, race_date, trainer_id, jockey_id, owner_id, sire_id, damsire_id, draw, age,
                    sex_code, weight, jockey_claim_lbs, headgear, headgear_run, wind_surgery_run,
                    last_run_days, last_run_days_other_code, official_rating, rpr, ts, trainer_rtf,
                    trainer_14_days_percent, is_reserve, is_non_runner_on_card, false
                FROM ra_runners WHERE race_date BETWEEN DATE '{first}' AND DATE '{today}' AND NOT EXISTS (
                    SELECT 1 FROM ra_card_runners AS card
                    WHERE card.race_id = ra_runners.race_id AND card.horse_id = ra_runners.horse_id
                )
            ) AS runners
            JOIN (
                SELECT id, off_dt, course_id, region, race_name, race_type, race_class, pattern, is_big_race, surface,
                    distance_f, distance_y, going, prize_money, field_size, is_abandoned, true AS is_on_card
                FROM ra_card_races WHERE date BETWEEN DATE '{first}' AND DATE '{today}'
                UNION ALL
                SELECT id, off_dt, course_id, region, race_name, race_type, race_class, pattern, is_big_race, surface,
                    distance_f, distance_y, going, prize_money, field_size, is_abandoned, false
                FROM ra_races WHERE date BETWEEN DATE '{first}' AND DATE '{today}'
                    AND NOT EXISTS (SELECT 1 FROM ra_card_races AS card WHERE card.id = ra_races.id)
            ) AS races ON races.id = runners.race_id
            LEFT JOIN ra_runners AS concluded
                ON concluded.race_id = runners.race_id AND concluded.horse_id = runners.horse_id
            LEFT JOIN feature_past AS ran ON ran.race_id = runners.race_id AND ran.horse_id = runners.horse_id
        ) AS listed
        LEFT JOIN feature_goings AS goings ON goings.word = listed.going_word
        LEFT JOIN feature_bands AS bands
            ON bands.code = listed.code AND listed.distance_f >= bands.at_least
            AND listed.distance_f < bands.below
        WHERE listed.is_declared OR listed.has_run OR listed.is_of_today
    ) AS runners
    WINDOW race AS (PARTITION BY race_id)
) AS fields;
