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
    {measures}
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
