-- Days without races that the other endpoint contradicts, or cannot confirm because it failed: the empty
-- list may be a mistake, so the day is requested again.
SELECT
    endpoint,
    date,
    CASE endpoint
        WHEN 'results' THEN 'no results were sent, although the racecards show racing or have failed'
        ELSE 'no racecards were sent, although the results show racing or have failed'
    END AS reason
FROM ra_coverage
WHERE status = 'complete' AND coalesce(loaded, 0) = 0 AND (
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
)
