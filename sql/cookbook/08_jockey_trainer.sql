-- Which combinations of jockey and trainer show a profit?
--
-- One unit on each of their runners at starting price. Two runs are enough here because the sandbox is
-- small; use fifty on real data, and look at `actual_expected` before the profit, which a single outsider
-- can make.
SELECT jockey_name AS jockey, trainer_name AS trainer, runs, wins, strike_rate,
       actual_expected, profit
FROM jockey_trainer
WHERE runs >= 2 AND profit > 0
ORDER BY wins DESC, profit DESC, jockey, trainer
LIMIT 8;
