-- One row a owner: all runs that are loaded.
CREATE VIEW owner_stats AS
SELECT
    owner_id,
    max(owners.name) AS owner_name,
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
LEFT JOIN ra_mst_owners AS owners ON owners.id = owner_id
WHERE owner_id IS NOT NULL
GROUP BY owner_id;

COMMENT ON VIEW owner_stats IS 'One row a owner: all runs that are loaded.';
COMMENT ON COLUMN owner_stats.owner_id IS 'Owner';
COMMENT ON COLUMN owner_stats.owner_name IS 'Name of the owner';
COMMENT ON COLUMN owner_stats.runs IS 'Runs';
COMMENT ON COLUMN owner_stats.wins IS 'Wins; each horse of a dead heat has one';
COMMENT ON COLUMN owner_stats.places IS 'Places by each-way terms (see runs.is_placed)';
COMMENT ON COLUMN owner_stats.strike_rate IS 'Wins in percent of runs';
COMMENT ON COLUMN owner_stats.place_rate IS 'Places in percent of runs';
COMMENT ON COLUMN owner_stats.runs_with_sp IS 'Runs that have a starting price: those that profit and actual_expected are about';
COMMENT ON COLUMN owner_stats.profit IS 'Profit of one unit staked on each run at starting price, a dead heat dividing the stake; NULL without starting prices';
COMMENT ON COLUMN owner_stats.actual_expected IS 'Wins (a dead heat of n as 1/n) over the wins the starting prices expect: above 1 is better than the market; NULL without starting prices';
COMMENT ON COLUMN owner_stats.prize_won_gbp IS 'Prize money won in sterling, never added to euro; NULL without any';
COMMENT ON COLUMN owner_stats.prize_won_eur IS 'Prize money won in euro, never added to sterling; NULL without any';
COMMENT ON COLUMN owner_stats.first_run IS 'UK day of the first run counted';
COMMENT ON COLUMN owner_stats.last_run IS 'UK day of the last run counted';
