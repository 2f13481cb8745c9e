-- Which of today's runners are improving fastest?
--
-- Compares the Racing Post Rating of the last run with the average of those before it (at least two).
-- These ratings arrive days after a race, and some never do; runs without one are left out, and so are runs
-- under the other code or in another country, where ratings are on another scale.
WITH rated AS (
    SELECT card.race_id, card.horse_id, runs.rpr, row_number() OVER (
        PARTITION BY card.race_id, card.horse_id ORDER BY runs.race_date DESC, runs.off_dt DESC
    ) AS runs_ago
    FROM today_card AS card
    JOIN runs ON runs.horse_id = card.horse_id AND runs.race_date < card.race_date
    WHERE runs.code = CASE WHEN card.race_type = 'Flat' THEN 'Flat' ELSE 'Jumps' END
      AND runs.region = card.region
      AND runs.rpr IS NOT NULL AND NOT card.is_non_runner
),
figures AS (
    SELECT race_id, horse_id, count(*) AS rated_runs,
           max(CASE WHEN runs_ago = 1 THEN rpr END) AS last_rpr,
           avg(CASE WHEN runs_ago > 1 THEN rpr END) AS mean_before
    FROM rated
    GROUP BY race_id, horse_id
    HAVING count(*) >= 3
)
SELECT time, course_name AS course, horse_name AS horse, rated_runs, last_rpr,
       CAST(mean_before AS decimal(5, 1)) AS mean_before,
       CAST(last_rpr - mean_before AS decimal(5, 1)) AS improvement
FROM figures
JOIN today_card AS card ON card.race_id = figures.race_id AND card.horse_id = figures.horse_id
WHERE last_rpr > mean_before
ORDER BY improvement DESC, time, course, horse
LIMIT 8;
