-- The queue of horses (sql/horses_waiting.sql): first those that lack facts, then the most recently seen.
SELECT waiting.id, waiting.lacks_facts
FROM ({waiting}) AS waiting
LEFT JOIN (
    SELECT horse_id, max(race_date) AS last_seen FROM ra_runners GROUP BY horse_id
) AS seen ON seen.horse_id = waiting.id
ORDER BY
    CASE WHEN waiting.lacks_facts THEN 0 ELSE 1 END,
    seen.last_seen DESC,
    waiting.id
