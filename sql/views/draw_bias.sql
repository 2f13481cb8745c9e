-- One row per course, surface, distance, handicap or not, and third of the draw: all loaded flat races of
-- eight or more starters, each with a stall.
--
-- A third has its share of the starters, not of the stalls: empty stalls of non-runners are closed up. Chance
-- alone gives each of n starters 1/n of a win, so thirds of unequal size are compared fairly. The interval is
-- Byar's, as in sql/measures.sql.
CREATE VIEW draw_bias AS
SELECT
    course_id,
    course_name,
    surface,
    distance_f,
    is_handicap,
    draw_third,
    races,
    runs,
    wins,
    places,
    CAST(100.0 * wins / runs AS decimal(5, 1)) AS strike_rate,
    CAST(100.0 * places / runs AS decimal(5, 1)) AS place_rate,
    rivals_beaten,
    CAST(chance_wins AS decimal(12, 2)) AS chance_wins,
    CAST(won / chance_wins AS decimal(10, 2)) AS impact_value,
    CAST(
        won / chance_wins
        * power(greatest(1 - 1 / (9 * nullif(won, 0)) - 1.959964 / (3 * sqrt(nullif(won, 0))), 0), 3)
        AS decimal(10, 2)
    ) AS impact_value_low,
    CAST(
        (won + 1) / chance_wins * power(1 - 1 / (9 * (won + 1)) + 1.959964 / (3 * sqrt(won + 1)), 3)
        AS decimal(10, 2)
    ) AS impact_value_high,
    chance_wins < 5 AS is_small_sample,
    runs_with_sp,
    profit,
    actual_expected
FROM (
    SELECT
        course_id,
        max(course_name) AS course_name,
        surface,
        distance_f,
        is_handicap,
        CASE
            WHEN draw_position * 3 < 1 THEN 'low'
            WHEN draw_position * 3 < 2 THEN 'middle'
            ELSE 'high'
        END AS draw_third,
        count(DISTINCT race_id) AS races,
        count(*) AS runs,
        count(*) FILTER (WHERE is_winner) AS wins,
        count(*) FILTER (WHERE is_placed) AS places,
        CAST(sum(win_share) AS double precision) AS won,
        CAST(sum(CAST(1.0 / starters AS decimal(14, 12))) AS double precision) AS chance_wins,
        CAST(CAST(avg(rivals_beaten) AS decimal(20, 8)) AS decimal(5, 1)) AS rivals_beaten,
        count(starting_price_decimal) AS runs_with_sp,
        CAST(sum(profit) AS decimal(14, 2)) AS profit,
        CAST(
            sum(win_share) FILTER (WHERE expected_wins IS NOT NULL) / nullif(sum(expected_wins), 0)
            AS decimal(10, 2)
        ) AS actual_expected
    FROM runs
    WHERE code = 'Flat' AND starters >= 8 AND draw_position IS NOT NULL
    GROUP BY course_id, surface, distance_f, is_handicap, draw_third
) AS thirds;

COMMENT ON VIEW draw_bias IS 'One row per course, surface, distance, handicap or not, and third of the draw: all loaded flat races of eight or more starters, each with a stall.';
COMMENT ON COLUMN draw_bias.course_id IS 'Course';
COMMENT ON COLUMN draw_bias.course_name IS 'Name of the course';
COMMENT ON COLUMN draw_bias.surface IS 'Turf or AW';
COMMENT ON COLUMN draw_bias.distance_f IS 'Distance in furlongs, rounded to half a furlong';
COMMENT ON COLUMN draw_bias.is_handicap IS 'Handicap, according to the race title';
COMMENT ON COLUMN draw_bias.draw_third IS 'low, middle or high third of the starters by stall (see runs.draw_position)';
COMMENT ON COLUMN draw_bias.races IS 'Loaded races';
COMMENT ON COLUMN draw_bias.runs IS 'Loaded runs from this third of the draw';
COMMENT ON COLUMN draw_bias.wins IS 'Wins; each horse in a dead heat counts as one';
COMMENT ON COLUMN draw_bias.places IS 'Places by the usual each-way terms (see runs.ew_places)';
COMMENT ON COLUMN draw_bias.strike_rate IS 'Wins as a percentage of runs';
COMMENT ON COLUMN draw_bias.place_rate IS 'Places as a percentage of runs';
COMMENT ON COLUMN draw_bias.rivals_beaten IS 'Percentage of rivals beaten, on average (see runs.rivals_beaten): 50 where the draw does not matter';
COMMENT ON COLUMN draw_bias.chance_wins IS 'Wins expected by chance: 1/n for each run in a race of n starters';
COMMENT ON COLUMN draw_bias.impact_value IS 'Actual wins (1/n each in a dead heat of n) divided by chance_wins: 1 where the draw does not matter';
COMMENT ON COLUMN draw_bias.impact_value_low IS 'Lower end of the 95 % interval of impact_value, by Byar''s approximation: with 1 inside the interval, chance alone explains the figure';
COMMENT ON COLUMN draw_bias.impact_value_high IS 'Upper end of that interval';
COMMENT ON COLUMN draw_bias.is_small_sample IS 'Fewer than five wins expected by chance: too few for impact_value to mean anything';
COMMENT ON COLUMN draw_bias.runs_with_sp IS 'Runs that have a starting price; profit refers to these';
COMMENT ON COLUMN draw_bias.profit IS 'Profit of staking one unit on each run at starting price, with the stake divided in a dead heat; NULL without starting prices';
COMMENT ON COLUMN draw_bias.actual_expected IS 'Actual wins divided by the wins expected from starting prices (see runs.expected_wins): below 1 where the market makes more of the stall than it is worth';
