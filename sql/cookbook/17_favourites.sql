-- What do favourites return, class by class?
--
-- Irish races have no class. Each joint favourite counts, so there can be more favourites than races.
SELECT coalesce(race_class, 'none (Ireland)') AS class,
       sum(runs) AS favourites, sum(wins) AS wins,
       CAST(100.0 * sum(wins) / sum(runs) AS decimal(5, 1)) AS strike_rate,
       sum(profit) AS profit,
       CAST(100.0 * sum(profit) / sum(runs_with_sp) AS decimal(6, 1)) AS profit_percent
FROM favourites
GROUP BY race_class
ORDER BY class;
