-- One row per horse that ran in a race with a result: every other view builds on these rules.
--
-- Left out: non-runners (no result names them), runners whose result says void, an unknown word or
-- nothing, and abandoned races; but a race that horses finished was run, whatever its card says. A horse
-- that fell, was pulled up or was disqualified did run.
-- Going, class, distance and off time are those of the result where it has them: what the race was run on.
CREATE VIEW runs AS
SELECT
    race_id,
    horse_id,
    race_date,
    off_dt,
    course_id,
    course_name,
    region,
    race_name,
    race_type,
    code,
    surface,
    race_class,
    pattern,
    is_handicap,
    going,
    distance_f,
    distance_y,
    horse_name,
    jockey_id,
    jockey_name,
    jockey_claim_lbs,
    trainer_id,
    trainer_name,
    owner_id,
    owner_name,
    sire_id,
    dam_id,
    damsire_id,
    draw,
    age,
    weight,
    headgear,
    official_rating,
    rpr,
    tsr,
    performance_rating,
    speed_rating,
    position,
    finish_status,
    overall_beaten_distance,
    starters,
    coalesce(position = 1, false) AS is_winner,
    coalesce(position <= ew_places, false) AS is_placed,
    win_share,
    starting_price,
    starting_price_decimal,
    favourite_flag,
    CAST(win_share * starting_price_decimal - 1 AS decimal(12, 4)) AS profit,
    -- Without its margin: the margin is taken from each price in proportion.
    CAST(1.0 / starting_price_decimal / book AS decimal(14, 12)) AS expected_wins,
    bsp,
    CAST(CASE WHEN prize_currency = 'GBP' THEN prize_won END AS decimal(12, 2)) AS prize_won_gbp,
    CAST(CASE WHEN prize_currency = 'EUR' THEN prize_won END AS decimal(12, 2)) AS prize_won_eur,
    CAST(book AS decimal(12, 6)) AS book,
    -- Commission is on winnings: a dead heat at short odds may lose, and pays none.
    CAST(
        (win_share * bsp - 1) * CASE WHEN win_share * bsp > 1 THEN 1 - {commission} ELSE 1 END
        AS decimal(14, 6)
    ) AS profit_bsp,
    ew_places,
    ew_denom,
    place_share,
    level,
    CAST(
        CASE WHEN ew_places > 1 THEN place_share * (1 + (starting_price_decimal - 1) / ew_denom) - 1 END
        AS decimal(14, 6)
    ) AS profit_place,
    -- Where only the winner is paid, one fraction is the whole price: both halves are the same bet.
    CAST(
        (win_share * starting_price_decimal + place_share * (1 + (starting_price_decimal - 1) / ew_denom)) / 2 - 1
        AS decimal(14, 6)
    ) AS profit_each_way,
    -- Behind it are all but those with a better position and those level with it.
    CAST(
        100.0 * (CASE WHEN position <= starters - level THEN starters - level + 1 - position ELSE 0 END + 0.5 * (level - 1))
            / nullif(starters - 1, 0)
        AS decimal(7, 4)
    ) AS rivals_beaten,
    drawn,
    -- Stalls of horses that did not run are closed up.
    CAST(CASE WHEN drawn = starters THEN (place_in_draw - 0.5) / starters END AS decimal(8, 6)) AS draw_position
FROM (
    SELECT
        *,
        CASE WHEN priced = starters THEN prices END AS book,
        -- A dead heat of n divides the stake by n.
        CAST(CASE WHEN position = 1 THEN 1.0 / level ELSE 0 END AS decimal(12, 10)) AS win_share,
        -- Those level for the last place share what is left of it.
        CAST(
            CASE WHEN position <= ew_places THEN least(1.0, 1.0 * (ew_places - position + 1) / level) ELSE 0 END
            AS decimal(12, 10)
        ) AS place_share
    FROM (
        SELECT
            result.race_id, result.horse_id, result.race_date, horse_name, jockey_id, jockey_name,
            jockey_claim_lbs, trainer_id, trainer_name, owner_id, owner_name, sire_id, dam_id, damsire_id,
            draw, age, weight, headgear, official_rating, rpr, tsr, performance_rating, speed_rating,
            position, finish_status, overall_beaten_distance, starting_price, favourite_flag, prize_won,
            result.prize_currency,
            CAST(CASE WHEN result.starting_price_decimal > 1 THEN result.starting_price_decimal END AS decimal(8, 2))
                AS starting_price_decimal,
            CAST(CASE WHEN result.bsp > 1 THEN result.bsp END AS decimal(10, 2)) AS bsp,
            coalesce(said.off_dt, race.off_dt) AS off_dt,
            race.course_id, race.course_name, race.race_name, race.race_type, race.surface, race.pattern,
            race.is_handicap,
            nullif(race.region, '') AS region,
            -- A bumper (NH Flat) is run under the rules of jump racing.
            CASE
                WHEN race.race_type = 'Flat' THEN 'Flat'
                WHEN race.race_type IN ('Hurdle', 'Chase', 'NH Flat') THEN 'Jumps'
            END AS code,
            coalesce(said.race_class, race.race_class) AS race_class,
            coalesce(said.going, race.going) AS going,
            coalesce(said.distance_f, race.distance_f) AS distance_f,
            coalesce(said.distance_y, race.distance_y) AS distance_y,
            field.starters, field.priced, field.prices, field.drawn,
            -- How often the position is among those of the race, which are one text: `,1,,2,,2,,4,`. Looking
            -- it up again for each horse would take three times as long.
            CAST(
                CASE
                    WHEN result.position IS NULL THEN field.starters - field.finishers
                    ELSE (length(field.positions) - length(replace(field.positions, ',' || result.position || ',', '')))
                        / length(',' || result.position || ',')
                END AS bigint
            ) AS level,
            -- Those in lower stalls, each with two commas, are to the left of it.
            1 + length(regexp_replace(left(field.draws, strpos(field.draws, ',' || result.draw || ',') - 1), '[0-9]', '', 'g')) / 2
                AS place_in_draw,
            -- The usual each-way terms for so many runners.
            CASE
                WHEN field.starters >= 16 AND race.is_handicap THEN 4
                WHEN field.starters >= 8 THEN 3
                WHEN field.starters >= 5 THEN 2
                ELSE 1
            END AS ew_places,
            CASE
                WHEN field.starters >= 12 AND race.is_handicap THEN 4
                WHEN field.starters >= 8 THEN 5
                WHEN field.starters >= 5 THEN 4
                ELSE 1
            END AS ew_denom
        FROM ra_race_results AS result
        CROSS JOIN LATERAL (
            SELECT
                count(*) AS starters,
                count(*) FILTER (WHERE other.starting_price_decimal > 1) AS priced,
                sum(CAST(1.0 / other.starting_price_decimal AS decimal(14, 12)))
                    FILTER (WHERE other.starting_price_decimal > 1) AS prices,
                count(other.position) AS finishers,
                string_agg(',' || other.position || ',', '') AS positions,
                count(other.draw) AS drawn,
                string_agg(',' || other.draw || ',', '' ORDER BY other.draw) AS draws
            FROM ra_race_results AS other
            WHERE other.race_id = result.race_id AND other.finish_status NOT IN ('void', 'unknown')
        ) AS field
        JOIN (
            SELECT *, race_name ILIKE '%handicap%' AS is_handicap
            FROM ra_races
            WHERE is_abandoned IS NOT true
                OR EXISTS (
                    SELECT 1 FROM ra_race_results AS finisher
                    WHERE finisher.race_id = ra_races.id AND finisher.position IS NOT NULL
                )
        ) AS race ON race.id = result.race_id
        LEFT JOIN ra_result_races AS said ON said.id = result.race_id
        WHERE result.finish_status NOT IN ('void', 'unknown')
    ) AS counted
) AS shared;

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
COMMENT ON COLUMN runs.is_placed IS 'Placed by the usual each-way terms: at least as good as ew_places';
COMMENT ON COLUMN runs.win_share IS '1 for a winner, 1/n in a dead heat of n, 0 for all others';
COMMENT ON COLUMN runs.starting_price IS 'Starting price as a fraction';
COMMENT ON COLUMN runs.starting_price_decimal IS 'Starting price as decimal odds, including the stake; NULL if there is none above 1';
COMMENT ON COLUMN runs.favourite_flag IS 'Favourite mark as printed: F favourite, J joint favourite, C co-favourite';
COMMENT ON COLUMN runs.profit IS 'Profit of staking one unit at starting price, with the stake divided by n in a dead heat of n; NULL without a starting price';
COMMENT ON COLUMN runs.expected_wins IS 'Wins that the market expects: 1 / starting price, divided by book so that the race adds up to one; NULL unless every starter has a starting price';
COMMENT ON COLUMN runs.bsp IS 'Betfair starting price, decimal odds; NULL if there is none above 1';
COMMENT ON COLUMN runs.prize_won_gbp IS 'Prize money won, in sterling; NULL if paid in euro';
COMMENT ON COLUMN runs.prize_won_eur IS 'Prize money won, in euro; NULL if paid in sterling';
COMMENT ON COLUMN runs.book IS 'Sum of 1 / starting price over the starters: what is above 1 is the margin of the bookmakers (overround); NULL unless every starter has one';
COMMENT ON COLUMN runs.profit_bsp IS 'Profit of staking one unit at Betfair starting price, after the commission of the setting commission_percent on winnings; NULL without one';
COMMENT ON COLUMN runs.ew_places IS 'Places paid by the usual each-way terms: 1 (only the winner) with up to 4 starters, 2 with 5 to 7, 3 with 8 or more, 4 in a handicap with 16 or more';
COMMENT ON COLUMN runs.ew_denom IS 'Each-way fraction denominator by the same terms: 4 (one quarter) with 5 to 7 starters and in a handicap with 12 or more, 5 otherwise; 1 where only the winner is paid';
COMMENT ON COLUMN runs.place_share IS '1 for a placed horse, less where horses level for the last place share it, 0 for all others';
COMMENT ON COLUMN runs.level IS 'Horses with the same position: 1, or n in a dead heat of n; of a horse that did not finish, those that did not';
COMMENT ON COLUMN runs.profit_place IS 'Profit of staking one unit on the place half of an each-way bet at starting price; NULL without a starting price, and where only the winner is paid';
COMMENT ON COLUMN runs.profit_each_way IS 'Profit of one unit each way at starting price: half of it to win, half for a place, by ew_places and ew_denom; NULL without a starting price';
COMMENT ON COLUMN runs.rivals_beaten IS 'Percentage of its rivals that the horse beat, by its position; one that was level counts half, as do two that both failed to finish; NULL without a rival';
COMMENT ON COLUMN runs.drawn IS 'Starters of the race that have a stall';
COMMENT ON COLUMN runs.draw_position IS 'Where in the draw the horse started, from 0 (lowest stall) to 1 (highest): (place - 0.5) / n, its place counted among the n starters; NULL unless each of them has a stall';
