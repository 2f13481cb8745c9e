-- One row per jockey: all loaded runs.
CREATE VIEW jockey_stats AS
SELECT
    jockey_id,
    max(jockeys.name) AS jockey_name,
    {measures},
    CAST(sum(prize_won_gbp) AS decimal(14, 2)) AS prize_won_gbp,
    CAST(sum(prize_won_eur) AS decimal(14, 2)) AS prize_won_eur,
    min(race_date) AS first_run,
    max(race_date) AS last_run
FROM runs
LEFT JOIN ra_mst_jockeys AS jockeys ON jockeys.id = jockey_id
WHERE jockey_id IS NOT NULL
GROUP BY jockey_id;

COMMENT ON VIEW jockey_stats IS 'One row per jockey: all loaded runs.';
COMMENT ON COLUMN jockey_stats.jockey_id IS 'Jockey';
COMMENT ON COLUMN jockey_stats.jockey_name IS 'Name of the jockey';
COMMENT ON COLUMN jockey_stats.prize_won_gbp IS 'Prize money won in sterling, never added to euro; NULL if none';
COMMENT ON COLUMN jockey_stats.prize_won_eur IS 'Prize money won in euro, never added to sterling; NULL if none';
COMMENT ON COLUMN jockey_stats.first_run IS 'UK day of the first run counted';
COMMENT ON COLUMN jockey_stats.last_run IS 'UK day of the last run counted';
