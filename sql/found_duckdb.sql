-- Tables and views of the dataset (the parameter), newest first, with the number of comments on each and
-- its columns. DuckDB's pg_description would look at each column of each view: five times as long.
SELECT name, CAST(sum(comments) AS bigint) AS comments
FROM (
    SELECT schema_name, table_name AS name, table_oid AS place, count(comment) AS comments
    FROM duckdb_tables() GROUP BY ALL
    UNION ALL
    SELECT schema_name, view_name, view_oid, count(comment) FROM duckdb_views() GROUP BY ALL
    UNION ALL
    SELECT schema_name, table_name, table_oid, count(comment) FROM duckdb_columns() GROUP BY ALL
    UNION ALL
    SELECT schema_name, index_name, index_oid, 0 FROM duckdb_indexes()
) AS found
WHERE schema_name = %s
GROUP BY name
ORDER BY max(place) DESC
