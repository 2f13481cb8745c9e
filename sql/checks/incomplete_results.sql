-- error: a result lacks a position or a horse, and nothing says that the horse did not run
-- Worked out from cards and results alone, not from is_scratched. A position is missing if a horse has
-- fewer horses ahead of it than its position says: dead heats share one, and a disqualified horse may
-- leave a gap. A horse on the card is accounted for by the result, by the card's mark, by the result's
-- text of non-runners, or if as many ran as the card expected. Results are fetched again for two weeks:
-- older ones are a warning.
SELECT
    races.id AS race_id,
    races.date,
    races.course_name,
    races.field_size AS expected,
    result.starters,
    nullif(greatest(result.gap, 0), 0) AS missing_positions,
    lacking.horses AS missing_horses,
    lacking.names AS missing_names,
    races.date > (
        SELECT max(date) - 14 FROM ra_coverage WHERE endpoint = 'results' AND status = 'complete'
    ) AS is_recent
FROM ra_races AS races
JOIN (
    SELECT race_id, count(*) AS starters, coalesce(max(position - place - disqualified), 0) AS gap
    FROM (
        SELECT
            race_id,
            position,
            rank() OVER (PARTITION BY race_id ORDER BY position NULLS LAST) AS place,
            count(*) FILTER (WHERE finish_status = 'disqualified')
                OVER (PARTITION BY race_id) AS disqualified
        FROM ra_race_results
    ) AS placed
    GROUP BY race_id
) AS result ON result.race_id = races.id
LEFT JOIN (
    SELECT
        runners.race_id,
        count(*) AS horses,
        string_agg(runners.horse_name, ', ' ORDER BY runners.horse_id) AS names
    FROM ra_runners AS runners
    JOIN ra_races AS run ON run.id = runners.race_id AND run.has_result
    LEFT JOIN ra_race_results AS ran
        ON ran.race_id = runners.race_id AND ran.horse_id = runners.horse_id
    WHERE ran.horse_id IS NULL
      AND runners.is_non_runner_on_card IS NOT TRUE
      AND strpos(
        ',' || translate(regexp_replace(
            regexp_replace(lower(coalesce(run.non_runners, '')), '[(][^()]*([)]|$)', '', 'g'),
            '[^a-z0-9,;]', '', 'g'
        ), ';', ',') || ',',
        ',' || regexp_replace(lower(runners.horse_name), '[^a-z0-9]', '', 'g') || ','
      ) = 0
    GROUP BY runners.race_id
) AS lacking ON lacking.race_id = races.id
WHERE result.gap > 0
   OR (lacking.horses > 0 AND result.starters IS DISTINCT FROM races.field_size)
ORDER BY is_recent DESC, races.date DESC
