-- The figures of every view that counts runs, which has `{measures}` in their place. The comment above each
-- is what it means, for the view's own comments and for docs/views.md. `{actual}` and `{expected}` are the wins
-- and those that the market expects, of the runs for which it does: pipelines/database/views.py.
-- Divisions are rounded twice: one database divides binary fractions, the other decimals, and half is half in both.

-- Loaded runs
count(runs.race_id) AS runs,

-- Wins; each horse in a dead heat counts as one
count(*) FILTER (WHERE is_winner) AS wins,

-- Places by the usual each-way terms (see runs.ew_places)
count(*) FILTER (WHERE is_placed) AS places,

-- Wins as a percentage of runs
CAST(100.0 * count(*) FILTER (WHERE is_winner) / nullif(count(runs.race_id), 0) AS decimal(5, 1)) AS strike_rate,

-- Places as a percentage of runs
CAST(100.0 * count(*) FILTER (WHERE is_placed) / nullif(count(runs.race_id), 0) AS decimal(5, 1)) AS place_rate,

-- Percentage of rivals beaten, on average (see runs.rivals_beaten): 50 is what an average runner does
CAST(CAST(avg(rivals_beaten) AS decimal(20, 8)) AS decimal(5, 1)) AS rivals_beaten,

-- Runs that have a starting price; profit, roi and each-way figures refer to these
count(starting_price_decimal) AS runs_with_sp,

-- Profit of staking one unit on each run at starting price, with the stake divided in a dead heat; NULL without starting prices
CAST(sum(profit) AS decimal(14, 2)) AS profit,

-- That profit as a percentage of the stakes (return on investment)
CAST(CAST(100.0 * sum(profit) / nullif(count(profit), 0) AS decimal(20, 8)) AS decimal(9, 1)) AS roi,

-- Runs that have a Betfair starting price; profit_bsp and roi_bsp refer to these
count(bsp) AS runs_with_bsp,

-- Profit of staking one unit on each run at Betfair starting price, after commission (see runs.profit_bsp)
CAST(sum(profit_bsp) AS decimal(14, 2)) AS profit_bsp,

-- That profit as a percentage of the stakes
CAST(CAST(100.0 * sum(profit_bsp) / nullif(count(profit_bsp), 0) AS decimal(20, 8)) AS decimal(9, 1)) AS roi_bsp,

-- Profit of staking one unit on each run for a place (see runs.profit_place); races that pay only the winner are left out
CAST(sum(profit_place) AS decimal(14, 2)) AS profit_place,

-- That profit as a percentage of the stakes
CAST(CAST(100.0 * sum(profit_place) / nullif(count(profit_place), 0) AS decimal(20, 8)) AS decimal(9, 1)) AS roi_place,

-- Profit of one unit each way on each run, half to win and half for a place (see runs.profit_each_way)
CAST(sum(profit_each_way) AS decimal(14, 2)) AS profit_each_way,

-- That profit as a percentage of the stakes
CAST(CAST(100.0 * sum(profit_each_way) / nullif(count(profit_each_way), 0) AS decimal(20, 8)) AS decimal(9, 1)) AS roi_each_way,

-- Wins that the market expects, without its margin (see runs.expected_wins); the figures after it refer to the runs that have it
CAST(sum(expected_wins) AS decimal(12, 2)) AS expected_wins,

-- Actual wins (1/n each in a dead heat of n) divided by expected_wins: above 1 is better than the market expects
CAST({actual} / {expected} AS decimal(10, 2)) AS actual_expected,

-- Lower end of the 95 % interval of actual_expected, by Byar's approximation: chance alone explains a figure of 1 inside it
CAST(
    {actual} / {expected}
    * power(greatest(1 - 1 / (9 * nullif({actual}, 0)) - 1.959964 / (3 * sqrt(nullif({actual}, 0))), 0), 3)
    AS decimal(10, 2)
) AS actual_expected_low,

-- Upper end of that interval
CAST(
    ({actual} + 1) / {expected} * power(1 - 1 / (9 * ({actual} + 1)) + 1.959964 / (3 * sqrt({actual} + 1)), 3)
    AS decimal(10, 2)
) AS actual_expected_high,

-- Pearson's chi-squared of actual against expected wins and losses (one degree of freedom): above 3.84 only one in twenty by chance
CAST(
    ({actual} - {expected}) * ({actual} - {expected}) * count(expected_wins)
    / nullif({expected} * (count(expected_wins) - {expected}), 0)
    AS decimal(12, 2)
) AS chi_squared,

-- Fewer than five wins expected: too few for actual_expected and chi_squared to mean anything
sum(expected_wins) < 5 AS is_small_sample
