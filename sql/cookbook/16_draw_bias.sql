-- Is there a draw bias at Chester over five furlongs?
--
-- Stall 1 is on the inside, and Chester turns nearly all the way. Races of eight or more starters, each of
-- which counts where it stood among those that ran. `impact_value` is wins against chance, and 1 inside its
-- interval means that chance explains it. Six races prove nothing, and the view says so: `is_small_sample`.
SELECT CASE WHEN is_handicap THEN 'handicaps' ELSE 'others' END AS kind, draw_third, races, runs, wins,
       chance_wins, impact_value, impact_value_low AS low, impact_value_high AS high, rivals_beaten,
       is_small_sample AS too_few
FROM draw_bias
WHERE course_name = 'Chester' AND distance_f = 5
ORDER BY kind, CASE draw_third WHEN 'low' THEN 1 WHEN 'middle' THEN 2 ELSE 3 END;
