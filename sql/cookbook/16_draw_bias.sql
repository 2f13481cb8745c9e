-- Is there a draw bias at Chester over five furlongs?
--
-- Stall 1 is on the inside, and Chester turns nearly all the way. The horses that ran are divided into
-- thirds in the order of their stalls. Six races prove nothing: on real data look at `runs` first, then
-- at `actual_expected`. If that is the same for all thirds, the prices already reflect the bias.
SELECT draw_third, runs, wins, places, strike_rate, place_rate, actual_expected, profit
FROM draw_bias
WHERE course_name = 'Chester' AND distance_f = 5
ORDER BY CASE draw_third WHEN 'low' THEN 1 WHEN 'middle' THEN 2 ELSE 3 END;
