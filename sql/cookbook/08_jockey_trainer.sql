-- Which combinations of jockey and trainer show a profit?
--
-- A unit on each of their runners at starting price. Two runs are no partnership, but this world is
-- small: ask for fifty on real data, and read `actual_expected` before the profit, which one outsider
-- can make.
SELECT jockey_name AS jockey, trainer_name AS trainer, runs, wins, strike_rate,
       actual_expected, profit
FROM jockey_trainer
WHERE runs >= 2 AND profit > 0
ORDER BY wins DESC, profit DESC, jockey, trainer
LIMIT 8;
