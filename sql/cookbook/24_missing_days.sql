-- How complete is my data, which days are missing, and why?
--
-- One row for each stretch of days in the same state; `then_never_asked` counts the days up to the next
-- stretch that nobody has asked for. `open` is a day that was not over when it was asked for,
-- `beyond_plan` one that your plan does not reach.
WITH stretches AS (
    SELECT *, date - CAST(row_number() OVER (
               PARTITION BY endpoint, status, reason ORDER BY date
           ) AS integer) AS stretch
    FROM ra_coverage
)
SELECT endpoint, status, min(date) AS first_day, max(date) AS last_day, count(*) AS days,
       sum(loaded) AS races,
       lead(min(date)) OVER (PARTITION BY endpoint ORDER BY min(date)) - max(date) - 1
           AS then_never_asked,
       reason
FROM stretches
GROUP BY endpoint, status, reason, stretch
ORDER BY endpoint, first_day;
