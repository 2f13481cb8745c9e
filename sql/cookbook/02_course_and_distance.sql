-- Which of today's runners have won over this course and distance?
--
-- The letters are the card's and cover the whole career, also what is not loaded: C won at the course,
-- D over the distance, CD both in one race, BF was the beaten favourite last time. What the tables
-- themselves know stands in `is_course_and_distance_winner`.
SELECT time, course_name AS course, distance_f AS furlongs, horse_name AS horse,
       past_results_flags AS flags, is_course_and_distance_winner AS loaded, form,
       trainer_name AS trainer
FROM today_card
WHERE (position('CD' IN past_results_flags) > 0 OR is_course_and_distance_winner)
  AND NOT is_non_runner
ORDER BY time, course, horse;
