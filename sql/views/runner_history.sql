-- One row per run of a horse: what was known before the race, then the outcome.
--
-- Before: races of the same horse with an earlier off time. Records (course, distance, going) count runs
-- under the same code, flat or jumps; distances are compared to half a furlong.
CREATE VIEW runner_history AS
SELECT
    race_id,
    horse_id,
    horse_name,
    race_date,
    off_dt,
    course_id,
    course_name,
    race_type,
    code,
    race_class,
    is_handicap,
    going,
    distance_f,
    trainer_id,
    jockey_id,
    official_rating,
    count(*) OVER career AS runs_before,
    count(*) FILTER (WHERE is_winner) OVER career AS wins_before,
    count(*) FILTER (WHERE is_placed) OVER career AS places_before,
    CAST(
        100.0 * count(*) FILTER (WHERE is_winner) OVER career / nullif(count(*) OVER career, 0)
        AS decimal(5, 1)
    ) AS strike_rate_before,
    -- The card knows runs that are not loaded: abroad, or before the first day that is.
    least(race_date - lag(race_date) OVER in_order, last_run_days, last_run_days_other_code) AS days_off,
    lag(race_id) OVER in_order AS last_race_id,
    lag(position) OVER in_order AS last_position,
    lag(finish_status) OVER in_order AS last_finish_status,
    lag(race_class) OVER in_order AS last_race_class,
    CAST(lag(distance_f) OVER in_order AS decimal(5, 1)) AS last_distance_f,
    lag(official_rating) OVER in_order AS last_official_rating,
    CASE
        WHEN lag(race_type) OVER in_order = race_type AND lag(region) OVER in_order = region
            THEN official_rating - lag(official_rating) OVER in_order
    END AS rating_move,
    -- An unknown code, distance or going equals no other.
    count(code) OVER same_course AS course_runs_before,
    count(code) FILTER (WHERE is_winner) OVER same_course AS course_wins_before,
    count(distance_f) FILTER (WHERE code IS NOT NULL) OVER same_distance AS distance_runs_before,
    count(distance_f) FILTER (WHERE is_winner AND code IS NOT NULL) OVER same_distance AS distance_wins_before,
    count(distance_f) FILTER (WHERE code IS NOT NULL) OVER same_course_and_distance AS course_distance_runs_before,
    count(distance_f) FILTER (WHERE is_winner AND code IS NOT NULL) OVER same_course_and_distance
        AS course_distance_wins_before,
    count(going) FILTER (WHERE code IS NOT NULL) OVER same_going AS going_runs_before,
    count(going) FILTER (WHERE is_winner AND code IS NOT NULL) OVER same_going AS going_wins_before,
    starters,
    position,
    finish_status,
    is_winner,
    is_placed,
    starting_price_decimal,
    profit
FROM (
    SELECT runs.*, card.last_run_days, card.last_run_days_other_code
    FROM runs
    LEFT JOIN ra_runners AS card ON card.race_id = runs.race_id AND card.horse_id = runs.horse_id
) AS ran
WINDOW
    in_order AS (PARTITION BY horse_id ORDER BY race_date, off_dt, race_id),
    career AS (
        PARTITION BY horse_id ORDER BY race_date, off_dt, race_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ),
    same_course AS (
        PARTITION BY horse_id, code, course_id ORDER BY race_date, off_dt, race_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ),
    same_distance AS (
        PARTITION BY horse_id, code, distance_f ORDER BY race_date, off_dt, race_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ),
    same_course_and_distance AS (
        PARTITION BY horse_id, code, course_id, distance_f ORDER BY race_date, off_dt, race_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ),
    same_going AS (
        PARTITION BY horse_id, code, going ORDER BY race_date, off_dt, race_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    );

COMMENT ON VIEW runner_history IS 'One row per run of a horse: what was known before the race (only from races with an earlier off time), then the outcome.';
COMMENT ON COLUMN runner_history.race_id IS 'Race';
COMMENT ON COLUMN runner_history.horse_id IS 'Horse';
COMMENT ON COLUMN runner_history.horse_name IS 'Name of the horse';
COMMENT ON COLUMN runner_history.race_date IS 'UK day of the race';
COMMENT ON COLUMN runner_history.off_dt IS 'Off time with time zone';
COMMENT ON COLUMN runner_history.course_id IS 'Course';
COMMENT ON COLUMN runner_history.course_name IS 'Name of the course';
COMMENT ON COLUMN runner_history.race_type IS 'Flat, Hurdle, Chase or NH Flat';
COMMENT ON COLUMN runner_history.code IS 'Flat, or Jumps for Hurdle, Chase and NH Flat; NULL if the type is unknown';
COMMENT ON COLUMN runner_history.race_class IS 'British class; NULL for Irish races';
COMMENT ON COLUMN runner_history.is_handicap IS 'Handicap, according to the race title';
COMMENT ON COLUMN runner_history.going IS 'Official going';
COMMENT ON COLUMN runner_history.distance_f IS 'Distance in furlongs, rounded to half a furlong';
COMMENT ON COLUMN runner_history.trainer_id IS 'Trainer on the day';
COMMENT ON COLUMN runner_history.jockey_id IS 'Jockey who rode';
COMMENT ON COLUMN runner_history.official_rating IS 'Official rating the horse runs off';
COMMENT ON COLUMN runner_history.runs_before IS 'Loaded runs before this race';
COMMENT ON COLUMN runner_history.wins_before IS 'Wins in those';
COMMENT ON COLUMN runner_history.places_before IS 'Places by the usual each-way terms in those';
COMMENT ON COLUMN runner_history.strike_rate_before IS 'Wins as a percentage of the loaded runs before this race; NULL without one';
COMMENT ON COLUMN runner_history.days_off IS 'Days since the last run, flat or jumps: of the loaded runs or, if it knows a later one, of the card; NULL if neither knows one';
COMMENT ON COLUMN runner_history.last_race_id IS 'Race of the last loaded run';
COMMENT ON COLUMN runner_history.last_position IS 'Position in the last loaded run; NULL if the horse did not finish';
COMMENT ON COLUMN runner_history.last_finish_status IS 'How the last loaded run ended: finished, fell, pulled up and so on';
COMMENT ON COLUMN runner_history.last_race_class IS 'Class of the last loaded run';
COMMENT ON COLUMN runner_history.last_distance_f IS 'Distance of the last loaded run in furlongs';
COMMENT ON COLUMN runner_history.last_official_rating IS 'Official rating the horse ran off in the last loaded run';
COMMENT ON COLUMN runner_history.rating_move IS 'Change of the official rating in pounds since the last loaded run; NULL if that was in another country or a race of another type: their ratings are on different scales';
COMMENT ON COLUMN runner_history.course_runs_before IS 'Loaded runs at this course, under this code, before';
COMMENT ON COLUMN runner_history.course_wins_before IS 'Wins in those';
COMMENT ON COLUMN runner_history.distance_runs_before IS 'Loaded runs over this distance, under this code, before';
COMMENT ON COLUMN runner_history.distance_wins_before IS 'Wins in those';
COMMENT ON COLUMN runner_history.course_distance_runs_before IS 'Loaded runs over this distance at this course, under this code, before';
COMMENT ON COLUMN runner_history.course_distance_wins_before IS 'Wins in those';
COMMENT ON COLUMN runner_history.going_runs_before IS 'Loaded runs on this going, under this code, before';
COMMENT ON COLUMN runner_history.going_wins_before IS 'Wins in those';
COMMENT ON COLUMN runner_history.starters IS 'Outcome: horses that ran';
COMMENT ON COLUMN runner_history.position IS 'Outcome: finishing position; NULL if the horse did not finish';
COMMENT ON COLUMN runner_history.finish_status IS 'Outcome: finished, or why the horse did not finish';
COMMENT ON COLUMN runner_history.is_winner IS 'Outcome: won, or shared a dead heat';
COMMENT ON COLUMN runner_history.is_placed IS 'Outcome: placed by each-way terms';
COMMENT ON COLUMN runner_history.starting_price_decimal IS 'Outcome: starting price as decimal odds';
COMMENT ON COLUMN runner_history.profit IS 'Outcome: profit of staking one unit at starting price';
