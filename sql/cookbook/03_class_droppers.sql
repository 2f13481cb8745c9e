-- Which of today's runners drop furthest in class?
--
-- Class 1 is the highest. Irish races have no class and are left out, and so are horses whose last run
-- was in another type of race: a hurdler back on the flat has not dropped in class.
SELECT time, course_name AS course, horse_name AS horse,
       last_race_class AS last_class, race_class AS class,
       coalesce(CAST(last_position AS varchar), last_finish_status) AS last_finish,
       last_course_name AS last_course, days_off
FROM today_card
WHERE race_class > last_race_class
  AND race_type = last_race_type
  AND NOT is_non_runner
ORDER BY CAST(right(race_class, 1) AS integer) - CAST(right(last_race_class, 1) AS integer) DESC,
         time, course, horse
LIMIT 8;
