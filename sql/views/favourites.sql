-- One row per region, race type, class and kind of favourite: how the lowest starting price has fared.
--
-- The favourite has the lowest starting price of the race; if several share it, each is a joint favourite.
-- Races with an unknown region or type are left out.
CREATE VIEW favourites AS
SELECT
    region,
    race_type,
    race_class,
    is_handicap,
    shortest.favourites > 1 AS is_joint,
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
    SELECT race_id, lowest AS price, count(*) AS favourites
    FROM (
        SELECT
            race_id,
            starting_price_decimal,
            min(starting_price_decimal) OVER (PARTITION BY race_id) AS lowest
        FROM ra_race_results
        WHERE starting_price_decimal > 1 AND finish_status <> 'void'
    ) AS priced
    WHERE starting_price_decimal = lowest
    GROUP BY race_id, lowest
) AS shortest
JOIN runs
    ON runs.race_id = shortest.race_id AND runs.starting_price_decimal = shortest.price
WHERE region IS NOT NULL AND race_type IS NOT NULL
GROUP BY region, race_type, race_class, is_handicap, is_joint;

COMMENT ON VIEW favourites IS 'One row per region, race type, class, handicap or not, and clear or joint favourite: how the lowest starting price has fared; races with an unknown region or type are left out.';
COMMENT ON COLUMN favourites.region IS 'Region of the course';
COMMENT ON COLUMN favourites.race_type IS 'Flat, Hurdle, Chase or NH Flat';
COMMENT ON COLUMN favourites.race_class IS 'British class; NULL for Irish races';
COMMENT ON COLUMN favourites.is_handicap IS 'Handicap, according to the race title';
COMMENT ON COLUMN favourites.is_joint IS 'Whether several horses share the lowest starting price; each of them counts as a run';
COMMENT ON COLUMN favourites.runs IS 'Runs';
COMMENT ON COLUMN favourites.wins IS 'Wins; each horse in a dead heat counts as one';
COMMENT ON COLUMN favourites.places IS 'Places by each-way terms (see runs.is_placed)';
COMMENT ON COLUMN favourites.strike_rate IS 'Wins as a percentage of runs';
COMMENT ON COLUMN favourites.place_rate IS 'Places as a percentage of runs';
COMMENT ON COLUMN favourites.runs_with_sp IS 'Runs that have a starting price; profit and actual_expected refer to these';
COMMENT ON COLUMN favourites.profit IS 'Profit of staking one unit on each run at starting price, with the stake divided in a dead heat; NULL without starting prices';
COMMENT ON COLUMN favourites.actual_expected IS 'Actual wins (1/n each in a dead heat of n) divided by the wins expected from starting prices: above 1 is better than the market expects; NULL without starting prices';
