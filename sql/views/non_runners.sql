-- One row per horse that was declared and did not run, in races that were run or are still to come.
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
    races.non_runners AS reasons
FROM ra_runners AS runners
JOIN ra_races AS races ON races.id = runners.race_id
LEFT JOIN ra_coverage AS coverage
    ON coverage.endpoint = 'results' AND coverage.date = races.date
WHERE runners.is_scratched
    -- A race was run if it has a result, and may still be run until all results of the day are in.
    AND (
        races.has_result
        OR (races.is_abandoned IS NOT true AND coverage.status IS DISTINCT FROM 'complete')
    );

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
COMMENT ON COLUMN non_runners.reasons IS 'All non-runners of the race with their reasons, as printed in the result';
