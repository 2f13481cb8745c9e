-- Which trainers do well at today's courses?
--
-- Trainers with a runner there today: all their runs at that course before today, of every type and
-- distance. (The view `trainer_course` also includes today's runs once they have results.)
WITH yards AS (
    SELECT race_date, course_id, course_name, trainer_id, max(trainer_name) AS trainer,
           count(*) AS runners_today
    FROM today_card
    WHERE NOT is_non_runner
    GROUP BY race_date, course_id, course_name, trainer_id
)
SELECT yards.course_name AS course, trainer, count(*) AS runs,
       count(*) FILTER (WHERE is_winner) AS wins,
       CAST(sum(expected_wins) AS decimal(9, 1)) AS expected_wins,
       CAST(sum(profit) AS decimal(9, 2)) AS profit, runners_today
FROM yards
JOIN runs ON runs.course_id = yards.course_id
         AND runs.trainer_id = yards.trainer_id
         AND runs.race_date < yards.race_date
GROUP BY yards.course_name, yards.trainer_id, trainer, runners_today
HAVING count(*) FILTER (WHERE is_winner) > 0
ORDER BY wins DESC, profit DESC, course, trainer
LIMIT 8;
