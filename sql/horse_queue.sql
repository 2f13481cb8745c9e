-- Horses whose profile is still to be asked for: least known first, then those seen last.
-- A horse without a profile anywhere is asked for again after a while (the first parameter), and one
-- with the short profile once the plan has come to include the full one (the second).
SELECT horses.id, horses.enrichment_status
FROM ra_mst_horses AS horses
LEFT JOIN (
    SELECT horse_id, max(race_date) AS last_seen FROM ra_runners GROUP BY horse_id
) AS seen ON seen.horse_id = horses.id
WHERE horses.enriched_at IS NULL
   OR (horses.enrichment_status = 'not_found' AND horses.enriched_at < %s)
   OR (horses.enrichment_status = 'standard' AND horses.enriched_at < %s)
ORDER BY
    CASE WHEN horses.enrichment_status = 'pending' THEN 0 ELSE 1 END,
    seen.last_seen DESC,
    horses.id
