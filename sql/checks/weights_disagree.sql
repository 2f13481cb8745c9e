-- warning: a runner's weight in pounds differs from that in stones and pounds
SELECT race_id, horse_id, weight, weight_stones_lbs
FROM ra_runners
WHERE weight IS NOT NULL
  AND weight_stones_lbs LIKE '%-%'
  AND translate(weight_stones_lbs, '0123456789-', '') = ''
  AND weight <> 14 * CAST(split_part(weight_stones_lbs, '-', 1) AS integer)
    + CAST(split_part(weight_stones_lbs, '-', 2) AS integer)
