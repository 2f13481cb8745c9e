-- One row a damsire: all runs of the offspring of its daughters that are loaded.
CREATE VIEW damsire_stats AS
SELECT
    runs.damsire_id,
    max(pedigree.damsire) AS damsire_name,
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
    sum(prize_won_gbp) AS prize_won_gbp,
    sum(prize_won_eur) AS prize_won_eur,
    min(race_date) AS first_run,
    max(race_date) AS last_run
FROM runs
LEFT JOIN ra_horse_pedigree AS pedigree
    ON pedigree.horse_id = runs.horse_id AND pedigree.damsire_id = runs.damsire_id
WHERE runs.damsire_id IS NOT NULL
GROUP BY runs.damsire_id;

COMMENT ON VIEW damsire_stats IS 'One row a damsire: all runs that are loaded of its daughters'' offspring.';
COMMENT ON COLUMN damsire_stats.damsire_id IS 'Damsire';
COMMENT ON COLUMN damsire_stats.damsire_name IS 'Name of the damsire';
COMMENT ON COLUMN damsire_stats.runners IS 'Horses that have run';
COMMENT ON COLUMN damsire_stats.winners IS 'Horses that have won';
COMMENT ON COLUMN damsire_stats.runs IS 'Runs';
COMMENT ON COLUMN damsire_stats.wins IS 'Wins; each horse of a dead heat has one';
COMMENT ON COLUMN damsire_stats.places IS 'Places by each-way terms (see runs.is_placed)';
COMMENT ON COLUMN damsire_stats.strike_rate IS 'Wins in percent of runs';
COMMENT ON COLUMN damsire_stats.place_rate IS 'Places in percent of runs';
COMMENT ON COLUMN damsire_stats.runs_with_sp IS 'Runs that have a starting price: those that profit and actual_expected are about';
COMMENT ON COLUMN damsire_stats.profit IS 'Profit of one unit staked on each run at starting price, a dead heat dividing the stake; NULL without starting prices';
COMMENT ON COLUMN damsire_stats.actual_expected IS 'Wins (a dead heat of n as 1/n) over the wins the starting prices expect: above 1 is better than the market; NULL without starting prices';
COMMENT ON COLUMN damsire_stats.prize_won_gbp IS 'Prize money won in sterling, never added to euro; NULL without any';
COMMENT ON COLUMN damsire_stats.prize_won_eur IS 'Prize money won in euro, never added to sterling; NULL without any';
COMMENT ON COLUMN damsire_stats.first_run IS 'UK day of the first run counted';
COMMENT ON COLUMN damsire_stats.last_run IS 'UK day of the last run counted';
