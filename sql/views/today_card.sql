-- One row per runner on the latest UK day, up to today, that has cards: what is known before its first race.
--
-- Every figure about the past uses earlier UK days only. Records (course, distance, going) count runs
-- under the same code, flat or jumps; distances are compared to half a furlong.
CREATE VIEW today_card AS
WITH card AS (
    SELECT
        runners.race_id, runners.horse_id, runners.race_date, races.off_dt, races.time,
        races.course_id, races.course_name, races.region, races.race_name, races.race_type,
        CASE
            WHEN races.race_type = 'Flat' THEN 'Flat'
            WHEN races.race_type IN ('Hurdle', 'Chase', 'NH Flat') THEN 'Jumps'
        END AS code,
        races.race_class, races.pattern,
        races.race_name ILIKE '%handicap%' AS is_handicap,
        races.surface, races.going, races.distance_f, races.field_size,
        runners.number, runners.draw, runners.horse_name, runners.age, runners.sex_code,
        runners.weight, runners.jockey_id, runners.jockey_name, runners.jockey_claim_lbs,
        runners.trainer_id, runners.trainer_name, runners.owner_id, runners.owner_name,
        runners.sire_id, runners.dam_id, runners.damsire_id, runners.form,
        runners.past_results_flags,
        runners.official_rating, runners.rpr, runners.ts, runners.performance_rating,
        runners.speed_rating, runners.headgear,
        runners.headgear_run, runners.wind_surgery_run, runners.is_reserve,
        runners.last_run_days, runners.last_run_days_other_code,
        runners.is_scratched, coalesce(races.is_abandoned, false) AS is_abandoned
    FROM ra_runners AS runners
    JOIN ra_races AS races ON races.id = runners.race_id
    WHERE runners.race_date = (
        SELECT max(date) FROM ra_races
        WHERE date <= CAST(now() AT TIME ZONE 'Europe/London' AS date)
    )
),
past AS (
    SELECT
        race_id,
        horse_id,
        count(*) AS runs,
        count(*) FILTER (WHERE is_winner) AS wins,
        count(*) FILTER (WHERE is_placed) AS places,
        count(*) FILTER (WHERE at_course) AS course_runs,
        count(*) FILTER (WHERE at_course AND is_winner) AS course_wins,
        count(*) FILTER (WHERE at_distance) AS distance_runs,
        count(*) FILTER (WHERE at_distance AND is_winner) AS distance_wins,
        count(*) FILTER (WHERE at_course AND at_distance AND is_winner) AS course_distance_wins,
        count(*) FILTER (WHERE on_going) AS going_runs,
        count(*) FILTER (WHERE on_going AND is_winner) AS going_wins,
        max(race_date) AS last_run_date,
        max(course_name) FILTER (WHERE runs_ago = 1) AS last_course_name,
        max(region) FILTER (WHERE runs_ago = 1) AS last_region,
        max(race_type) FILTER (WHERE runs_ago = 1) AS last_race_type,
        max(race_class) FILTER (WHERE runs_ago = 1) AS last_race_class,
        CAST(max(distance_f) FILTER (WHERE runs_ago = 1) AS decimal(5, 1)) AS last_distance_f,
        max(position) FILTER (WHERE runs_ago = 1) AS last_position,
        max(finish_status) FILTER (WHERE runs_ago = 1) AS last_finish_status,
        max(official_rating) FILTER (WHERE runs_ago = 1) AS last_official_rating
    FROM (
        SELECT
            card.race_id,
            card.horse_id,
            runs.race_date,
            runs.course_name,
            runs.region,
            runs.race_type,
            runs.race_class,
            runs.distance_f,
            runs.position,
            runs.finish_status,
            runs.official_rating,
            runs.is_winner,
            runs.is_placed,
            runs.code = card.code AND runs.course_id = card.course_id AS at_course,
            runs.code = card.code AND runs.distance_f = card.distance_f AS at_distance,
            runs.code = card.code AND runs.going = card.going AS on_going,
            row_number() OVER (
                PARTITION BY card.race_id, card.horse_id
                ORDER BY runs.race_date DESC, runs.off_dt DESC, runs.race_id DESC
            ) AS runs_ago
        FROM card
        JOIN runs ON runs.horse_id = card.horse_id AND runs.race_date < card.race_date
    ) AS earlier
    GROUP BY race_id, horse_id
),
-- The rows of trainer_form_14d for that day; queried like this, it reads no other day.
yard AS (
    SELECT
        today.trainer_id,
        count(*) AS runs,
        count(*) FILTER (WHERE is_winner) AS wins
    FROM (SELECT DISTINCT trainer_id, race_date FROM card) AS today
    CROSS JOIN generate_series(1, 14) AS back (days)
    JOIN runs
        ON runs.trainer_id = today.trainer_id
        AND runs.race_date = today.race_date - CAST(back.days AS integer)
    GROUP BY today.trainer_id
),
-- The rows of jockey_form_14d for that day; queried like this, it reads no other day.
rider AS (
    SELECT
        today.jockey_id,
        count(*) AS runs,
        count(*) FILTER (WHERE is_winner) AS wins
    FROM (SELECT DISTINCT jockey_id, race_date FROM card) AS today
    CROSS JOIN generate_series(1, 14) AS back (days)
    JOIN runs
        ON runs.jockey_id = today.jockey_id
        AND runs.race_date = today.race_date - CAST(back.days AS integer)
    GROUP BY today.jockey_id
),
best AS (
    SELECT
        race_id,
        horse_id,
        CAST(max(decimal_odds) FILTER (WHERE type = 'fixed_odds') AS decimal(10, 2)) AS best_price,
        (array_agg(name ORDER BY decimal_odds DESC, name) FILTER (WHERE type = 'fixed_odds'))[1]
            AS best_bookmaker,
        CAST(max(decimal_odds) FILTER (WHERE type = 'exchange') AS decimal(10, 2))
            AS best_exchange_price,
        (array_agg(name ORDER BY decimal_odds DESC, name) FILTER (WHERE type = 'exchange'))[1]
            AS best_exchange,
        CAST(max(decimal_odds) FILTER (WHERE type = 'pool') AS decimal(10, 2)) AS best_pool_price,
        (array_agg(name ORDER BY decimal_odds DESC, name) FILTER (WHERE type = 'pool'))[1] AS best_pool
    FROM (
        SELECT card.race_id, card.horse_id, odds.decimal_odds, bookmakers.name, bookmakers.type
        FROM card
        JOIN ra_runner_odds AS odds
            ON odds.race_id = card.race_id AND odds.horse_id = card.horse_id
        JOIN ra_mst_bookmakers AS bookmakers ON bookmakers.id = odds.bookmaker_id
        -- No price can be had of a horse that does not run.
        WHERE odds.decimal_odds IS NOT NULL
            AND card.is_scratched IS NOT true AND NOT card.is_abandoned
    ) AS offers
    GROUP BY race_id, horse_id
)
SELECT
    card.race_id,
    card.horse_id,
    card.race_date,
    card.off_dt,
    card.time,
    card.course_id,
    card.course_name,
    card.region,
    card.race_name,
    card.race_type,
    card.race_class,
    card.pattern,
    card.is_handicap,
    card.surface,
    card.going,
    card.distance_f,
    card.field_size,
    card.number,
    card.draw,
    card.horse_name,
    card.age,
    card.sex_code,
    card.weight,
    card.jockey_id,
    card.jockey_name,
    card.jockey_claim_lbs,
    card.trainer_id,
    card.trainer_name,
    card.owner_id,
    card.owner_name,
    card.sire_id,
    card.dam_id,
    card.damsire_id,
    card.form,
    card.past_results_flags,
    card.official_rating,
    card.rpr,
    card.ts,
    card.performance_rating,
    card.speed_rating,
    coalesce(past.runs, 0) AS runs_before,
    coalesce(past.wins, 0) AS wins_before,
    coalesce(past.places, 0) AS places_before,
    past.last_run_date,
    -- The card knows runs that are not loaded: abroad, or before the first day that is.
    least(
        card.race_date - past.last_run_date, card.last_run_days, card.last_run_days_other_code
    ) AS days_off,
    past.last_position,
    past.last_finish_status,
    past.last_course_name,
    past.last_race_type,
    past.last_race_class,
    past.last_distance_f,
    past.last_official_rating,
    CASE
        WHEN past.last_race_type = card.race_type AND past.last_region = card.region
            THEN card.official_rating - past.last_official_rating
    END AS rating_move,
    coalesce(past.course_wins > 0, false) AS is_course_winner,
    coalesce(past.distance_wins > 0, false) AS is_distance_winner,
    coalesce(past.course_distance_wins > 0, false) AS is_course_and_distance_winner,
    coalesce(past.course_runs, 0) AS course_runs,
    coalesce(past.course_wins, 0) AS course_wins,
    coalesce(past.distance_runs, 0) AS distance_runs,
    coalesce(past.distance_wins, 0) AS distance_wins,
    coalesce(past.going_runs, 0) AS going_runs,
    coalesce(past.going_wins, 0) AS going_wins,
    coalesce(yard.runs, 0) AS trainer_runs_14d,
    coalesce(yard.wins, 0) AS trainer_wins_14d,
    CAST(100.0 * yard.wins / yard.runs AS decimal(5, 1)) AS trainer_strike_rate_14d,
    coalesce(rider.runs, 0) AS jockey_runs_14d,
    coalesce(rider.wins, 0) AS jockey_wins_14d,
    CAST(100.0 * rider.wins / rider.runs AS decimal(5, 1)) AS jockey_strike_rate_14d,
    best.best_price,
    best.best_bookmaker,
    best.best_exchange_price,
    best.best_exchange,
    best.best_pool_price,
    best.best_pool,
    card.headgear,
    card.headgear_run,
    coalesce(card.headgear_run = 1, false) AS is_first_time_headgear,
    card.wind_surgery_run,
    coalesce(card.wind_surgery_run = 1, false) AS is_first_run_since_wind_surgery,
    card.is_reserve,
    card.is_scratched AS is_non_runner,
    card.is_abandoned
FROM card
LEFT JOIN past ON past.race_id = card.race_id AND past.horse_id = card.horse_id
LEFT JOIN yard ON yard.trainer_id = card.trainer_id
LEFT JOIN rider ON rider.jockey_id = card.jockey_id
LEFT JOIN best ON best.race_id = card.race_id AND best.horse_id = card.horse_id;

COMMENT ON VIEW today_card IS 'One row per runner on the latest UK day, up to today, that has cards: what is known before its first race, from earlier days only.';
COMMENT ON COLUMN today_card.race_id IS 'Race';
COMMENT ON COLUMN today_card.horse_id IS 'Horse';
COMMENT ON COLUMN today_card.race_date IS 'UK day of the card';
COMMENT ON COLUMN today_card.off_dt IS 'Off time with time zone';
COMMENT ON COLUMN today_card.time IS 'Off time on the UK clock';
COMMENT ON COLUMN today_card.course_id IS 'Course';
COMMENT ON COLUMN today_card.course_name IS 'Name of the course';
COMMENT ON COLUMN today_card.region IS 'Region of the course';
COMMENT ON COLUMN today_card.race_name IS 'Race title';
COMMENT ON COLUMN today_card.race_type IS 'Flat, Hurdle, Chase or NH Flat';
COMMENT ON COLUMN today_card.race_class IS 'British class; NULL for Irish races';
COMMENT ON COLUMN today_card.pattern IS 'Pattern status';
COMMENT ON COLUMN today_card.is_handicap IS 'Handicap, according to the race title';
COMMENT ON COLUMN today_card.surface IS 'Turf or AW';
COMMENT ON COLUMN today_card.going IS 'Official going';
COMMENT ON COLUMN today_card.distance_f IS 'Distance in furlongs, rounded to half a furlong';
COMMENT ON COLUMN today_card.field_size IS 'Runners that the card expects, without non-runners, when it was last fetched; NULL before declarations. Once the race is run, runs.starters is how many ran';
COMMENT ON COLUMN today_card.number IS 'Saddle-cloth number';
COMMENT ON COLUMN today_card.draw IS 'Starting stall; flat races only';
COMMENT ON COLUMN today_card.horse_name IS 'Name of the horse';
COMMENT ON COLUMN today_card.age IS 'Age of the horse in years';
COMMENT ON COLUMN today_card.sex_code IS 'Sex of the horse';
COMMENT ON COLUMN today_card.weight IS 'Weight to carry, in pounds';
COMMENT ON COLUMN today_card.jockey_id IS 'Jockey';
COMMENT ON COLUMN today_card.jockey_name IS 'Name of the jockey';
COMMENT ON COLUMN today_card.jockey_claim_lbs IS 'Allowance of the jockey in pounds';
COMMENT ON COLUMN today_card.trainer_id IS 'Trainer';
COMMENT ON COLUMN today_card.trainer_name IS 'Name of the trainer';
COMMENT ON COLUMN today_card.owner_id IS 'Owner';
COMMENT ON COLUMN today_card.owner_name IS 'Name of the owner';
COMMENT ON COLUMN today_card.sire_id IS 'Sire of the horse';
COMMENT ON COLUMN today_card.dam_id IS 'Dam of the horse';
COMMENT ON COLUMN today_card.damsire_id IS 'Sire of the dam';
COMMENT ON COLUMN today_card.form IS 'Form figures as printed on the card, oldest first';
COMMENT ON COLUMN today_card.past_results_flags IS 'Letters on the card, for the whole career: C course winner, D distance winner, CD course and distance winner, BF beaten favourite';
COMMENT ON COLUMN today_card.official_rating IS 'Official rating to run off';
COMMENT ON COLUMN today_card.rpr IS 'Racing Post Rating before the race';
COMMENT ON COLUMN today_card.ts IS 'Topspeed figure before the race';
COMMENT ON COLUMN today_card.performance_rating IS 'Vendor performance rating before the race';
COMMENT ON COLUMN today_card.speed_rating IS 'Vendor speed rating before the race';
COMMENT ON COLUMN today_card.runs_before IS 'Loaded runs on earlier days';
COMMENT ON COLUMN today_card.wins_before IS 'Wins in loaded runs on earlier days';
COMMENT ON COLUMN today_card.places_before IS 'Places by the usual each-way terms in loaded runs on earlier days';
COMMENT ON COLUMN today_card.last_run_date IS 'UK day of the last loaded run';
COMMENT ON COLUMN today_card.days_off IS 'Days since the last run, flat or jumps: of the loaded runs or, if it knows a later one, of the card; NULL if neither knows one';
COMMENT ON COLUMN today_card.last_position IS 'Position in the last loaded run; NULL if the horse did not finish';
COMMENT ON COLUMN today_card.last_finish_status IS 'How the last loaded run ended: finished, fell, pulled up and so on';
COMMENT ON COLUMN today_card.last_course_name IS 'Course of the last loaded run';
COMMENT ON COLUMN today_card.last_race_type IS 'Type of the last loaded race: Flat, Hurdle, Chase or NH Flat';
COMMENT ON COLUMN today_card.last_race_class IS 'Class of the last loaded run';
COMMENT ON COLUMN today_card.last_distance_f IS 'Distance of the last loaded run in furlongs';
COMMENT ON COLUMN today_card.last_official_rating IS 'Official rating the horse ran off in the last loaded run';
COMMENT ON COLUMN today_card.rating_move IS 'Change of the official rating in pounds since the last loaded run; NULL if that was in another country or a race of another type: their ratings are on different scales';
COMMENT ON COLUMN today_card.is_course_winner IS 'Has won at this course under this code, in a loaded run';
COMMENT ON COLUMN today_card.is_distance_winner IS 'Has won over this distance under this code, in a loaded run';
COMMENT ON COLUMN today_card.is_course_and_distance_winner IS 'Has won over this distance at this course under this code, in the same loaded race';
COMMENT ON COLUMN today_card.course_runs IS 'Loaded runs at this course under this code';
COMMENT ON COLUMN today_card.course_wins IS 'Wins in those';
COMMENT ON COLUMN today_card.distance_runs IS 'Loaded runs over this distance under this code';
COMMENT ON COLUMN today_card.distance_wins IS 'Wins in those';
COMMENT ON COLUMN today_card.going_runs IS 'Loaded runs on this going under this code';
COMMENT ON COLUMN today_card.going_wins IS 'Wins in those';
COMMENT ON COLUMN today_card.trainer_runs_14d IS 'Loaded runs of the trainer in the 14 days before the day';
COMMENT ON COLUMN today_card.trainer_wins_14d IS 'Wins of the trainer in the 14 days before the day';
COMMENT ON COLUMN today_card.trainer_strike_rate_14d IS 'Those wins as a percentage of those runs; NULL without a run';
COMMENT ON COLUMN today_card.jockey_runs_14d IS 'Loaded rides of the jockey in the 14 days before the day';
COMMENT ON COLUMN today_card.jockey_wins_14d IS 'Wins of the jockey in the 14 days before the day';
COMMENT ON COLUMN today_card.jockey_strike_rate_14d IS 'Those wins as a percentage of those rides; NULL without a ride';
COMMENT ON COLUMN today_card.best_price IS 'Highest decimal odds of a bookmaker at fixed odds when the card was last fetched; NULL for a horse that does not run';
COMMENT ON COLUMN today_card.best_bookmaker IS 'Bookmaker that offers it; the first by name if several do';
COMMENT ON COLUMN today_card.best_exchange_price IS 'Highest decimal odds on an exchange when the card was last fetched, before its commission; NULL for a horse that does not run';
COMMENT ON COLUMN today_card.best_exchange IS 'Exchange that has it; the first by name if several do';
COMMENT ON COLUMN today_card.best_pool_price IS 'Highest estimated dividend of a pool (Tote) when the card was last fetched, stake included; NULL for a horse that does not run';
COMMENT ON COLUMN today_card.best_pool IS 'Pool that has it; the first by name if several do';
COMMENT ON COLUMN today_card.headgear IS 'Headgear letters';
COMMENT ON COLUMN today_card.headgear_run IS 'Number of the run in this headgear: 1 is the first';
COMMENT ON COLUMN today_card.is_first_time_headgear IS 'Wears this headgear for the first time';
COMMENT ON COLUMN today_card.wind_surgery_run IS 'Number of the run since a wind operation: 1 is the first';
COMMENT ON COLUMN today_card.is_first_run_since_wind_surgery IS 'Runs for the first time since a wind operation';
COMMENT ON COLUMN today_card.is_reserve IS 'Reserve';
COMMENT ON COLUMN today_card.is_non_runner IS 'Withdrawn, as far as is known; NULL if the race should be over and it is unknown';
COMMENT ON COLUMN today_card.is_abandoned IS 'The race has been abandoned';
