-- Is a jockey's allowance worth having?
--
-- Apprentices and conditionals claim 3, 5 or 7 pounds off the weight. It is worth having if `wins`
-- divided by `expected_wins` is higher than for jockeys without a claim.
SELECT jockey_claim_lbs AS allowance,
       count(*) AS runs, count(*) FILTER (WHERE is_winner) AS wins,
       CAST(100.0 * count(*) FILTER (WHERE is_winner) / count(*) AS decimal(5, 1)) AS strike_rate,
       CAST(sum(expected_wins) AS decimal(9, 1)) AS expected_wins,
       CAST(sum(profit) AS decimal(9, 2)) AS profit
FROM runs
WHERE jockey_claim_lbs IS NOT NULL
GROUP BY jockey_claim_lbs
ORDER BY allowance;
