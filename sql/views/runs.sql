-- One row per horse that ran in a race with a result: every other view builds on these rules.
--
-- Left out: non-runners (no result names them), runners whose result says void, an unknown word or
-- nothing, and abandoned races; but a race that horses finished was run, whatever its card says. A horse
-- that fell, was pulled up or was disqualified did run.
-- Going, class, distance and off time are those of the result where it has them: what the race was run on.
CREATE VIEW runs AS
SELECT
    result.race_id,
    result.horse_id,
    result.race_date,
    coalesce(said.off_dt, race.off_dt) AS off_dt,
    race.course_id,
    race.course_name,
    nullif(race.region, '') AS region,
    race.race_name,
    race.race_type,
    -- A bumper (NH Flat) is run under the rules of jump racing.
    CASE
        WHEN race.race_type = 'Flat' THEN 'Flat'
        WHEN race.race_type IN ('Hurdle', 'Chase', 'NH Flat') THEN 'Jumps'
    END AS code,
    race.surface,
    coalesce(said.race_class, race.race_class) AS race_class,
    race.pattern,
    race.is_handicap,
    coalesce(said.going, race.going) AS going,
    coalesce(said.distance_f, race.distance_f) AS distance_f,
    coalesce(said.distance_y, race.distance_y) AS distance_y,
    result.horse_name,
    result.jockey_id,
    result.jockey_name,
    result.jockey_claim_lbs,
    result.trainer_id,
    result.trainer_name,
    result.owner_id,
    result.owner_name,
    result.sire_id,
    result.dam_id,
    result.damsire_id,
    result.draw,
    result.age,
    result.weight,
    result.headgear,
    result.official_rating,
    result.rpr,
    result.tsr,
    result.performance_rating,
    result.speed_rating,
    result.position,
    result.finish_status,
    result.overall_beaten_distance,
    result.starters,
    coalesce(result.position = 1, false) AS is_winner,
    -- Each-way terms: up to 4 runners only the winner, 5 to 7 two places, 8 or more three, and
    -- four in handicaps with 16 or more.
    coalesce(
        result.position = 1
        OR (result.position = 2 AND result.starters >= 5)
        OR (result.position = 3 AND result.starters >= 8)
        OR (result.position = 4 AND result.starters >= 16 AND race.is_handicap),
        false
    ) AS is_placed,
    result.win_share,
    result.starting_price,
    result.starting_price_decimal,
    result.favourite_flag,
    CAST(
        CASE
            WHEN result.position = 1 THEN result.win_share * result.starting_price_decimal - 1
            WHEN result.starting_price_decimal IS NOT NULL THEN -1
        END AS decimal(12, 4)
    ) AS profit,
    CAST(1.0 / result.starting_price_decimal AS decimal(14, 12)) AS expected_wins,
    result.bsp,
    CAST(CASE WHEN result.prize_currency = 'GBP' THEN result.prize_won END AS decimal(12, 2)) AS prize_won_gbp,
    CAST(CASE WHEN result.prize_currency = 'EUR' THEN result.prize_won END AS decimal(12, 2)) AS prize_won_eur
FROM (
    SELECT
        race_id, horse_id, race_date, horse_name, jockey_id, jockey_name, jockey_claim_lbs,
        trainer_id, trainer_name, owner_id, owner_name, sire_id, dam_id, damsire_id, draw, age,
        weight, headgear, official_rating, rpr, tsr, performance_rating, speed_rating, position,
        finish_status, overall_beaten_distance, starting_price, favourite_flag, bsp, prize_won, prize_currency,
        (
            SELECT count(*) FROM ra_race_results AS other
            WHERE other.race_id = ra_race_results.race_id
                AND other.finish_status NOT IN ('void', 'unknown')
        ) AS starters,
        -- A dead heat of n divides the stake by n.
        CASE
            WHEN position = 1 THEN (
                SELECT CAST(1.0 / nullif(count(*), 0) AS decimal(12, 10))
                FROM ra_race_results AS other
                WHERE other.race_id = ra_race_results.race_id AND other.position = 1
            )
            ELSE CAST(0 AS decimal(12, 10))
        END AS win_share,
        CAST(CASE WHEN starting_price_decimal > 1 THEN starting_price_decimal END AS decimal(8, 2))
            AS starting_price_decimal
    FROM ra_race_results
    WHERE finish_status NOT IN ('void', 'unknown')
) AS result
JOIN (
    SELECT *, race_name ILIKE '%handicap%' AS is_handicap
    FROM ra_races
    WHERE is_abandoned IS NOT true
        OR EXISTS (
            SELECT 1 FROM ra_race_results AS finisher
            WHERE finisher.race_id = ra_races.id AND finisher.position IS NOT NULL
        )
) AS race ON race.id = result.race_id
LEFT JOIN ra_result_races AS said ON said.id = result.race_id;

COMMENT ON VIEW runs IS 'One row per horse that ran in a race with a result, with win, place and profit of one unit staked: the basis of every statistic.';
COMMENT ON COLUMN runs.race_id IS 'Race';
COMMENT ON COLUMN runs.horse_id IS 'Horse';
COMMENT ON COLUMN runs.race_date IS 'UK day of the race';
COMMENT ON COLUMN runs.off_dt IS 'Off time with time zone';
COMMENT ON COLUMN runs.course_id IS 'Course';
COMMENT ON COLUMN runs.course_name IS 'Name of the course';
COMMENT ON COLUMN runs.region IS 'Region of the course; NULL if unknown';
COMMENT ON COLUMN runs.race_name IS 'Race title';
COMMENT ON COLUMN runs.race_type IS 'Flat, Hurdle, Chase or NH Flat';
COMMENT ON COLUMN runs.code IS 'Flat, or Jumps for Hurdle, Chase and NH Flat; NULL if the type is unknown';
COMMENT ON COLUMN runs.surface IS 'Turf or AW';
COMMENT ON COLUMN runs.race_class IS 'British class; NULL for Irish races';
COMMENT ON COLUMN runs.pattern IS 'Pattern status';
COMMENT ON COLUMN runs.is_handicap IS 'Handicap, according to the race title';
COMMENT ON COLUMN runs.going IS 'Official going';
COMMENT ON COLUMN runs.distance_f IS 'Distance in furlongs, rounded to half a furlong';
COMMENT ON COLUMN runs.distance_y IS 'Exact distance in yards';
COMMENT ON COLUMN runs.horse_name IS 'Name of the horse';
COMMENT ON COLUMN runs.jockey_id IS 'Jockey who rode';
COMMENT ON COLUMN runs.jockey_name IS 'Name of the jockey on the day';
COMMENT ON COLUMN runs.jockey_claim_lbs IS 'Allowance of the jockey in pounds';
COMMENT ON COLUMN runs.trainer_id IS 'Trainer on the day';
COMMENT ON COLUMN runs.trainer_name IS 'Name of the trainer on the day';
COMMENT ON COLUMN runs.owner_id IS 'Owner on the day';
COMMENT ON COLUMN runs.owner_name IS 'Name of the owner on the day';
COMMENT ON COLUMN runs.sire_id IS 'Sire of the horse';
COMMENT ON COLUMN runs.dam_id IS 'Dam of the horse';
COMMENT ON COLUMN runs.damsire_id IS 'Sire of the dam';
COMMENT ON COLUMN runs.draw IS 'Starting stall; flat races only';
COMMENT ON COLUMN runs.age IS 'Age of the horse in years';
COMMENT ON COLUMN runs.weight IS 'Weight carried, in pounds';
COMMENT ON COLUMN runs.headgear IS 'Headgear letters';
COMMENT ON COLUMN runs.official_rating IS 'Official rating the horse ran off';
COMMENT ON COLUMN runs.rpr IS 'Racing Post Rating achieved in this race: only known afterwards';
COMMENT ON COLUMN runs.tsr IS 'Topspeed figure achieved in this race: only known afterwards';
COMMENT ON COLUMN runs.performance_rating IS 'Vendor performance rating achieved in this race: only known afterwards';
COMMENT ON COLUMN runs.speed_rating IS 'Vendor speed rating achieved in this race: only known afterwards';
COMMENT ON COLUMN runs.position IS 'Finishing position, equal for dead heats; NULL if the horse did not finish';
COMMENT ON COLUMN runs.finish_status IS 'finished, or why the horse did not finish';
COMMENT ON COLUMN runs.overall_beaten_distance IS 'Lengths behind the winner';
COMMENT ON COLUMN runs.starters IS 'Horses that ran in the race';
COMMENT ON COLUMN runs.is_winner IS 'Position 1; every horse in a dead heat for first has won';
COMMENT ON COLUMN runs.is_placed IS 'Placed by each-way terms: the winner; second of 5 or more; third of 8 or more; fourth in a handicap with 16 or more';
COMMENT ON COLUMN runs.win_share IS '1 for a winner, 1/n in a dead heat of n, 0 for all others';
COMMENT ON COLUMN runs.starting_price IS 'Starting price as a fraction';
COMMENT ON COLUMN runs.starting_price_decimal IS 'Starting price as decimal odds, including the stake; NULL if there is none above 1';
COMMENT ON COLUMN runs.favourite_flag IS 'Favourite mark as printed: F favourite, J joint favourite, C co-favourite';
COMMENT ON COLUMN runs.profit IS 'Profit of staking one unit at starting price, with the stake divided by n in a dead heat of n; NULL without a starting price';
COMMENT ON COLUMN runs.expected_wins IS '1 / starting price: the wins the market expects; NULL without a starting price';
COMMENT ON COLUMN runs.bsp IS 'Betfair starting price, decimal odds';
COMMENT ON COLUMN runs.prize_won_gbp IS 'Prize money won, in sterling; NULL if paid in euro';
COMMENT ON COLUMN runs.prize_won_eur IS 'Prize money won, in euro; NULL if paid in sterling';
