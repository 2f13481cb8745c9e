-- What have the dam's other foals done?
--
-- Brothers and sisters of today's runners out of the same dam, if their runs are loaded.
SELECT card.horse_name AS horse, pedigree.dam, max(runs.horse_name) AS sibling,
       pedigree.sire AS sibling_by, count(*) AS runs,
       count(*) FILTER (WHERE is_winner) AS wins, count(*) FILTER (WHERE is_placed) AS places
FROM today_card AS card
JOIN runs ON runs.dam_id = card.dam_id
         AND runs.horse_id <> card.horse_id
         AND runs.race_date < card.race_date
JOIN ra_horse_pedigree AS pedigree ON pedigree.horse_id = runs.horse_id
WHERE NOT card.is_non_runner
GROUP BY card.race_id, card.horse_id, card.horse_name, runs.horse_id, pedigree.dam, pedigree.sire
ORDER BY wins DESC, places DESC, runs, horse, sibling
LIMIT 8;
