-- One row per course, surface, distance and third of the draw: all loaded flat runs with a stall.
--
-- Thirds are of the horses that ran: empty stalls of non-runners are not counted, and if the number does
-- not divide by three, the higher thirds get the rest.
CREATE VIEW draw_bias AS
SELECT
    course_id,
    max(course_name) AS course_name,
    surface,
    distance_f,
    CASE
        WHEN 3 * place_in_draw <= starters_drawn THEN 'low'
        WHEN 3 * place_in_draw <= 2 * starters_drawn THEN 'middle'
        ELSE 'high'
    END AS draw_third,
    count(*) AS runs,
    count(*) FILTER (WHERE is_winner) AS wins,
    count(*) FILTER (WHERE is_placed) AS places,
    CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate,
    CAST(100.0 * count(*) FILTER (WHERE is_placed) / count(*) AS decimal(5, 1)) AS place_rate,
    count(starting_price_decimal) AS runs_with_sp,
    CAST(sum(profit) AS decimal(14, 2)) AS profit,
    CAST(
        sum(win_share) FILTER (WHERE starting_price_decimal IS NOT NULL) / sum(expected_wins)
        AS decimal(10, 2)
    ) AS actual_expected
FROM (
    SELECT
        runs.*,
        -- The race and its course, so that a query for one course reads only that course.
        row_number() OVER (
            PARTITION BY course_id, surface, distance_f, race_id ORDER BY draw, horse_id
        ) AS place_in_draw,
        count(*) OVER (PARTITION BY course_id, surface, distance_f, race_id) AS starters_drawn
    FROM runs
    WHERE race_type = 'Flat' AND draw IS NOT NULL
) AS drawn
GROUP BY course_id, surface, distance_f, draw_third;

COMMENT ON VIEW draw_bias IS 'One row per course, surface, distance and third of the draw: all loaded flat runs with a stall.';
COMMENT ON COLUMN draw_bias.course_id IS 'Course';
COMMENT ON COLUMN draw_bias.course_name IS 'Name of the course';
COMMENT ON COLUMN draw_bias.surface IS 'Turf or AW';
COMMENT ON COLUMN draw_bias.distance_f IS 'Distance in furlongs, rounded to half a furlong';
COMMENT ON COLUMN draw_bias.draw_third IS 'low, middle or high third of the stalls of the horses that ran, without empty stalls';
COMMENT ON COLUMN draw_bias.runs IS 'Runs';
COMMENT ON COLUMN draw_bias.wins IS 'Wins; each horse in a dead heat counts as one';
COMMENT ON COLUMN draw_bias.places IS 'Places by each-way terms (see runs.is_placed)';
COMMENT ON COLUMN draw_bias.strike_rate IS 'Wins as a percentage of runs';
COMMENT ON COLUMN draw_bias.place_rate IS 'Places as a percentage of runs';
COMMENT ON COLUMN draw_bias.runs_with_sp IS 'Runs that have a starting price; profit and actual_expected refer to these';
COMMENT ON COLUMN draw_bias.profit IS 'Profit of staking one unit on each run at starting price, with the stake divided in a dead heat; NULL without starting prices';
COMMENT ON COLUMN draw_bias.actual_expected IS 'Actual wins (1/n each in a dead heat of n) divided by the wins expected from starting prices: above 1 is better than the market expects; NULL without starting prices';
