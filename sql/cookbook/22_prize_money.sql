-- Which owners have won the most prize money?
--
-- Irish prizes are in euro and British ones in sterling, so they cannot be added up. Each currency has
-- its own ranking; an owner who races in both countries can be in both.
WITH won AS (
    SELECT owner_id, prize_currency, sum(prize_won) AS prize_money, count(*) AS paid_runs
    FROM ra_race_results
    WHERE prize_won > 0 AND owner_id IS NOT NULL
    GROUP BY owner_id, prize_currency
),
ranked AS (
    SELECT *, rank() OVER (PARTITION BY prize_currency ORDER BY prize_money DESC) AS place
    FROM won
)
SELECT prize_currency AS currency, place, owners.name AS owner, prize_money, paid_runs
FROM ranked
JOIN ra_mst_owners AS owners ON owners.id = ranked.owner_id
WHERE place <= 4
ORDER BY currency DESC, place, owner;
