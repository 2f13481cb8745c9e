-- One row a jockey: all runs that are loaded.
CREATE VIEW jockey_stats AS
SELECT
    jockey_id,
    max(jockeys.name) AS jockey_name,
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
LEFT JOIN ra_mst_jockeys AS jockeys ON jockeys.id = jockey_id
WHERE jockey_id IS NOT NULL
GROUP BY jockey_id;

COMMENT ON VIEW jockey_stats IS 'One row a jockey: all runs that are loaded.';
COMMENT ON COLUMN jockey_stats.jockey_id IS 'Jockey';
COMMENT ON COLUMN jockey_stats.jockey_name IS 'Name of the jockey';
COMMENT ON COLUMN jockey_stats.runs IS 'Runs';
COMMENT ON COLUMN jockey_stats.wins IS 'Wins; each horse of a dead heat has one';
COMMENT ON COLUMN jockey_stats.places IS 'Places by each-way terms (see runs.is_placed)';
COMMENT ON COLUMN jockey_stats.strike_rate IS 'Wins in percent of runs';
COMMENT ON COLUMN jockey_stats.place_rate IS 'Places in percent of runs';
COMMENT ON COLUMN jockey_stats.runs_with_sp IS 'Runs that have a starting price: those that profit and actual_expected are about';
COMMENT ON COLUMN jockey_stats.profit IS 'Profit of one unit staked on each run at starting price, a dead heat dividing the stake; NULL without starting prices';
COMMENT ON COLUMN jockey_stats.actual_expected IS 'Wins (a dead heat of n as 1/n) over the wins the starting prices expect: above 1 is better than the market; NULL without starting prices';
COMMENT ON COLUMN jockey_stats.prize_won_gbp IS 'Prize money won in sterling, never added to euro; NULL without any';
COMMENT ON COLUMN jockey_stats.prize_won_eur IS 'Prize money won in euro, never added to sterling; NULL without any';
COMMENT ON COLUMN jockey_stats.first_run IS 'UK day of the first run counted';
COMMENT ON COLUMN jockey_stats.last_run IS 'UK day of the last run counted';
