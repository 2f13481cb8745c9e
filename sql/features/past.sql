-- Past runs as features count them, in whole numbers that can be added up in any order.
--
-- Those of the year before the first day, and of horses that run from then on all that are loaded. What a run,
-- a win, a place, an expected win, a profit and a beaten rival is, the view runs defines. Shares are in
-- thousand millionths, percentages and profits in ten-thousandths.
CREATE TEMPORARY TABLE feature_past AS
SELECT
    runs.race_id,
    runs.horse_id,
    runs.race_date - DATE '2000-01-01' AS day,
    runs.off_dt,
    runs.course_id,
    runs.region,
    runs.code,
    runs.surface,
    runs.distance_f,
    bands.band,
    goings.going,
    CAST(nullif(regexp_replace(runs.race_class, '[^0-9]', '', 'g'), '') AS integer) AS class,
    runs.jockey_id,
    runs.trainer_id,
    runs.owner_id,
    runs.sire_id,
    runs.damsire_id,
    CAST(runs.official_rating AS integer) AS official_rating,
    CAST(runs.rpr AS integer) AS rpr,
    CAST(runs.weight AS integer) AS weight,
    CAST(runs.position AS integer) AS position,
    CAST(runs.starters AS integer) AS starters,
    runs.overall_beaten_distance AS lengths,
    runs.starting_price_decimal AS price,
    CASE WHEN runs.favourite_flag <> '' THEN 1 ELSE 0 END AS favourite,
    CASE WHEN runs.headgear <> '' THEN 1 ELSE 0 END AS headgear,
    CASE WHEN runs.position IS NOT NULL THEN 1 ELSE 0 END AS finished,
    CASE WHEN runs.is_winner THEN 1 ELSE 0 END AS wins,
    CASE WHEN runs.is_placed THEN 1 ELSE 0 END AS places,
    CAST(round(10000 * CAST(runs.rivals_beaten AS double precision)) AS integer) AS beaten,
    CASE WHEN runs.rivals_beaten IS NOT NULL THEN 1 END AS rivals,
    CAST(round(1000000000 * CAST(runs.win_share AS double precision)) AS bigint) AS share,
    CASE WHEN runs.expected_wins IS NOT NULL THEN CAST(round(1000000000 * CAST(runs.win_share AS double precision)) AS bigint) END AS won,
    CAST(round(1000000000 / CAST(runs.starters AS double precision)) AS bigint) AS chance,
    CAST(round(1000000000 * CAST(runs.expected_wins AS double precision)) AS bigint) AS expected,
    CAST(round(10000 * CAST(runs.profit AS double precision)) AS bigint) AS profit,
    CAST(round(10000 * CAST(runs.profit_bsp AS double precision)) AS bigint) AS profit_bsp,
    CASE
        WHEN said.comment LIKE 'led%' OR said.comment LIKE 'made all%' OR said.comment LIKE 'made most%'
            OR said.comment LIKE 'made virtually all%' THEN 4
        WHEN said.comment LIKE 'prominent%' OR said.comment LIKE 'tracked%' OR said.comment LIKE 'chased%'
            OR said.comment LIKE 'pressed%' OR said.comment LIKE 'with leader%'
            OR said.comment LIKE 'disputed%' OR said.comment LIKE 'close up%' THEN 3
        WHEN said.comment LIKE 'in touch%' OR said.comment LIKE 'midfield%' OR said.comment LIKE 'mid-division%' THEN 2
        WHEN said.comment LIKE 'held up%' OR said.comment LIKE 'towards rear%' OR said.comment LIKE 'in rear%'
            OR said.comment LIKE 'behind%' OR said.comment LIKE 'slowly%' OR said.comment LIKE 'dwelt%' THEN 1
    END AS pace,
    CASE
        WHEN runs.race_type <> 'Flat' OR runs.draw_position IS NULL THEN NULL
        WHEN 3 * runs.draw_position < 1 THEN 1
        WHEN 3 * runs.draw_position < 2 THEN 2
        ELSE 3
    END AS third,
    row_number() OVER (
        PARTITION BY runs.horse_id, runs.race_date ORDER BY runs.off_dt DESC NULLS LAST, runs.race_id DESC
    ) AS back_on_day,
    row_number() OVER (
        PARTITION BY runs.horse_id, runs.race_date, runs.code, runs.region
        ORDER BY runs.off_dt DESC NULLS LAST, runs.race_id DESC
    ) AS back_on_day_alike
FROM (
    SELECT * FROM runs WHERE race_date BETWEEN DATE '{since}' AND DATE '{today}'
    UNION ALL
    SELECT * FROM runs
    WHERE race_date < DATE '{since}' AND horse_id IN (
        SELECT horse_id FROM ra_runners WHERE race_date BETWEEN DATE '{first}' AND DATE '{today}'
    )
) AS runs
LEFT JOIN (
    SELECT race_id, horse_id, replace(lower(race_comment), 'taken down early - ', '') AS comment
    FROM ra_race_results
) AS said ON said.race_id = runs.race_id AND said.horse_id = runs.horse_id
LEFT JOIN feature_goings AS goings ON goings.word = lower(runs.going)
LEFT JOIN feature_bands AS bands
    ON bands.code = runs.code AND runs.distance_f >= bands.at_least AND runs.distance_f < bands.below;
