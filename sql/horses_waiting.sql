-- Horses whose profile has not been fetched yet, and whether they lack facts that it has: a date of birth
-- or a pedigree. The others would only gain a colour code.
-- A horse for which the API had no profile is requested again after a while (the first parameter), and one
-- with the short profile once the plan includes the full one (the second).
SELECT
    horses.id,
    horses.dob IS NULL OR pedigree.sire_id IS NULL OR pedigree.dam_id IS NULL AS lacks_facts
FROM ra_mst_horses AS horses
LEFT JOIN ra_horse_pedigree AS pedigree ON pedigree.horse_id = horses.id
WHERE horses.enriched_at IS NULL
   OR (horses.enrichment_status = 'not_found' AND horses.enriched_at < %s)
   OR (horses.enrichment_status = 'standard' AND horses.enriched_at < %s)
