-- A horse's last runs before a day, of that day's features. Of two runs on one day the later one counts.
CREATE TEMPORARY TABLE feature_last AS
SELECT * FROM (
    SELECT
        horse_id,
        day,
        wanted,
        lag(day) OVER runs AS day_1,
        lag(day, 2) OVER runs AS day_2,
        lag(position) OVER runs AS position_1,
        lag(position, 2) OVER runs AS position_2,
        lag(position, 3) OVER runs AS position_3,
        lag(starters) OVER runs AS starters_1,
        lag(beaten) OVER runs AS beaten_1,
        lag(beaten, 2) OVER runs AS beaten_2,
        lag(beaten, 3) OVER runs AS beaten_3,
        lag(lengths) OVER runs AS lengths_1,
        lag(lengths, 2) OVER runs AS lengths_2,
        lag(price) OVER runs AS price_1,
        lag(price, 2) OVER runs AS price_2,
        lag(wins) OVER runs AS wins_1,
        lag(favourite) OVER runs AS favourite_1,
        lag(finished) OVER runs AS finished_1,
        lag(headgear) OVER runs AS headgear_1,
        lag(pace) OVER runs AS pace_1,
        lag(going) OVER runs AS going_1,
        lag(class) OVER runs AS class_1,
        lag(distance_f) OVER runs AS distance_f_1,
        lag(course_id) OVER runs AS course_id_1,
        lag(code) OVER runs AS code_1,
        lag(jockey_id) OVER runs AS jockey_id_1,
        lag(trainer_id) OVER runs AS trainer_id_1,
        lag(owner_id) OVER runs AS owner_id_1
    FROM (
        SELECT
            coalesce(target.horse_id, past.horse_id) AS horse_id,
            coalesce(target.day, past.day) AS day,
            target.day IS NOT NULL AS wanted,
            past.position, past.starters, past.beaten, past.lengths, past.price, past.wins,
            past.favourite, past.finished, past.headgear, past.pace, past.going, past.class,
            past.distance_f, past.course_id, past.code, past.jockey_id, past.trainer_id, past.owner_id
        FROM (SELECT * FROM feature_past WHERE back_on_day = 1) AS past
        FULL JOIN (SELECT DISTINCT horse_id, day FROM feature_target WHERE has_run OR is_of_today) AS target
            ON target.horse_id = past.horse_id AND target.day = past.day
    ) AS days
    WINDOW runs AS (PARTITION BY horse_id ORDER BY day)
) AS lasts
WHERE wanted;

-- The same under the code and in the country of the race: only there are ratings and weights comparable.
CREATE TEMPORARY TABLE feature_same AS
SELECT * FROM (
    SELECT
        horse_id,
        code,
        region,
        day,
        wanted,
        lag(day) OVER runs AS day_1,
        lag(official_rating) OVER runs AS official_rating_1,
        lag(official_rating, 2) OVER runs AS official_rating_2,
        lag(official_rating, 3) OVER runs AS official_rating_3,
        lag(weight) OVER runs AS weight_1,
        -- The newest day has the highest number; a rating has three digits.
        mod(
            max(CASE WHEN wins = 1 THEN 1000 * day + official_rating END)
                OVER (PARTITION BY horse_id, code, region ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
            1000
        ) AS or_of_last_win
    FROM (
        SELECT
            coalesce(target.horse_id, past.horse_id) AS horse_id,
            coalesce(target.code, past.code) AS code,
            coalesce(target.region, past.region) AS region,
            coalesce(target.day, past.day) AS day,
            target.day IS NOT NULL AS wanted,
            past.official_rating, past.weight, past.wins
        FROM (
            SELECT * FROM feature_past WHERE back_on_day_alike = 1 AND code IS NOT NULL AND region IS NOT NULL
        ) AS past
        FULL JOIN (
            SELECT DISTINCT horse_id, code, region, day FROM feature_target
            WHERE (has_run OR is_of_today) AND code IS NOT NULL AND region IS NOT NULL
        ) AS target
            ON target.horse_id = past.horse_id AND target.day = past.day
            AND target.code = past.code AND target.region = past.region
    ) AS days
    WINDOW runs AS (PARTITION BY horse_id, code, region ORDER BY day)
) AS lasts
WHERE wanted;
