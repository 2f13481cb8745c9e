-- One row per jockey: all loaded runs.
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
COMMENT ON COLUMN jockey_stats.runs IS 'Runs';
COMMENT ON COLUMN jockey_stats.wins IS 'Wins; each horse in a dead heat counts as one';
COMMENT ON COLUMN jockey_stats.places IS 'Places by each-way terms (see runs.is_placed)';
COMMENT ON COLUMN jockey_stats.strike_rate IS 'Wins as a percentage of runs';
COMMENT ON COLUMN jockey_stats.place_rate IS 'Places as a percentage of runs';
COMMENT ON COLUMN jockey_stats.runs_with_sp IS 'Runs that have a starting price; profit and actual_expected refer to these';
COMMENT ON COLUMN jockey_stats.profit IS 'Profit of staking one unit on each run at starting price, with the stake divided in a dead heat; NULL without starting prices';
COMMENT ON COLUMN jockey_stats.actual_expected IS 'Actual wins (1/n each in a dead heat of n) divided by the wins expected from starting prices: above 1 is better than the market expects; NULL without starting prices';
COMMENT ON COLUMN jockey_stats.prize_won_gbp IS 'Prize money won in sterling, never added to euro; NULL if none';
COMMENT ON COLUMN jockey_stats.prize_won_eur IS 'Prize money won in euro, never added to sterling; NULL if none';
COMMENT ON COLUMN jockey_stats.first_run IS 'UK day of the first run counted';
COMMENT ON COLUMN jockey_stats.last_run IS 'UK day of the last run counted';
