-- Which of today's runners have won over this course and distance?
--
-- The letters come from the card and cover the whole career, including races that are not loaded: C won
-- at the course, D over the distance, CD both in the same race, BF was the beaten favourite last time.
-- `is_course_and_distance_winner` uses only loaded races.
SELECT time, course_name AS course, distance_f AS furlongs, horse_name AS horse,
       past_results_flags AS flags, is_course_and_distance_winner AS loaded, form,
       trainer_name AS trainer
FROM today_card
WHERE (position('CD' IN past_results_flags) > 0 OR is_course_and_distance_winner)
  AND NOT is_non_runner
ORDER BY time, course, horse;
