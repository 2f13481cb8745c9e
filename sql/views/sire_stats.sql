-- One row per sire: all loaded runs of his offspring.
CREATE VIEW sire_stats AS
SELECT
    runs.sire_id,
    max(pedigree.sire) AS sire_name,
    count(DISTINCT runs.horse_id) AS runners,
    count(DISTINCT runs.horse_id) FILTER (WHERE is_winner) AS winners,
    {measures},
    CAST(sum(prize_won_gbp) AS decimal(14, 2)) AS prize_won_gbp,
    CAST(sum(prize_won_eur) AS decimal(14, 2)) AS prize_won_eur,
    min(race_date) AS first_run,
    max(race_date) AS last_run
FROM runs
LEFT JOIN ra_horse_pedigree AS pedigree
    ON pedigree.horse_id = runs.horse_id AND pedigree.sire_id = runs.sire_id
WHERE runs.sire_id IS NOT NULL
GROUP BY runs.sire_id;

COMMENT ON VIEW sire_stats IS 'One row per sire: all loaded runs of his offspring.';
COMMENT ON COLUMN sire_stats.sire_id IS 'Sire';
COMMENT ON COLUMN sire_stats.sire_name IS 'Name of the sire';
COMMENT ON COLUMN sire_stats.runners IS 'Horses that have run';
COMMENT ON COLUMN sire_stats.winners IS 'Horses that have won';
COMMENT ON COLUMN sire_stats.prize_won_gbp IS 'Prize money won in sterling, never added to euro; NULL if none';
COMMENT ON COLUMN sire_stats.prize_won_eur IS 'Prize money won in euro, never added to sterling; NULL if none';
COMMENT ON COLUMN sire_stats.first_run IS 'UK day of the first run counted';
COMMENT ON COLUMN sire_stats.last_run IS 'UK day of the last run counted';
