-- The indexes of a DuckDB file that DuckDB 1 created or reads.
SELECT index_name
FROM duckdb_indexes() AS indexes
JOIN duckdb_databases() AS files ON files.database_oid = indexes.database_oid
WHERE indexes.schema_name = %s
  AND files.tags['storage_version'] LIKE 'v1.%%'
