-- One row per UK day requested: what each endpoint delivered and what is loaded.
CREATE VIEW coverage_by_day AS
SELECT
    asked.date,
    asked.racecards_status,
    asked.racecards_total,
    asked.racecards_loaded,
    asked.racecards_reason,
    asked.racecards_loaded_at,
    asked.results_status,
    asked.results_total,
    asked.results_loaded,
    asked.results_reason,
    asked.results_loaded_at,
    coalesce(loaded.races, 0) AS races,
    coalesce(loaded.races_with_result, 0) AS races_with_result,
    coalesce(loaded.races_abandoned, 0) AS races_abandoned
FROM (
    SELECT
        date,
        coalesce(max(CASE WHEN endpoint = 'racecards' THEN status END), 'none')
            AS racecards_status,
        max(CASE WHEN endpoint = 'racecards' THEN total END) AS racecards_total,
        max(CASE WHEN endpoint = 'racecards' THEN loaded END) AS racecards_loaded,
        max(CASE WHEN endpoint = 'racecards' THEN reason END) AS racecards_reason,
        max(CASE WHEN endpoint = 'racecards' THEN loaded_at END) AS racecards_loaded_at,
        coalesce(max(CASE WHEN endpoint = 'results' THEN status END), 'none') AS results_status,
        max(CASE WHEN endpoint = 'results' THEN total END) AS results_total,
        max(CASE WHEN endpoint = 'results' THEN loaded END) AS results_loaded,
        max(CASE WHEN endpoint = 'results' THEN reason END) AS results_reason,
        max(CASE WHEN endpoint = 'results' THEN loaded_at END) AS results_loaded_at
    FROM ra_coverage
    GROUP BY date
) AS asked
LEFT JOIN (
    SELECT
        date,
        count(*) AS races,
        count(*) FILTER (WHERE has_result) AS races_with_result,
        count(*) FILTER (WHERE is_abandoned AND NOT has_result) AS races_abandoned
    FROM ra_races
    GROUP BY date
) AS loaded ON loaded.date = asked.date;

COMMENT ON VIEW coverage_by_day IS 'One row per UK day requested: what each endpoint delivered and what is loaded.';
COMMENT ON COLUMN coverage_by_day.date IS 'UK day';
COMMENT ON COLUMN coverage_by_day.racecards_status IS 'Status of the racecards: complete, open, partial, failed, beyond_plan or not_in_plan; NULL if never requested';
COMMENT ON COLUMN coverage_by_day.racecards_total IS 'Races that exist, according to the API';
COMMENT ON COLUMN coverage_by_day.racecards_loaded IS 'Races of the configured regions that are loaded';
COMMENT ON COLUMN coverage_by_day.racecards_reason IS 'Why the racecards are not complete';
COMMENT ON COLUMN coverage_by_day.racecards_loaded_at IS 'When the racecards were last requested';
COMMENT ON COLUMN coverage_by_day.results_status IS 'Status of the results: complete, open, partial, failed, beyond_plan or not_in_plan; NULL if never requested';
COMMENT ON COLUMN coverage_by_day.results_total IS 'Races that exist, according to the API';
COMMENT ON COLUMN coverage_by_day.results_loaded IS 'Races of the configured regions that are loaded';
COMMENT ON COLUMN coverage_by_day.results_reason IS 'Why the results are not complete';
COMMENT ON COLUMN coverage_by_day.results_loaded_at IS 'When the results were last requested';
COMMENT ON COLUMN coverage_by_day.races IS 'Races on that day in the database';
COMMENT ON COLUMN coverage_by_day.races_with_result IS 'Races on that day with a result';
COMMENT ON COLUMN coverage_by_day.races_abandoned IS 'Races on that day that were abandoned';
