-- One row per owner: all loaded runs.
CREATE VIEW owner_stats AS
SELECT
    owner_id,
    max(owners.name) AS owner_name,
    {measures},
    CAST(sum(prize_won_gbp) AS decimal(14, 2)) AS prize_won_gbp,
    CAST(sum(prize_won_eur) AS decimal(14, 2)) AS prize_won_eur,
    min(race_date) AS first_run,
    max(race_date) AS last_run
FROM runs
LEFT JOIN ra_mst_owners AS owners ON owners.id = owner_id
WHERE owner_id IS NOT NULL
GROUP BY owner_id;

COMMENT ON VIEW owner_stats IS 'One row per owner: all loaded runs.';
COMMENT ON COLUMN owner_stats.owner_id IS 'Owner';
COMMENT ON COLUMN owner_stats.owner_name IS 'Name of the owner';
COMMENT ON COLUMN owner_stats.prize_won_gbp IS 'Prize money won in sterling, never added to euro; NULL if none';
COMMENT ON COLUMN owner_stats.prize_won_eur IS 'Prize money won in euro, never added to sterling; NULL if none';
COMMENT ON COLUMN owner_stats.first_run IS 'UK day of the first run counted';
COMMENT ON COLUMN owner_stats.last_run IS 'UK day of the last run counted';
