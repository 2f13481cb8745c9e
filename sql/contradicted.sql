-- Days without races whose empty list may be a mistake: the other endpoint contradicts it, or cannot
-- confirm it because it failed. They are requested again; once nothing contradicts them, they are complete.
WITH empty AS (
    SELECT
        endpoint,
        date,
        status,
        reason,
        CASE endpoint
            WHEN 'results' THEN 'no results were sent, although the racecards show racing or have failed'
            ELSE 'no racecards were sent, although the results show racing or have failed'
        END AS doubt,
        (
            endpoint = 'results' AND EXISTS (
                SELECT 1 FROM ra_races
                WHERE ra_races.date = ra_coverage.date AND ra_races.is_abandoned IS NOT true
                  AND EXISTS (SELECT 1 FROM ra_runners WHERE ra_runners.race_id = ra_races.id)
            )
            OR endpoint = 'racecards' AND EXISTS (
                SELECT 1 FROM ra_races WHERE ra_races.date = ra_coverage.date AND ra_races.has_result
            )
            OR EXISTS (
                SELECT 1 FROM ra_coverage AS other
                WHERE other.date = ra_coverage.date AND other.endpoint <> ra_coverage.endpoint
                  AND other.status = 'failed'
            )
        ) AS is_doubted
    FROM ra_coverage
    WHERE status IN ('complete', 'partial') AND coalesce(loaded, 0) = 0
)
SELECT
    endpoint,
    date,
    CASE WHEN is_doubted THEN 'partial' ELSE 'complete' END AS status,
    CASE WHEN is_doubted THEN doubt END AS reason
FROM empty
WHERE status = 'complete' AND is_doubted OR status = 'partial' AND reason = doubt AND NOT is_doubted
