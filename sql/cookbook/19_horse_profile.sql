-- On what going and over what distance does a horse do best?
--
-- This uses today's runner with the most loaded runs; replace it with the id of your horse. `beaten` is
-- the average distance behind the winner in lengths, over the runs that it finished.
WITH chosen AS (
    SELECT horse_id, race_date
    FROM today_card
    ORDER BY runs_before DESC, horse_id
    LIMIT 1
)
SELECT horse_name AS horse, race_type AS type, going, distance_f AS furlongs,
       count(*) AS runs, count(*) FILTER (WHERE is_winner) AS wins, min(position) AS best_finish,
       CAST(avg(overall_beaten_distance) AS decimal(8, 1)) AS beaten
FROM chosen
JOIN runs ON runs.horse_id = chosen.horse_id AND runs.race_date < chosen.race_date
GROUP BY horse_name, race_type, going, distance_f
ORDER BY type, going, furlongs;
