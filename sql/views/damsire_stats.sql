-- One row per damsire: all loaded runs of his daughters' offspring.
CREATE VIEW damsire_stats AS
SELECT
    runs.damsire_id,
    max(pedigree.damsire) AS damsire_name,
    count(DISTINCT runs.horse_id) AS runners,
    count(DISTINCT runs.horse_id) FILTER (WHERE is_winner) AS winners,
    {measures},
    CAST(sum(prize_won_gbp) AS decimal(14, 2)) AS prize_won_gbp,
    CAST(sum(prize_won_eur) AS decimal(14, 2)) AS prize_won_eur,
    min(race_date) AS first_run,
    max(race_date) AS last_run
FROM runs
LEFT JOIN ra_horse_pedigree AS pedigree
    ON pedigree.horse_id = runs.horse_id AND pedigree.damsire_id = runs.damsire_id
WHERE runs.damsire_id IS NOT NULL
GROUP BY runs.damsire_id;

COMMENT ON VIEW damsire_stats IS 'One row per damsire: all loaded runs of his daughters'' offspring.';
COMMENT ON COLUMN damsire_stats.damsire_id IS 'Damsire';
COMMENT ON COLUMN damsire_stats.damsire_name IS 'Name of the damsire';
COMMENT ON COLUMN damsire_stats.runners IS 'Horses that have run';
COMMENT ON COLUMN damsire_stats.winners IS 'Horses that have won';
COMMENT ON COLUMN damsire_stats.prize_won_gbp IS 'Prize money won in sterling, never added to euro; NULL if none';
COMMENT ON COLUMN damsire_stats.prize_won_eur IS 'Prize money won in euro, never added to sterling; NULL if none';
COMMENT ON COLUMN damsire_stats.first_run IS 'UK day of the first run counted';
COMMENT ON COLUMN damsire_stats.last_run IS 'UK day of the last run counted';
