-- One row per dam: all loaded runs of her offspring.
CREATE VIEW dam_stats AS
SELECT
    runs.dam_id,
    max(pedigree.dam) AS dam_name,
    count(DISTINCT runs.horse_id) AS runners,
    count(DISTINCT runs.horse_id) FILTER (WHERE is_winner) AS winners,
    {measures},
    CAST(sum(prize_won_gbp) AS decimal(14, 2)) AS prize_won_gbp,
    CAST(sum(prize_won_eur) AS decimal(14, 2)) AS prize_won_eur,
    min(race_date) AS first_run,
    max(race_date) AS last_run
FROM runs
LEFT JOIN ra_horse_pedigree AS pedigree
    ON pedigree.horse_id = runs.horse_id AND pedigree.dam_id = runs.dam_id
WHERE runs.dam_id IS NOT NULL
GROUP BY runs.dam_id;

COMMENT ON VIEW dam_stats IS 'One row per dam: all loaded runs of her offspring.';
COMMENT ON COLUMN dam_stats.dam_id IS 'Dam';
COMMENT ON COLUMN dam_stats.dam_name IS 'Name of the dam';
COMMENT ON COLUMN dam_stats.runners IS 'Horses that have run';
COMMENT ON COLUMN dam_stats.winners IS 'Horses that have won';
COMMENT ON COLUMN dam_stats.prize_won_gbp IS 'Prize money won in sterling, never added to euro; NULL if none';
COMMENT ON COLUMN dam_stats.prize_won_eur IS 'Prize money won in euro, never added to sterling; NULL if none';
COMMENT ON COLUMN dam_stats.first_run IS 'UK day of the first run counted';
COMMENT ON COLUMN dam_stats.last_run IS 'UK day of the last run counted';
