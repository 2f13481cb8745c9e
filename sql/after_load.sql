-- What follows from the rows once they are loaded. Saying it twice changes nothing.

-- A horse without a profile is known from a card (nearly everything) or from results alone.
UPDATE ra_mst_horses SET enrichment_status = 'racecard'
WHERE enrichment_status = 'pending'
  AND (dob IS NOT NULL OR colour IS NOT NULL OR breeder IS NOT NULL);

-- A horse that a result names ran. One that none names did not, once its race has a result or all
-- results of its day are there: withdrawn after the last card, or the race was abandoned or never
-- run. pipelines/sources/known.py says the same of a card that is loaded after its result.
UPDATE ra_runners
SET is_scratched = false, _dlt_load_id = (SELECT max(load_id) FROM _dlt_loads WHERE status = 0)
WHERE is_scratched AND finish_status IS NOT NULL;
UPDATE ra_runners
SET is_scratched = true, _dlt_load_id = (SELECT max(load_id) FROM _dlt_loads WHERE status = 0)
WHERE NOT is_scratched AND finish_status IS NULL
  AND race_id IN (SELECT race_id FROM ra_runners WHERE finish_status IS NOT NULL);
UPDATE ra_runners
SET is_scratched = true, _dlt_load_id = (SELECT max(load_id) FROM _dlt_loads WHERE status = 0)
WHERE NOT is_scratched AND finish_status IS NULL
  AND race_date IN (
    SELECT date FROM ra_coverage WHERE endpoint = 'results' AND status = 'complete'
  );
