-- How complete is my data, which days are missing, and why?
--
-- One row per period of days with the same status; `then_never_asked` counts the days before the next
-- period that were never requested. `open` means that the day was not over when it was requested,
-- `beyond_plan` that your plan does not reach it.
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
