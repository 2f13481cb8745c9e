-- One row per horse that was declared and did not run, in races that were run or are still to come.
--
-- The result names them all in one text, such as `Capone (unsuitable ground), Harb (self certificate, 9:41)`:
-- the reason is what stands in brackets behind the name, which is compared by letters and digits only.
CREATE VIEW non_runners AS
SELECT
    runners.race_id,
    runners.horse_id,
    runners.horse_name,
    runners.race_date,
    races.off_dt,
    races.course_id,
    races.course_name,
    races.region,
    races.race_name,
    races.race_type,
    races.going,
    runners.trainer_id,
    runners.trainer_name,
    runners.owner_id,
    runners.owner_name,
    runners.draw,
    runners.official_rating,
    runners.is_reserve,
    races.has_result,
    CASE
        WHEN lower(races.non_runners) ~ runners.pattern
            THEN nullif(trim(regexp_replace(
                regexp_replace(races.non_runners, runners.pattern, '\2', 'i'),
                '[ ,;]*(at )?[0-9]{1,2}[:.][0-9]{2} *([ap][.]?m[.]?)?', '', 'i'
            ), ' ,;'), '')
    END AS reason,
    CASE
        WHEN lower(races.non_runners) ~ runners.pattern
            AND regexp_replace(lower(races.non_runners), runners.pattern, '\2')
                ~ '^.*[0-9]{1,2}[:.][0-9]{2}.*$'
            THEN regexp_replace(
                regexp_replace(lower(races.non_runners), runners.pattern, '\2'),
                '^(|.*[^0-9])([0-9]{1,2}[:.][0-9]{2} *([ap][.]?m[.]?)?).*$', '\2'
            )
    END AS reason_time,
    seen.seen_at,
    races.non_runners AS reasons
FROM (
    SELECT
        *,
        '^(|.*[,;)])[^a-z0-9(]*'
            || regexp_replace(
                regexp_replace(lower(horse_name), '[^a-z0-9]', '', 'g'), '(.)', '\1[^a-z0-9(),;]*', 'g'
            )
            || '[(]([^()]*)([)].*|)$' AS pattern
    FROM ra_runners
    WHERE is_scratched
) AS runners
JOIN ra_races AS races ON races.id = runners.race_id
LEFT JOIN ra_coverage AS coverage
    ON coverage.endpoint = 'results' AND coverage.date = races.date
LEFT JOIN (
    SELECT race_id, horse_id, max(seen_at) AS seen_at
    FROM ra_runner_changes
    WHERE what = 'non-runner'
    GROUP BY race_id, horse_id
) AS seen ON seen.race_id = runners.race_id AND seen.horse_id = runners.horse_id
-- A race was run if it has a result, and may still be run until all results of the day are in.
WHERE races.has_result
    OR (races.is_abandoned IS NOT true AND coverage.status IS DISTINCT FROM 'complete');

COMMENT ON VIEW non_runners IS 'One row per horse that was declared and did not run, in races that were run or are still to come; abandoned races are left out.';
COMMENT ON COLUMN non_runners.race_id IS 'Race';
COMMENT ON COLUMN non_runners.horse_id IS 'Horse';
COMMENT ON COLUMN non_runners.horse_name IS 'Name of the horse';
COMMENT ON COLUMN non_runners.race_date IS 'UK day of the race';
COMMENT ON COLUMN non_runners.off_dt IS 'Off time with time zone';
COMMENT ON COLUMN non_runners.course_id IS 'Course';
COMMENT ON COLUMN non_runners.course_name IS 'Name of the course';
COMMENT ON COLUMN non_runners.region IS 'Region of the course';
COMMENT ON COLUMN non_runners.race_name IS 'Race title';
COMMENT ON COLUMN non_runners.race_type IS 'Flat, Hurdle, Chase or NH Flat';
COMMENT ON COLUMN non_runners.going IS 'Official going';
COMMENT ON COLUMN non_runners.trainer_id IS 'Trainer';
COMMENT ON COLUMN non_runners.trainer_name IS 'Name of the trainer on the day';
COMMENT ON COLUMN non_runners.owner_id IS 'Owner';
COMMENT ON COLUMN non_runners.owner_name IS 'Name of the owner on the day';
COMMENT ON COLUMN non_runners.draw IS 'Starting stall; flat races only';
COMMENT ON COLUMN non_runners.official_rating IS 'Official rating';
COMMENT ON COLUMN non_runners.is_reserve IS 'Reserve that did not get a run';
COMMENT ON COLUMN non_runners.has_result IS 'Whether the race has been run';
COMMENT ON COLUMN non_runners.reason IS 'Why this horse did not run, as printed in the result; NULL if the result gives none';
COMMENT ON COLUMN non_runners.reason_time IS 'Time printed with the reason, as printed; NULL if there is none, which is the rule';
COMMENT ON COLUMN non_runners.seen_at IS 'The first response in which the card marked the horse as a non-runner (UTC); NULL if the day was not watched until then';
COMMENT ON COLUMN non_runners.reasons IS 'All non-runners of the race with their reasons, as printed in the result';
