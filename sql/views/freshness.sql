-- One row per endpoint that is requested by day: how far its data reaches and when it was last requested.
CREATE VIEW freshness AS
SELECT
    endpoint,
    max(loaded_at) FILTER (WHERE loaded_at <= now() + INTERVAL '1 hour') AS last_asked_at,
    min(date) AS first_day,
    max(date) AS last_day,
    max(date) FILTER (WHERE status = 'complete') AS last_complete_day,
    CAST(now() AT TIME ZONE 'Europe/London' AS date)
        - max(date) FILTER (WHERE status = 'complete') AS days_behind,
    count(*) FILTER (WHERE status = 'complete') AS days_complete,
    count(*) FILTER (WHERE status IN ('partial', 'failed')) AS days_incomplete,
    count(*) FILTER (WHERE status = 'open') AS days_open,
    count(*) FILTER (WHERE status = 'beyond_plan') AS days_beyond_plan
FROM ra_coverage
-- Later days, or complete ones that are not over, were recorded while the clock was ahead.
WHERE date <= CAST(now() AT TIME ZONE 'Europe/London' AS date)
    + CASE WHEN status = 'complete' THEN -1 WHEN endpoint = 'racecards' THEN 7 ELSE 0 END
GROUP BY endpoint;

COMMENT ON VIEW freshness IS 'One row per endpoint that is requested by day: how far its data reaches and when it was last requested.';
COMMENT ON COLUMN freshness.endpoint IS 'racecards or results';
COMMENT ON COLUMN freshness.last_asked_at IS 'When a day was last requested';
COMMENT ON COLUMN freshness.first_day IS 'Earliest UK day requested';
COMMENT ON COLUMN freshness.last_day IS 'Latest UK day requested';
COMMENT ON COLUMN freshness.last_complete_day IS 'Latest UK day that is complete';
COMMENT ON COLUMN freshness.days_behind IS 'Days from last_complete_day to the current UK day; in the morning, 1 means that results are up to date';
COMMENT ON COLUMN freshness.days_complete IS 'Days that are complete';
COMMENT ON COLUMN freshness.days_incomplete IS 'Days that are partial or failed';
COMMENT ON COLUMN freshness.days_open IS 'Days that were not over yet when requested';
COMMENT ON COLUMN freshness.days_beyond_plan IS 'Days that the plan does not reach';
