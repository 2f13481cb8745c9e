-- Run after each load; running it again changes nothing. A row changed here gets the id of the last
-- completed load, if there is one: the first may have been killed. A load of some days puts these in the
-- place of "IS NOT NULL" after each race_date: what follows from a day follows from that day only.

-- Whether a horse ran follows from its card and its result, in whatever order they were loaded. That it is
-- missing from a result proves nothing: results can arrive in parts, or without the last finishers.
-- First: a horse that a result names ran, and one marked on its card did not.
UPDATE ra_runners
SET is_scratched = false, _dlt_load_id = coalesce((SELECT max(load_id) FROM _dlt_loads WHERE status = 0), _dlt_load_id)
WHERE finish_status IS NOT NULL AND race_date IS NOT NULL AND is_scratched IS DISTINCT FROM false;
UPDATE ra_runners
SET is_scratched = true, _dlt_load_id = coalesce((SELECT max(load_id) FROM _dlt_loads WHERE status = 0), _dlt_load_id)
WHERE finish_status IS NULL AND is_non_runner_on_card AND race_date IS NOT NULL
  AND is_scratched IS DISTINCT FROM true;

-- Then the others. Without a result, a horse is still expected to run, unless the race was abandoned;
-- once all results of the day are in, it is unknown. With a result, a horse missing from it did not run if
-- its text of non-runners names it, or if as many ran as the card expected and no position is missing
-- (dead heats share one; a disqualified horse may leave a gap); otherwise it is unknown.
-- Names are compared by letters and digits only, without anything in brackets.
UPDATE ra_runners
SET is_scratched = concluded.is_scratched,
    _dlt_load_id = coalesce((SELECT max(load_id) FROM _dlt_loads WHERE status = 0), ra_runners._dlt_load_id)
FROM (
    SELECT
        runners.race_id,
        runners.horse_id,
        CASE
            WHEN result.starters IS NULL AND races.is_abandoned THEN true
            WHEN result.starters IS NULL THEN CASE WHEN coverage.date IS NULL THEN false END
            WHEN strpos(
                ',' || translate(regexp_replace(
                    regexp_replace(lower(races.non_runners), '[(][^()]*([)]|$)', '', 'g'),
                    '[^a-z0-9,;]', '', 'g'
                ), ';', ',') || ',',
                ',' || regexp_replace(lower(runners.horse_name), '[^a-z0-9]', '', 'g') || ','
            ) > 0 THEN true
            WHEN result.starters = races.field_size AND NOT result.has_gap THEN true
        END AS is_scratched
    FROM ra_runners AS runners
    LEFT JOIN ra_races AS races ON races.id = runners.race_id
    LEFT JOIN ra_coverage AS coverage
        ON coverage.endpoint = 'results' AND coverage.date = runners.race_date
        AND coverage.status = 'complete'
    LEFT JOIN (
        SELECT
            race_id,
            count(*) AS starters,
            coalesce(max(position - place - disqualified) > 0, false) AS has_gap
        FROM (
            SELECT
                race_id,
                position,
                rank() OVER (PARTITION BY race_id ORDER BY position NULLS LAST) AS place,
                count(*) FILTER (WHERE finish_status = 'disqualified')
                    OVER (PARTITION BY race_id) AS disqualified
            FROM ra_runners
            WHERE finish_status IS NOT NULL
              AND race_id IN (
                SELECT race_id FROM ra_runners
                WHERE finish_status IS NULL AND is_non_runner_on_card IS NOT TRUE
                  AND race_date IS NOT NULL
              )
        ) AS placed
        GROUP BY race_id
    ) AS result ON result.race_id = runners.race_id
    WHERE runners.finish_status IS NULL AND runners.is_non_runner_on_card IS NOT TRUE
      AND runners.race_date IS NOT NULL
) AS concluded
WHERE concluded.race_id = ra_runners.race_id
  AND concluded.horse_id = ra_runners.horse_id
  -- The same row, once more: for its index.
  AND ra_runners.finish_status IS NULL AND ra_runners.is_non_runner_on_card IS NOT TRUE
  AND concluded.is_scratched IS DISTINCT FROM ra_runners.is_scratched;
