-- One row per dam: all loaded runs of her offspring.
CREATE VIEW dam_stats AS
SELECT
    runs.dam_id,
    max(pedigree.dam) AS dam_name,
    count(DISTINCT runs.horse_id) AS runners,
    count(DISTINCT runs.horse_id) FILTER (WHERE is_winner) AS winners,
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
    ) AS actual_expected,
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
COMMENT ON COLUMN dam_stats.runs IS 'Runs';
COMMENT ON COLUMN dam_stats.wins IS 'Wins; each horse in a dead heat counts as one';
COMMENT ON COLUMN dam_stats.places IS 'Places by each-way terms (see runs.is_placed)';
COMMENT ON COLUMN dam_stats.strike_rate IS 'Wins as a percentage of runs';
COMMENT ON COLUMN dam_stats.place_rate IS 'Places as a percentage of runs';
COMMENT ON COLUMN dam_stats.runs_with_sp IS 'Runs that have a starting price; profit and actual_expected refer to these';
COMMENT ON COLUMN dam_stats.profit IS 'Profit of staking one unit on each run at starting price, with the stake divided in a dead heat; NULL without starting prices';
COMMENT ON COLUMN dam_stats.actual_expected IS 'Actual wins (1/n each in a dead heat of n) divided by the wins expected from starting prices: above 1 is better than the market expects; NULL without starting prices';
COMMENT ON COLUMN dam_stats.prize_won_gbp IS 'Prize money won in sterling, never added to euro; NULL if none';
COMMENT ON COLUMN dam_stats.prize_won_eur IS 'Prize money won in euro, never added to sterling; NULL if none';
COMMENT ON COLUMN dam_stats.first_run IS 'UK day of the first run counted';
COMMENT ON COLUMN dam_stats.last_run IS 'UK day of the last run counted';
